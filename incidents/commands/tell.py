"""Somebody of a role was told of the incident: who, when, how."""

from dataclasses import dataclass
from typing import Literal

from incidents.commands.command import Action, Ask, Command, Option, Situation, Spec, options
from incidents.commands.fields import At, Code, Name
from incidents.conditions import Refused
from incidents.state import Draft, Kind
from incidents.timeline import microseconds

How = Literal["phone", "in_person", "message", "mail", "letter"]
HOW = (
    Option("phone", "Điện thoại", "Telephone"),
    Option("in_person", "Trực tiếp", "In person"),
    Option("message", "Tin nhắn", "Message"),
    Option("mail", "Thư điện tử", "Mail"),
    Option("letter", "Công văn", "Official letter"),
)


@dataclass(frozen=True, slots=True)
class Tell(Command):
    """A person of a role who was told; without an instant, just now."""

    role: Code
    who: Name
    how: How
    at: At | None = None


def decide(situation: Situation, wish: Tell) -> list[Draft]:
    """Return the entry of who was told; nobody was told before the detection or after now."""
    roles = {role.code: role for role in situation.procedure.file.roles}
    if wish.role not in roles:
        raise Refused(
            f"Không có vai trò {wish.role}; cho phép: {', '.join(roles)}.",
            f"No role {wish.role}; allowed: {', '.join(roles)}.",
            ["role"],
        )
    at = wish.at or situation.now
    if not situation.incident.detected_at <= at <= situation.now:
        raise Refused(
            "Thời điểm báo phải từ lúc phát hiện đến bây giờ.",
            "The instant must lie between detection and now.",
            ["at"],
        )
    data = {"role": wish.role, "at": microseconds(at), "how": wish.how}
    return [Draft(Kind.TOLD, data, {"who": wish.who})]


def buttons(situation: Situation) -> list[Action]:
    """Return the form of whom was told."""
    roles = options({role.code: role for role in situation.procedure.file.roles})
    asks = (
        Ask("role", "choice", options=roles),
        Ask("who", "line"),
        Ask("how", "choice", options=HOW),
        Ask("at", "instant", required=False),
    )
    return [Action("tell", "Ghi đã báo cho ai", "Told whom", act="tell", group="report", asks=asks)]


TELL = Spec("tell", Tell, "tell", decide, buttons)
