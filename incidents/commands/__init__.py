"""What a person may do with an incident now: commands become entries, or a refusal with words.

One file per command; a new one is its file and its line in `COMMANDS`. The API, the forms of the
console and the buttons follow from it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from incidents.actor import as_actor
from incidents.commands.acknowledge import ACKNOWLEDGE, Acknowledge
from incidents.commands.carrier import (
    CARRIER_BACK,
    CARRIER_PROMISE,
    CARRIER_TOLD,
    CarrierBack,
    CarrierPromised,
    CarrierTold,
)
from incidents.commands.classify import CLASSIFY, Classify
from incidents.commands.close import CLOSE, Close
from incidents.commands.command import NO_FACTS, Action, Command, Facts, Situation, Spec
from incidents.commands.contain import CONTAIN, EXPLAIN, Contain, Explain
from incidents.commands.evidence import CUSTODY, TAKE_IN, WAIVE, Custody, TakeIn, Waive
from incidents.commands.extend import EXTEND, Extend
from incidents.commands.link import LINK, Link
from incidents.commands.meet import MEET, Meet
from incidents.commands.move import MOVE, Move
from incidents.commands.note import NOTE, Note
from incidents.commands.pass_on import PASS_ON, PassOn
from incidents.commands.permission import on_behalf, refusal
from incidents.commands.point import POINT, Point
from incidents.commands.preserve import PRESERVE, Preserve
from incidents.commands.raise_severity import LOWER, RAISE, Lower, Raise
from incidents.commands.remove_content import REMOVE_CONTENT, RemoveContent
from incidents.commands.reportable import REPORTABLE, Reportable
from incidents.commands.restrict import RESTRICT, Restrict
from incidents.commands.seal import ASK_SEAL, SEAL, AskSeal, Seal
from incidents.commands.share import RECEIVED, SHARE, Received, Share
from incidents.commands.task import TASK, TASK_DONE, AddTask, TaskDone
from incidents.commands.tell import TELL, Tell
from incidents.conditions import Refused
from incidents.pointers import check_texts, is_locked
from incidents.state import is_person

__all__ = [
    "BY_NAME",
    "COMMANDS",
    "NO_FACTS",
    "Acknowledge",
    "Action",
    "AddTask",
    "AskSeal",
    "CarrierBack",
    "CarrierPromised",
    "CarrierTold",
    "Classify",
    "Close",
    "Command",
    "Contain",
    "Custody",
    "Explain",
    "Extend",
    "Facts",
    "Link",
    "Lower",
    "Meet",
    "Move",
    "Note",
    "PassOn",
    "Point",
    "Preserve",
    "Raise",
    "Received",
    "Refused",
    "RemoveContent",
    "Reportable",
    "Restrict",
    "Seal",
    "Share",
    "Situation",
    "Spec",
    "TakeIn",
    "TaskDone",
    "Tell",
    "Waive",
    "allowed",
    "decide",
    "other_codes",
]

if TYPE_CHECKING:
    from datetime import datetime

    from incidents.actor import Actor
    from incidents.procedure import Procedure
    from incidents.state import Draft, Incident

# In the order in which the page offers them.
COMMANDS: tuple[Spec, ...] = (
    ACKNOWLEDGE,
    PASS_ON,
    MOVE,
    CLOSE,
    PRESERVE,
    CONTAIN,
    EXPLAIN,
    TASK,
    TASK_DONE,
    CARRIER_TOLD,
    CARRIER_PROMISE,
    CARRIER_BACK,
    RAISE,
    LOWER,
    CLASSIFY,
    REPORTABLE,
    TELL,
    MEET,
    EXTEND,
    LINK,
    RESTRICT,
    SHARE,
    RECEIVED,
    POINT,
    CUSTODY,
    WAIVE,
    NOTE,
    ASK_SEAL,
    SEAL,
    REMOVE_CONTENT,
)
# Given by our own doors alone, after they did what cannot be asked for in words.
_INNER = (TAKE_IN,)
BY_NAME = {spec.name: spec for spec in COMMANDS}
_BY_WISH = {spec.wish: spec for spec in (*COMMANDS, *_INNER)}


def decide(
    incident: Incident,
    command: Command,
    actor: Actor | str,
    procedure: Procedure,
    now: datetime,
    facts: Facts = NO_FACTS,
) -> list[Draft]:
    """Return the entries that a command makes.

    Raises:
        Refused: The procedure does not allow it, a condition failed, the actor lacks the role or
            is a machine.
    """
    who = as_actor(actor)
    if not is_person(who.name):
        raise Refused(
            "Chỉ con người được tiếp nhận, chuyển giai đoạn và kết thúc sự cố.",
            f"Only a person acknowledges, moves and closes; {who.name!r} asked.",
            ["person"],
        )
    spec = _BY_WISH[type(command)]
    situation = Situation(incident, who, procedure, now, facts)
    if not spec.any_stage and not situation.is_known_stage:
        raise Refused(
            f"Quy trình {procedure.id} không có giai đoạn {incident.stage} của sự cố.",
            f"The procedure {procedure.id} has no stage {incident.stage}; put it back.",
            ["procedure"],
        )
    act = spec.act if isinstance(spec.act, str) else spec.act(situation, command)
    if refused := refusal(situation, act):
        raise refused
    situation = replace(situation, on_behalf=on_behalf(situation, act))
    drafts = spec.decide(situation, command)
    if situation.on_behalf:
        named = {"on_behalf": situation.on_behalf}
        drafts = [replace(draft, data={**draft.data, **named}) for draft in drafts]
    if is_locked(incident, drafts, procedure):
        check_texts(drafts)
    return drafts


def allowed(
    incident: Incident,
    actor: Actor | str,
    procedure: Procedure,
    now: datetime,
    facts: Facts = NO_FACTS,
) -> list[Action]:
    """Return what a person may do now, in the order of the procedure; nothing for a machine.

    What the actor's roles do not cover is offered as blocked, with the role that is needed.
    """
    who = as_actor(actor)
    if not is_person(who.name):
        return []
    situation = Situation(incident, who, procedure, now, facts)
    offered = [spec for spec in COMMANDS if spec.any_stage or situation.is_known_stage]
    return [_checked(situation, action) for spec in offered for action in spec.buttons(situation)]


def other_codes(command: Command) -> tuple[str, ...]:
    """Return the codes of other incidents that a command names."""
    return _BY_WISH[type(command)].names(command)


def _checked(situation: Situation, action: Action) -> Action:
    refused = refusal(situation, action.act, action.role or None)
    if refused is None or action.blocked_vi:
        return action
    return replace(action, blocked_vi=refused.reason_vi, blocked_en=refused.reason_en)
