"""The carrier was told of a fault; what it promises; that its line is back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from pydantic import Field

from incidents.commands.command import Action, Ask, Command, Option, Situation, Spec
from incidents.commands.fields import At, Number
from incidents.conditions import Refused
from incidents.procedure import Procedure
from incidents.state import Draft, Kind
from incidents.timeline import microseconds
from incidents.vietnamese import local_time

# What a carrier calls itself, its line and its ticket: no place for sentences.
Short = Annotated[str, Field(max_length=80, pattern=r"^[\w .,:/#()&+-]*$")]


@dataclass(frozen=True, slots=True)
class CarrierTold(Command):
    """A fault was reported to a carrier; ticket and promise may follow."""

    carrier: Short
    circuit: Short = ""
    ticket: Short = ""
    promised: At | None = None
    at: At | None = None


@dataclass(frozen=True, slots=True)
class CarrierPromised(Command):
    """The carrier gave a ticket, or said by when its line is back."""

    report: Number
    promised: At | None = None
    ticket: Short = ""


@dataclass(frozen=True, slots=True)
class CarrierBack(Command):
    """The line of a report is back; without an instant, just now."""

    report: Number
    at: At | None = None


def decide_told(situation: Situation, wish: CarrierTold) -> list[Draft]:
    """Return the entry of a report; it gets the next number of the incident."""
    refuse_inside(situation.incident.nature, situation.procedure)
    if not wish.carrier.strip():
        raise Refused("Cần ghi tên nhà mạng.", "Say which carrier.", ["carrier"])
    at = _past(situation, wish.at)
    _to_come(wish.promised, at)
    data = {
        "report": len(situation.incident.work.carrier) + 1,
        "carrier": wish.carrier.strip(),
        "circuit": wish.circuit.strip(),
        "ticket": wish.ticket.strip(),
        "at": microseconds(at),
        "promised_at": None if wish.promised is None else microseconds(wish.promised),
    }
    return [Draft(Kind.CARRIER_TOLD, data)]


def decide_promised(situation: Situation, wish: CarrierPromised) -> list[Draft]:
    """Return the entry of a ticket or promise."""
    report = _open(situation, wish.report)
    if wish.promised is None and not wish.ticket.strip():
        raise Refused(
            "Cần số phiếu hoặc giờ hẹn của nhà mạng.",
            "Give the carrier's ticket or promise.",
            ["ticket", "promised"],
        )
    _to_come(wish.promised, situation.now)
    data = {
        "report": report,
        "ticket": wish.ticket.strip(),
        "promised_at": None if wish.promised is None else microseconds(wish.promised),
    }
    return [Draft(Kind.CARRIER_PROMISED, data)]


def decide_back(situation: Situation, wish: CarrierBack) -> list[Draft]:
    """Return the entry that says since when the line is back."""
    report = _open(situation, wish.report)
    at = _past(situation, wish.at)
    return [Draft(Kind.CARRIER_BACK, {"report": report, "at": microseconds(at)})]


def refuse_inside(nature: str, procedure: Procedure) -> None:
    """Refuse what would leave the desk of an incident of which nothing may.

    Raises:
        Refused: Nothing of this nature is told outside.
    """
    if nature in procedure.natures_inside:
        raise Refused(
            "Không báo ra ngoài về sự cố có tính chất này.",
            "Nothing of an incident of this nature is told outside.",
            ["nature"],
        )


def _past(situation: Situation, given: datetime | None) -> datetime:
    at = given or situation.now
    if not situation.incident.started_at <= at <= situation.now:
        since = local_time(situation.incident.started_at)
        raise Refused(
            f"Thời điểm phải từ lúc bắt đầu sự cố ({since}) đến bây giờ.",
            f"The instant must lie between the beginning ({since}) and now.",
            ["at"],
        )
    return at


def _to_come(promised: datetime | None, after: datetime) -> None:
    if promised is not None and promised <= after:
        raise Refused("Giờ hẹn phải ở tương lai.", "The promise must be to come.", ["promised"])


def _open(situation: Situation, number: int) -> int:
    """Return the number of a report whose line is not back."""
    left = [one.number for one in situation.incident.work.carrier if one.restored_at is None]
    if number not in left:
        listed = ", ".join(map(str, left)) or "–"
        raise Refused(
            f"Không có phiếu báo nhà mạng số {number} chưa xong; còn: {listed}.",
            f"No open report {number} to a carrier; open: {listed}.",
            ["report"],
        )
    return number


def _choice(situation: Situation) -> Ask | None:
    left = [one for one in situation.incident.work.carrier if one.restored_at is None]
    if not left:
        return None
    options = tuple(
        Option(str(one.number), *[f"{one.number}. {one.carrier} {one.ticket or one.circuit}"] * 2)
        for one in left
    )
    return Ask("report", "choice", options=options)


def promise_buttons(situation: Situation) -> list[Action]:
    """Return the form of ticket and promise, while a report is open."""
    if (report := _choice(situation)) is None:
        return []
    asks = (
        report,
        Ask("ticket", "line", required=False),
        Ask("promised", "instant", required=False),
    )
    return [
        Action(
            "carrier_promise",
            "Ghi số phiếu, giờ hẹn của nhà mạng",
            "Ticket and promise of the carrier",
            act="task",
            group="respond",
            asks=asks,
        )
    ]


def back_buttons(situation: Situation) -> list[Action]:
    """Return the form that says that the line is back, while a report is open."""
    if (report := _choice(situation)) is None:
        return []
    asks = (report, Ask("at", "instant", required=False))
    return [
        Action(
            "carrier_back",
            "Nhà mạng đã khôi phục",
            "The carrier's line is back",
            act="task",
            group="respond",
            asks=asks,
        )
    ]


CARRIER_TOLD = Spec("carrier_told", CarrierTold, "task", decide_told)
CARRIER_PROMISE = Spec("carrier_promise", CarrierPromised, "task", decide_promised, promise_buttons)
CARRIER_BACK = Spec("carrier_back", CarrierBack, "task", decide_back, back_buttons)
