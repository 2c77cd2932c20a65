"""Two incidents that belong together."""

from dataclasses import dataclass

from incidents.commands.command import Action, Ask, Command, Situation, Spec
from incidents.commands.fields import Code, Words
from incidents.conditions import Refused, reason_texts
from incidents.state import Draft, Kind


@dataclass(frozen=True, slots=True)
class Link(Command):
    """Another incident that has to do with this one; both files say so."""

    other: Code
    reason: Words = ""


def decide(situation: Situation, wish: Link) -> list[Draft]:
    """Return an entry in each of the two files."""
    incident, code = situation.incident, wish.other.strip()
    other = situation.facts.others.get(code)
    if other is None or code == incident.code:
        raise Refused(f"Không có sự cố {code} khác.", f"No other incident {code}.", ["other"])
    procedure = situation.procedure
    if procedure.only_role(other.nature) != procedure.only_role(incident.nature):
        raise Refused(
            "Không liên kết sự cố mật mã với sự cố khác loại.",
            "A cipher incident is linked to no incident of another nature.",
            ["other"],
        )
    if any(link.code == code for link in incident.work.links):
        raise Refused(f"Đã liên kết với {code}.", f"It is linked to {code} already.", ["other"])
    texts = reason_texts(wish.reason)
    return [
        Draft(Kind.LINKED, {"other": code, "relation": "related"}, texts),
        Draft(Kind.LINKED, {"other": incident.code, "relation": "related"}, texts, on=code),
    ]


def buttons(situation: Situation) -> list[Action]:
    """Return the form of a link."""
    del situation
    asks = (Ask("other", "line"), Ask("reason", required=False))
    return [
        Action("link", "Liên kết sự cố", "Link an incident", act="link", group="file", asks=asks)
    ]


LINK = Spec("link", Link, "link", decide, buttons, names=lambda wish: (wish.other.strip(),))
