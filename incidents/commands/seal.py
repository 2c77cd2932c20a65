"""Words that must not be here taken out by two persons: one asks, another approves."""

from dataclasses import dataclass

from incidents.commands.command import Action, Ask, Command, Option, Situation, Spec
from incidents.commands.evidence import EntryNumber
from incidents.commands.fields import Words
from incidents.conditions import Refused, name_of
from incidents.state import Draft, Kind


@dataclass(frozen=True, slots=True)
class AskSeal(Command):
    """Ask that the words of an entry be removed for ever; the reason must not repeat them."""

    entry: EntryNumber
    reason: Words


@dataclass(frozen=True, slots=True)
class Seal(Command):
    """Remove the words of an entry, as another person asked; a file it took in goes as well."""

    entry: EntryNumber


def ask(situation: Situation, wish: AskSeal) -> list[Draft]:
    """Return the entry of a request."""
    incident = situation.incident
    if not wish.reason.strip():
        raise Refused("Cần ghi lý do.", "A reason is needed.", ["reason"])
    if wish.entry > incident.last_seq:
        raise Refused(f"Không có mục {wish.entry}.", f"There is no entry {wish.entry}.", ["entry"])
    if wish.entry in incident.holes:
        raise Refused(
            f"Mục {wish.entry} đã niêm phong.", f"Entry {wish.entry} is sealed already.", ["entry"]
        )
    if wish.entry in incident.seal_asked:
        by = name_of(incident.seal_asked[wish.entry][0])
        raise Refused(
            f"{by} đã đề nghị niêm phong mục {wish.entry}; cần người khác phê duyệt.",
            f"{by} asked for it already; another person must approve.",
            ["other_person"],
        )
    return [Draft(Kind.SEAL_ASKED, {"entry": wish.entry}, {"reason": wish.reason.strip()})]


def seal(situation: Situation, wish: Seal) -> list[Draft]:
    """Return the entry that removes the words; the desk removes them with it."""
    incident = situation.incident
    asked = incident.seal_asked.get(wish.entry)
    if asked is None:
        raise Refused(
            f"Chưa ai đề nghị niêm phong mục {wish.entry}.",
            f"Nobody asked that entry {wish.entry} be sealed; ask first.",
            ["seal_asked"],
        )
    by, asked_in = asked
    if by in situation.persons:
        raise Refused(
            f"{name_of(by)} đã đề nghị; việc này cần người thứ hai phê duyệt.",
            f"{name_of(by)} asked for it; a second person must approve.",
            ["other_person"],
        )
    piece = incident.evidence.get(wish.entry)
    data = {
        "entries": [wish.entry],
        "evidence": [] if piece is None or piece.holding == "removed" else [piece.sha256],
        "asked_by": by,
        "asked_in": asked_in,
    }
    return [Draft(Kind.SEALED, data)]


def ask_buttons(situation: Situation) -> list[Action]:
    """Return the form that is always there."""
    del situation
    asks = (Ask("entry", "line"), Ask("reason"))
    label_vi, label_en = "Đề nghị niêm phong một mục", "Ask to seal an entry"
    return [Action("ask_seal", label_vi, label_en, act="seal_ask", group="file", asks=asks)]


def seal_buttons(situation: Situation) -> list[Action]:
    """Return the approval while somebody asks for one."""
    asked = situation.incident.seal_asked
    if not asked:
        return []
    choices = tuple(
        Option(str(seq), f"Mục {seq}, {name_of(by)} đề nghị", f"Entry {seq}, {name_of(by)} asked")
        for seq, (by, _) in sorted(asked.items())
    )
    asks = (Ask("entry", "choice", options=choices),)
    label_vi, label_en = "Phê duyệt niêm phong", "Approve sealing"
    return [Action("seal", label_vi, label_en, act="seal", group="file", asks=asks)]


ASK_SEAL = Spec("ask_seal", AskSeal, "seal_ask", ask, ask_buttons, any_stage=True)
SEAL = Spec("seal", Seal, "seal", seal, seal_buttons, any_stage=True)
