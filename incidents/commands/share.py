"""Chosen fields of an incident go to a partner office, and its receipt comes back."""

from dataclasses import dataclass

from incidents.commands.command import Action, Ask, Command, Option, Situation, Spec
from incidents.commands.fields import At, Codes, Line, Name, Number, Words
from incidents.conditions import Refused, need_reason, reason_texts
from incidents.shared import FIELDS, content, digest
from incidents.state import Draft, Kind
from incidents.timeline import microseconds

NOT_SHARED = "RED"  # FIRST TLP 2.0: for the named recipients only, never passed on


@dataclass(frozen=True, slots=True)
class Share(Command):
    """Which fields are given to whom, and why; the bytes that are given stay fetchable."""

    fields: Codes
    partner: Name
    reason: Words


@dataclass(frozen=True, slots=True)
class Received(Command):
    """The partner office has it: when, and who said so."""

    share: Number
    who: Name
    at: At | None = None
    document: Line = ""


def decide_share(situation: Situation, wish: Share) -> list[Draft]:
    """Return the entry of what is given, with the digest of its bytes."""
    incident = situation.incident
    need_reason(wish.reason)
    if not wish.fields or not set(wish.fields) <= FIELDS.keys():
        listed = ", ".join(FIELDS)
        raise Refused(
            f"Chọn nội dung chia sẻ trong: {listed}.",
            f"Choose what is shared from: {listed}.",
            ["fields"],
        )
    if incident.work.tlp == NOT_SHARED:
        raise Refused(
            "TLP ĐỎ: chỉ người được báo, không chuyển cho đơn vị khác.",
            "TLP:RED is for the named recipients only and is not passed on.",
            ["tlp"],
        )
    fields = [name for name in FIELDS if name in wish.fields]
    data = {
        "share": len(incident.work.shares) + 1,
        "fields": fields,
        "sha256": digest(content(incident, fields)),
    }
    return [Draft(Kind.SHARED, data, {"partner": wish.partner} | reason_texts(wish.reason))]


def decide_received(situation: Situation, wish: Received) -> list[Draft]:
    """Return the entry of a receipt; it lies between the sharing and now."""
    share = next((s for s in situation.incident.work.shares if s.number == wish.share), None)
    if share is None or share.received_at is not None:
        raise Refused(
            f"Không có lần chia sẻ số {wish.share} đang chờ xác nhận.",
            f"No sharing {wish.share} waits for its receipt.",
            ["share"],
        )
    at = wish.at or situation.now
    if not share.at <= at <= situation.now:
        raise Refused(
            "Thời điểm nhận phải từ lúc chia sẻ đến bây giờ.",
            "The receipt lies between the sharing and now.",
            ["at"],
        )
    texts = {"who": wish.who}
    if wish.document.strip():
        texts["document"] = wish.document.strip()
    return [Draft(Kind.SHARE_RECEIVED, {"share": share.number, "at": microseconds(at)}, texts)]


def share_buttons(situation: Situation) -> list[Action]:
    """Return the form of a sharing."""
    del situation
    choices = tuple(Option(code, vi, en) for code, (vi, en, _) in FIELDS.items())
    asks = (
        Ask("fields", "choices", options=choices),
        Ask("partner", "line"),
        Ask("reason"),
    )
    return [
        Action(
            "share",
            "Chia sẻ với đơn vị khác",
            "Share with another office",
            act="share",
            group="file",
            asks=asks,
        )
    ]


def received_buttons(situation: Situation) -> list[Action]:
    """Return the form of a receipt, while one is missing."""
    waiting = [s for s in situation.incident.work.shares if s.received_at is None]
    if not waiting:
        return []
    choices = tuple(Option(str(s.number), f"Lần {s.number}", f"No. {s.number}") for s in waiting)
    asks = (
        Ask("share", "choice", options=choices),
        Ask("who", "line"),
        Ask("at", "instant", required=False),
        Ask("document", "line", required=False),
    )
    return [
        Action(
            "received",
            "Ghi đơn vị kia đã nhận",
            "Receipt of the other office",
            act="share",
            group="file",
            asks=asks,
        )
    ]


SHARE = Spec("share", Share, "share", decide_share, share_buttons, lists=frozenset({"fields"}))
RECEIVED = Spec("received", Received, "share", decide_received, received_buttons)
