"""A Cisco codec with its xAPI, and an Expressway with its pages."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.devices.server import BASIC, Came, Device, Said

CHANNEL = """
  <Channel item="{item}"><Type>{kind}</Type><Direction>{direction}</Direction>
   <Encryption>Aes-128</Encryption>{more}
   <Netstat><Bytes>{octets}</Bytes><ChannelRate>1920000</ChannelRate><Jitter>{jitter}</Jitter>
    {interval}<Loss>{lost}</Loss><MaxJitter>30</MaxJitter><Packets>{packets}</Packets></Netstat>
  </Channel>"""


@dataclass
class Media:
    """One channel of a call."""

    kind: str = "Video"
    direction: str = "Incoming"
    role: str = "Main"
    lost: int = 0
    packets: int = 1_000
    octets: int = 1_000_000
    jitter: int = 4
    height: int = 1080
    interval: tuple[int, int] | None = (0, 250)

    def xml(self, item: int) -> str:
        """Return the channel as the codec writes it."""
        interval = ""
        if self.interval is not None:
            lost, received = self.interval
            interval = (
                f"<LastIntervalLost>{lost}</LastIntervalLost>"
                f"<LastIntervalReceived>{received}</LastIntervalReceived>"
            )
        more = "<Audio><Protocol>AACLD</Protocol></Audio>"
        if self.kind == "Video":
            more = (
                f"<Video><ChannelRole>{self.role}</ChannelRole><FrameRate>30</FrameRate>"
                f"<Protocol>H264</Protocol><ResolutionX>1920</ResolutionX>"
                f"<ResolutionY>{self.height}</ResolutionY></Video>"
            )
        return CHANNEL.format(
            item=item, kind=self.kind, direction=self.direction, more=more, octets=self.octets,
            jitter=self.jitter, interval=interval, lost=self.lost, packets=self.packets,
        )  # fmt: skip


@dataclass
class CiscoCodec(Device):
    """A Room Kit; a test changes its fields between two polls."""

    media: list[Media] = field(default_factory=list)
    in_call: bool = False
    camera: bool = True
    standby: str = "Off"
    sip: str = "Registered"
    gatekeeper: str = "Inactive"
    levels: tuple[str, ...] = ("Warning",)
    history: str | None = None
    status: int = 200
    instead: str | None = None

    def __post_init__(self) -> None:
        """Begin with nothing asked."""
        super().__init__()

    def answer(self, came: Came) -> Said:
        """Give the status to a user who may, and the history to one who may more."""
        if came.headers.get("authorization") != BASIC:
            return Said("", 401, {"WWW-Authenticate": 'Basic realm="TANDBERG"'})
        if self.instead is not None or self.status != 200:
            return Said(self.instead or "", self.status)
        if came.method == "POST" and came.path == "/putxml":
            return Said(self.history) if self.history else Said("", 403)
        if came.path != "/getxml?location=/Status":
            return Said("", 404)
        return Said(self.xml(), headers={"Content-Type": "text/xml"})

    def xml(self) -> str:
        """Return the status tree."""
        channels = "".join(one.xml(number) for number, one in enumerate(self.media, 1))
        call = (
            '<Call item="27"><AnswerState>Answered</AnswerState><CallType>Video</CallType>'
            "<DisplayName>Điểm cầu\n xã A</DisplayName><Duration>61</Duration>"
            "<Encryption><Type>Aes-128</Type></Encryption><Protocol>Sip</Protocol>"
            "<RemoteNumber>xa-a@hop.vn</RemoteNumber><Status>Connected</Status></Call>"
            f'<MediaChannels><Call item="27">{channels}</Call></MediaChannels>'
        )
        messages = "".join(
            f'<Message item="{n}"><Level>{level}</Level><Type>T{n}</Type></Message>'
            for n, level in enumerate(self.levels, 1)
        )
        return f"""<?xml version="1.0"?>
<XmlDoc resultId=""><Status product="Cisco Codec" version="ce9.15.0">
 <Audio><Microphones><Mute>On</Mute></Microphones></Audio>
 {call if self.in_call else ""}
 <Cameras><Camera item="1"><Connected>{self.camera}</Connected></Camera>
  <Camera item="2"><Connected>False</Connected></Camera></Cameras>
 <Diagnostics>{messages}</Diagnostics>
 <H323><Gatekeeper><Status>{self.gatekeeper}</Status></Gatekeeper></H323>
 <Peripherals><ConnectedDevice item="1001"><Name>Cisco Touch 10</Name><Type>TouchPanel</Type>
  <Status>ResponseTimedOut</Status></ConnectedDevice></Peripherals>
 <SIP><Registration item="1"><Status>{self.sip}</Status></Registration></SIP>
 <Standby><State>{self.standby}</State></Standby>
 <SystemUnit><ProductId>Cisco Webex Room Kit</ProductId><Uptime>8640</Uptime>
  <Software><Version>ce9.15.0</Version></Software>
  <Hardware><Module><SerialNumber>FOC1234</SerialNumber></Module></Hardware></SystemUnit>
 <Video><Input><MainVideoMute>Off</MainVideoMute></Input>
  <Output><Connector item="1"><Connected>True</Connected></Connector></Output></Video>
</Status></XmlDoc>"""


def history(call: str, percent: str) -> str:
    """Return a call history with one entry."""
    return (
        '<Command><CallHistoryGetResult status="OK"><Entry item="0">'
        f"<CallId>{call}</CallId><Audio><Incoming><PacketLossPercent>0.0</PacketLossPercent>"
        f"</Incoming></Audio><Video><Incoming><PacketLossPercent>{percent}</PacketLossPercent>"
        "</Incoming><Outgoing/></Video></Entry></CallHistoryGetResult></Command>"
    )


PAGES = {
    "SystemUnit": "<SystemUnit><Product>TANDBERG VCS</Product><Uptime>86400</Uptime><Software>"
    "<Version>X14.0.3</Version></Software><Hardware><SerialNumber>52A0</SerialNumber></Hardware>"
    "</SystemUnit>",
    "ResourceUsage": "<ResourceUsage><Calls><Traversal><Current>2</Current><Total>90</Total>"
    "</Traversal><NonTraversal><Current>7</Current></NonTraversal></Calls></ResourceUsage>",
    "Zones": '<Zones><Zone item="1"><Name>Tỉnh</Name><Status>Active</Status></Zone>'
    '<Zone item="2"><Name>DMZ</Name><Status>Failed</Status></Zone></Zones>',
    "Warnings": '<Warnings><Warning item="1"><State>Raised</State></Warning>'
    '<Warning item="2"><State>Acknowledged</State></Warning></Warnings>',
}


class Expressway(Device):
    """A call control; `without` names pages that its version does not have."""

    def __init__(self, without: tuple[str, ...] = ()) -> None:
        super().__init__()
        self.without = without

    def answer(self, came: Came) -> Said:
        """Give a page to a user who may."""
        if came.headers.get("authorization") != BASIC:
            return Said("", 401)
        name = came.path.removeprefix("/getxml?location=/Status/")
        if name not in PAGES or name in self.without:
            return Said("", 404)
        return Said(f"<XmlDoc><Status>{PAGES[name]}</Status></XmlDoc>")
