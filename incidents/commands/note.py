"""A line for the file."""

from dataclasses import dataclass

from incidents.commands.command import Action, Command, Situation, Spec
from incidents.commands.fields import Words
from incidents.conditions import Refused
from incidents.state import Draft, Kind


@dataclass(frozen=True, slots=True)
class Note(Command):
    """A line for the file."""

    text: Words


def decide(situation: Situation, wish: Note) -> list[Draft]:
    """Return the entry of a note."""
    del situation
    if not wish.text.strip():
        raise Refused("Ghi chú còn trống.", "The note is empty.", ["text"])
    return [Draft(Kind.NOTE, {}, {"note": wish.text.strip()})]


def buttons(situation: Situation) -> list[Action]:
    """Return the form that is always there."""
    del situation
    return [Action("note", "Ghi chú", "Note", needs=("text",), act="note", group="file")]


NOTE = Spec("note", Note, "note", decide, buttons, any_stage=True)
