"""What every command of the desk is made of: the wish, the situation it meets, its button."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import ConfigDict

from incidents.conditions import Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from incidents.actor import Actor
    from incidents.procedure import Procedure
    from incidents.procedure_parts import Names
    from incidents.state import Draft, Incident

__all__ = [
    "NO_FACTS",
    "Action",
    "Ask",
    "Command",
    "Facts",
    "Option",
    "Refused",
    "Situation",
    "Spec",
    "options",
]


@dataclass(frozen=True, slots=True)
class Command:
    """What a person asks for: a frozen dataclass whose fields are the body of the request."""

    # Read by the door: a field that nobody knows is an error, not ignored.
    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")


@dataclass(frozen=True, slots=True)
class Facts:
    """What a decision needs to know beside the timeline; the desk reads it first.

    Attributes:
        unmet: By need of a transition, the refusal of what is not as it must be.
        others: Other incidents that the command names, by code.
        reachable: Who can be called for it now, in lower case; None: nobody is by levels.
    """

    unmet: Mapping[str, Refused] = field(default_factory=dict)
    others: Mapping[str, Incident] = field(default_factory=dict)
    reachable: frozenset[str] | None = None


NO_FACTS = Facts()


@dataclass(frozen=True, slots=True)
class Situation:
    """What a decision looks at: the incident, who acts, by which procedure, and when.

    Attributes:
        on_behalf: `person:NAME` for whom the actor deputises in this; empty in their own right.
    """

    incident: Incident
    who: Actor
    procedure: Procedure
    now: datetime
    facts: Facts = NO_FACTS
    on_behalf: str = ""

    @property
    def actor(self) -> str:
        """Return who acts, as entries keep it."""
        return self.who.name

    @property
    def persons(self) -> frozenset[str]:
        """Return who must not approve what they did: who acts, and for whom."""
        return frozenset({self.actor, self.on_behalf} - {""})

    @property
    def is_known_stage(self) -> bool:
        """Say whether the procedure has the stage in which the incident stands."""
        return self.incident.stage in self.procedure.stages


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a field."""

    code: str
    vi: str
    en: str


AskKind = Literal["words", "line", "choice", "choices", "instant", "yes", "hidden"]


@dataclass(frozen=True, slots=True)
class Ask:
    """A field of a form; `value` is what stands in it at first."""

    name: str
    kind: AskKind = "words"
    required: bool = True
    options: tuple[Option, ...] = ()
    value: str = ""


@dataclass(frozen=True, slots=True)
class Action:
    """A button: what may be done now, what it needs, and why not if it is blocked.

    Attributes:
        kind: The name of a command, or `acknowledge`.
        needs: What a move of the procedure needs of a person; `asks`: the fields of a form.
        group: Under which heading it stands: move, weigh, respond, report, file.
        act: What the procedure's table `may` calls it; `role`: one role more that it needs.
    """

    kind: str
    label_vi: str
    label_en: str
    stage: str = ""
    needs: tuple[str, ...] = ()
    act: str = ""
    role: str = ""
    blocked_vi: str = ""
    blocked_en: str = ""
    group: str = "move"
    asks: tuple[Ask, ...] = ()


def options(names: Mapping[str, Names], *, but: str = "") -> tuple[Option, ...]:
    """Return the choices of a table of the procedure, without the one that holds already."""
    return tuple(Option(code, n.vi, n.en) for code, n in names.items() if code != but)


def no_buttons(situation: Situation) -> list[Action]:
    """Return nothing: the command has no button of its own."""
    del situation
    return []


def no_names(wish: Any) -> tuple[str, ...]:
    """Return nothing: the command is about its own incident alone."""
    del wish
    return ()


def flat(given: Mapping[str, str]) -> dict[str, Any]:
    """Return the fields of a form as the body of the command."""
    return dict(given)


@dataclass(frozen=True, slots=True)
class Spec:
    """One command.

    Attributes:
        name: Its part of the path, `POST /api/v1/incidents/{code}/{name}`.
        wish: The frozen dataclass that carries what is asked.
        act: What the procedure's table `may` calls it, or how to find out.
        decide: Returns the entries that it makes; raises `Refused`.
        buttons: Returns what the page offers now; blocked ones say why.
        any_stage: It also works while the procedure does not know the incident's stage.
        names: Which other incidents a wish names; the desk reads them before it decides.
        lists: Which of its fields are lists, for a form.
        from_form: Makes the body out of the fields of a form.
    """

    name: str
    wish: type[Command]
    act: str | Callable[[Situation, Any], str]
    decide: Callable[[Situation, Any], list[Draft]]
    buttons: Callable[[Situation], list[Action]] = no_buttons
    any_stage: bool = False
    names: Callable[[Any], tuple[str, ...]] = no_names
    lists: frozenset[str] = frozenset()
    from_form: Callable[[Mapping[str, str]], dict[str, Any]] = flat
