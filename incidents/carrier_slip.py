"""The text that is read to a carrier about a fault of its line; what is not known says so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

from incidents.vietnamese import local_time, number

if TYPE_CHECKING:
    from datetime import datetime, timedelta

Language = Literal["vi", "en"]
MOST_FAULTS = 3
# Each line of the slip, Vietnamese and English.
_WORDS: dict[str, tuple[str, str]] = {
    "title": ("PHIẾU BÁO NHÀ MẠNG", "REPORT TO THE CARRIER"),
    "incident": ("Mã sự cố", "Incident"),
    "line": ("Đường truyền", "Line"),
    "carrier": ("Nhà mạng", "Carrier"),
    "circuit": ("Số kênh", "Circuit number"),
    "since": ("Gián đoạn từ", "Down since"),
    "to_centre": ("Mất gói chiều đi (đơn vị → trung tâm)", "Loss towards the centre"),
    "from_centre": ("Mất gói chiều về (trung tâm → đơn vị)", "Loss from the centre"),
    "both_ways": ("Mất gói cả hai chiều", "Loss there and back"),
    "near": ("Đầu đơn vị", "At the unit"),
    "far": ("Đầu trung tâm", "At the centre"),
    "power": ("nguồn điện", "power"),
    "port": ("cổng đấu nối", "interface"),
    "faults": ("Các lần gián đoạn gần nhất", "Last faults"),
    "no_faults": ("không có trong hồ sơ", "none on record"),
    "unknown": ("chưa rõ", "not known"),
    "not_now": ("chưa rõ hiện nay; lần đo cuối {at}: {value}", "not known now; {value} at {at}"),
    "measured": ("{value} (đo lúc {at})", "{value} (measured at {at})"),
    "mains": ("điện lưới", "mains"),
    "battery": ("mất điện lưới, đang chạy ắc quy", "no mains, on battery"),
    "port_up": ("{name}: có tín hiệu", "{name}: up"),
    "port_down": ("{name}: mất tín hiệu", "{name}: down"),
    "still": ("chưa khôi phục", "not over yet"),
    "for": ("đã {span}", "for {span}"),
    "ask": (
        "Đề nghị nhà mạng xác nhận tiếp nhận, cho số phiếu và giờ hẹn khôi phục.",
        "Please confirm, and give a ticket number and when the line will be back.",
    ),
}
_SPANS = (("ngày", "d", 86_400), ("giờ", "h", 3_600), ("phút", "min", 60))


class Measured(NamedTuple):
    """A value of a device: what it says, when it was measured, and whether that is long ago."""

    value: float
    at: datetime
    is_old: bool


class PortState(NamedTuple):
    """The port that a circuit is connected to: 1 is up, 0 down."""

    name: str
    up: Measured


class Fault(NamedTuple):
    """An earlier fault; without an end it is not over."""

    began_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class End:
    """What is known at one end of the line; None: nobody says.

    Attributes:
        on_battery: 1 while a supply there runs on its battery.
    """

    name: str = ""
    on_battery: Measured | None = None
    port: PortState | None = None


@dataclass(frozen=True, slots=True)
class LineFacts:
    """Everything that a carrier asks about.

    Attributes:
        to_centre, from_centre: Ratios from 0 to 1, each way by itself; `both_ways`: there and back.
        faults: The last ones before this, the newest first.
    """

    incident: str
    label_vi: str
    label_en: str
    carrier: str
    circuit: str
    since: datetime
    to_centre: Measured | None = None
    from_centre: Measured | None = None
    both_ways: Measured | None = None
    near: End = End()
    far: End = End()
    faults: tuple[Fault, ...] = ()


def slip(facts: LineFacts, now: datetime, language: Language = "vi") -> str:
    """Return the text of a slip, a fact a line."""
    words = _Words(language)
    said = words.say
    label = facts.label_vi if language == "vi" else facts.label_en
    lasted = said("for", span=words.span(now - facts.since))
    lines = [
        said("title"),
        words.line("incident", facts.incident),
        words.line("line", label),
        words.line("carrier", facts.carrier),
        words.line("circuit", facts.circuit),
        words.line("since", f"{local_time(facts.since)} ({lasted})"),
        words.line("to_centre", words.ratio(facts.to_centre)),
        words.line("from_centre", words.ratio(facts.from_centre)),
    ]
    if facts.to_centre is None and facts.from_centre is None:
        lines.append(words.line("both_ways", words.ratio(facts.both_ways)))
    for name, end in (("near", facts.near), ("far", facts.far)):
        place = f"{said(name)} ({end.name})" if end.name else said(name)
        lines.append(f"{place}, {said('power')}: {words.power(end.on_battery)}")
        lines.append(f"{place}, {said('port')}: {words.port(end.port)}")
    lines += words.faults(facts.faults[:MOST_FAULTS])
    return "\n".join((*lines, said("ask"))) + "\n"


class _Words:
    def __init__(self, language: Language) -> None:
        self._place = 0 if language == "vi" else 1

    def say(self, key: str, **values: str) -> str:
        text = _WORDS[key][self._place]
        return text.format(**values) if values else text

    def line(self, key: str, value: str) -> str:
        return f"{self.say(key)}: {value or self.say('unknown')}"

    def ratio(self, value: Measured | None) -> str:
        return self._measured(value, "" if value is None else self._percent(value.value))

    def power(self, value: Measured | None) -> str:
        on_battery = value is not None and value.value >= 1
        return self._measured(value, self.say("battery" if on_battery else "mains"))

    def port(self, value: PortState | None) -> str:
        if value is None:
            return self.say("unknown")
        key = "port_up" if value.up.value >= 1 else "port_down"
        return self._measured(value.up, self.say(key, name=value.name))

    def faults(self, faults: tuple[Fault, ...]) -> list[str]:
        if not faults:
            return [self.line("faults", self.say("no_faults"))]
        return [f"{self.say('faults')}:", *(f"- {self._fault(one)}" for one in faults)]

    def span(self, length: timedelta) -> str:
        """Return a length in its two largest units; a minute at the least."""
        rest, found = max(60, int(length.total_seconds())), list[str]()
        for unit_vi, unit_en, seconds in _SPANS:
            count, rest = divmod(rest, seconds)
            if count:
                found.append(f"{count} {(unit_vi, unit_en)[self._place]}")
        return " ".join(found[:2])

    def _fault(self, one: Fault) -> str:
        if one.ended_at is None:
            return f"{local_time(one.began_at)} – {self.say('still')}"
        span = self.span(one.ended_at - one.began_at)
        return f"{local_time(one.began_at)} – {local_time(one.ended_at)} ({span})"

    def _percent(self, ratio: float) -> str:
        percent = 100 * ratio
        return f"{number(percent, 1) if self._place == 0 else f'{percent:.1f}'} %"

    def _measured(self, value: Measured | None, said: str) -> str:
        if value is None:
            return self.say("unknown")
        key = "not_now" if value.is_old else "measured"
        return self.say(key, value=said, at=local_time(value.at))
