"""A pointer to a document: its number and who keeps it, never what it says."""

from dataclasses import dataclass

from incidents.commands.command import Action, Ask, Command, Situation, Spec
from incidents.commands.fields import Line, Name
from incidents.pointers import DOCUMENT, document_refused
from incidents.state import Draft, Kind


@dataclass(frozen=True, slots=True)
class Point(Command):
    """The number of a document and its custodian."""

    document: Line
    custodian: Name


def decide(situation: Situation, wish: Point) -> list[Draft]:
    """Return the entry of a pointer."""
    del situation
    document = wish.document.strip()
    if DOCUMENT.fullmatch(document) is None:
        raise document_refused()
    return [Draft(Kind.POINTER, {}, {"document": document, "custodian": wish.custodian})]


def buttons(situation: Situation) -> list[Action]:
    """Return the form of a pointer."""
    del situation
    asks = (Ask("document", "line"), Ask("custodian", "line"))
    return [
        Action(
            "point", "Ghi số văn bản", "Point to a document", act="note", group="file", asks=asks
        )
    ]


POINT = Spec("point", Point, "note", decide, buttons, any_stage=True)
