"""Evidence taken in, handed on, and waived: each an entry with who, when and where."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from incidents.commands.command import (
    Action,
    Ask,
    Command,
    Option,
    Situation,
    Spec,
    options,
)
from incidents.commands.fields import Code, Line, Words
from incidents.conditions import Refused
from incidents.evidence import missing_evidence
from incidents.piece import Piece
from incidents.state import Draft, Kind

EntryNumber = Annotated[int, Field(ge=1, le=1 << 31)]
Event = Literal["handed_over", "opened", "returned", "destroyed"]
EVENTS = (
    Option("handed_over", "Bàn giao", "Handed over"),
    Option("opened", "Mở niêm phong", "Opened"),
    Option("returned", "Trả lại", "Returned"),
    Option("destroyed", "Tiêu hủy", "Destroyed"),
)


@dataclass(frozen=True, slots=True)
class TakeIn(Command):
    """A file that lies in the store of evidence already; only the door gives this command."""

    kind: Code
    sha256: str
    size: int
    media_type: str
    file_type: str
    name: Line
    holder: Line = ""
    place: Line = ""
    note: Words = ""


@dataclass(frozen=True, slots=True)
class Custody(Command):
    """What happened to a piece of evidence: who holds it now, and where."""

    evidence: EntryNumber
    event: Event
    holder: Line
    place: Line = ""
    note: Words = ""


@dataclass(frozen=True, slots=True)
class Waive(Command):
    """A kind of evidence that there will not be, and why."""

    kind: Code
    reason: Words


def take_in(situation: Situation, wish: TakeIn) -> list[Draft]:
    """Return the entry of a new piece, with custody where the severity asks for it."""
    incident, rules = situation.incident, situation.procedure.file.evidence
    kind = _kind(situation, wish.kind)
    same = [p.seq for p in incident.evidence.values() if p.sha256 == wish.sha256]
    if same:
        raise Refused(
            f"Tệp này đã có trong hồ sơ, mục {same[0]}.",
            f"The same file is in already, entry {same[0]}.",
            ["file"],
        )
    allowed = rules.kinds[kind].types
    if wish.file_type not in allowed and (allowed or wish.file_type == "raw"):
        listed = ", ".join(allowed) or "text, image, pdf, document, archive, capture, events"
        raise Refused(
            f"Loại chứng cứ này nhận tệp: {listed}; tệp đã gửi là {wish.file_type}.",
            f"This kind takes: {listed}; the file is {wish.file_type} by its content.",
            ["file"],
        )
    if incident.severity in rules.custody and not (wish.holder.strip() and wish.place.strip()):
        raise Refused(
            f"Sự cố {incident.severity} cần ghi người giữ và nơi giữ chứng cứ.",
            f"{incident.severity} needs who holds the evidence and where.",
            ["holder", "place"],
        )
    data = {
        "kind": kind,
        "sha256": wish.sha256,
        "bytes": wish.size,
        "media_type": wish.media_type,
    }
    return [Draft(Kind.EVIDENCE, data, _texts(wish, "name", "holder", "place", "note"))]


def hand_on(situation: Situation, wish: Custody) -> list[Draft]:
    """Return the entry of a custody event."""
    piece = piece_of(situation, wish.evidence)
    if piece.holding != "held":
        raise Refused(
            f"Chứng cứ ở mục {piece.seq} không còn được giữ ở đây.",
            f"The evidence of entry {piece.seq} is not held any more ({piece.holding}).",
            ["evidence"],
        )
    if not wish.holder.strip():
        raise Refused("Cần ghi người giữ.", "Who holds it is needed.", ["holder"])
    data = {"evidence": piece.seq, "sha256": piece.sha256, "event": wish.event}
    return [Draft(Kind.CUSTODY, data, _texts(wish, "holder", "place", "note"))]


def waive(situation: Situation, wish: Waive) -> list[Draft]:
    """Return the entry of a kind that there will not be."""
    kind = _kind(situation, wish.kind)
    if not wish.reason.strip():
        raise Refused("Cần ghi lý do.", "A reason is needed.", ["reason"])
    if kind in situation.incident.waived:
        raise Refused("Đã bỏ qua loại này.", "This kind is waived already.", ["kind"])
    return [Draft(Kind.EVIDENCE_WAIVED, {"kind": kind}, _texts(wish, "reason"))]


def waive_buttons(situation: Situation) -> list[Action]:
    """Return the form while something is missing."""
    missing = missing_evidence(situation.incident, situation.procedure)
    if situation.incident.ended or not missing:
        return []
    wanted = {kind for required in missing for kind in required.kinds}
    kinds = {c: k for c, k in situation.procedure.file.evidence.kinds.items() if c in wanted}
    asks = (Ask("kind", "choice", options=options(kinds)), Ask("reason"))
    return [
        Action("waive", "Bỏ qua chứng cứ", "Waive evidence", act="waive", group="file", asks=asks)
    ]


def custody_buttons(situation: Situation) -> list[Action]:
    """Return the form while a piece of evidence is held."""
    kinds = situation.procedure.file.evidence.kinds
    held = [piece for piece in situation.incident.evidence.values() if piece.holding == "held"]
    pieces = tuple(
        Option(str(piece.seq), f"Mục {piece.seq}: {kind.vi}", f"Entry {piece.seq}: {kind.en}")
        for piece in held
        if (kind := kinds.get(piece.kind)) is not None and not kind.attached
    )
    if not pieces:
        return []
    asks = (
        Ask("evidence", "choice", options=pieces),
        Ask("event", "choice", options=EVENTS),
        Ask("holder", "line"),
        Ask("place", "line", required=False),
        Ask("note", required=False),
    )
    label_vi, label_en = "Chuyển giao chứng cứ", "Hand evidence on"
    return [Action("custody", label_vi, label_en, act="custody", group="file", asks=asks)]


def piece_of(situation: Situation, number: int) -> Piece:
    """Return the piece that an entry took in.

    Raises:
        Refused: That entry took none in.
    """
    piece = situation.incident.evidence.get(number)
    if piece is None:
        raise Refused(
            f"Mục {number} không phải chứng cứ.", f"Entry {number} is no evidence.", ["evidence"]
        )
    return piece


def _kind(situation: Situation, code: str) -> str:
    kinds = situation.procedure.file.evidence.kinds
    if code in kinds and not kinds[code].attached:
        return code
    listed = ", ".join(f"{c} ({k.vi})" for c, k in kinds.items() if not k.attached)
    raise Refused(
        f"Loại chứng cứ là: {listed or 'quy trình này không khai báo loại nào'}.",
        f"Kinds of evidence: {listed or 'this procedure declares none'}.",
        ["kind"],
    )


def _texts(wish: Command, *names: str) -> dict[str, str]:
    return {name: text for name in names if (text := getattr(wish, name).strip())}


TAKE_IN = Spec("evidence", TakeIn, "evidence", take_in, any_stage=True)
CUSTODY = Spec("custody", Custody, "custody", hand_on, custody_buttons, any_stage=True)
WAIVE = Spec("waive", Waive, "waive", waive, waive_buttons, any_stage=True)
