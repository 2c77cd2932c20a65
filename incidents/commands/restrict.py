"""Who may see an incident: a list of persons and roles, or everybody again."""

from dataclasses import dataclass

from incidents.commands.command import Action, Ask, Command, Situation, Spec, options
from incidents.commands.fields import Codes, Names, Words
from incidents.conditions import Refused, need_reason, reason_texts
from incidents.state import PERSON, Draft, Kind


@dataclass(frozen=True, slots=True)
class Restrict(Command):
    """The only persons and roles who see it; two empty lists open it to everybody."""

    reason: Words
    persons: Names = ()
    roles: Codes = ()


def decide(situation: Situation, wish: Restrict) -> list[Draft]:
    """Return the entry of the readers; who restricts goes on seeing it."""
    incident, procedure = situation.incident, situation.procedure
    need_reason(wish.reason)
    if procedure.only_role(incident.nature) is not None:
        raise Refused(
            "Sự cố mật mã đã chỉ dành cho cơ yếu.",
            "A cipher incident is for the cipher officers alone as it is.",
            ["nature"],
        )
    inside = [role.code for role in procedure.file.roles if not role.outside]
    if unknown := [role for role in wish.roles if role not in inside]:
        raise Refused(
            f"Không có vai trò {', '.join(unknown)}; cho phép: {', '.join(inside)}.",
            f"No role {', '.join(unknown)}; allowed: {', '.join(inside)}.",
            ["roles"],
        )
    readers = {f"role:{role}" for role in wish.roles} | {PERSON + name for name in wish.persons}
    if readers:
        readers.add(situation.actor)
    if sorted(readers) == sorted(incident.work.readers):
        raise Refused("Không có gì thay đổi.", "Nothing changes.", ["persons", "roles"])
    data = {"readers": sorted(readers)}
    return [Draft(Kind.VISIBILITY_CHANGED, data, reason_texts(wish.reason))]


def buttons(situation: Situation) -> list[Action]:
    """Return the form of the readers."""
    incident, procedure = situation.incident, situation.procedure
    if procedure.only_role(incident.nature) is not None:
        return []
    roles = {role.code: role for role in procedure.file.roles if not role.outside}
    asks = (
        Ask("roles", "choices", required=False, options=options(roles)),
        Ask("persons", "line", required=False),
        Ask("reason"),
    )
    return [
        Action(
            "restrict",
            "Hạn chế người xem",
            "Restrict who sees it",
            act="restrict",
            group="file",
            asks=asks,
        )
    ]


RESTRICT = Spec(
    "restrict", Restrict, "restrict", decide, buttons, lists=frozenset({"persons", "roles"})
)
