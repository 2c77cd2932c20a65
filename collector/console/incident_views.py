"""What the incident page shows: entries in words, and the forms of what may be done now."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from collector.console.texts import Texts
    from collector.services import Names
    from collector.storage.queries.incidents import EntryRow
    from incidents.commands import Action

# What a person typed or a rule said, in the order in which it is shown.
TEXTS = ("note", "reason")
# Which facts of an entry a reader wants to see; the rest stays in the file.
DETAILS = (
    "severity",
    "severity_before",
    "impact",
    "scope",
    "from",
    "to",
    "root_cause",
    "disposition",
    "parent",
    "unit_name",
    "host",
    "recipients",
    "reason",
)
LONG_FIELDS = frozenset({"text", "reason"})


@dataclass(frozen=True, slots=True)
class Detail:
    """One fact of an entry."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class EntryView:
    """One entry in words; `sealed` when what was typed has been taken out of the file."""

    seq: int
    at: datetime
    kind: str
    actor: str
    by_machine: bool
    text: str
    sealed: bool
    details: tuple[Detail, ...]


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a field."""

    code: str
    label: str


@dataclass(frozen=True, slots=True)
class Field:
    """What a form asks for."""

    name: str
    required: bool
    long: bool
    options: tuple[Option, ...] = ()


@dataclass(frozen=True, slots=True)
class ActionForm:
    """One thing that may be done now; `blocked` says why this person may not."""

    id: str
    command: str
    label: str
    stage: str
    fields: tuple[Field, ...]
    open: bool
    blocked: str


def entry_view(row: EntryRow, names: Names, t: Texts) -> EntryView:
    """Return one entry in the page's language."""
    data: dict[str, Any] = json.loads(row.canonical).get("data", {})
    texts = texts_of(row.text)
    kind, _, name = row.actor.partition(":")
    summary = texts.get(f"summary_{t.language}")
    shown = [text for text in (summary, *(texts.get(key) for key in TEXTS)) if text]
    return EntryView(
        seq=row.seq,
        at=row.at,
        kind=row.kind,
        actor=name or row.actor,
        by_machine=kind == "machine",
        text="\n".join(shown),
        sealed=row.text is None,
        details=tuple(_details(data, names, t)),
    )


def texts_of(stored: str | None) -> dict[str, str]:
    """Return an entry's words by name; words of another form are one note."""
    if not stored:
        return {}
    try:
        words = json.loads(stored)
    except ValueError:
        return {"note": stored}
    return words if isinstance(words, dict) else {"note": stored}


def _details(data: dict[str, Any], names: Names, t: Texts) -> Iterable[Detail]:
    for name in DETAILS:
        value = data.get(name)
        if value in (None, "", [], {}):
            continue
        if name == "recipients":
            yield Detail(name, ", ".join(f"{who} ({channel})" for who, channel in value))
        else:
            yield Detail(name, _shown(name, str(value), names, t))


def _shown(name: str, value: str, names: Names, t: Texts) -> str:
    if name in ("from", "to"):
        return names.stage(value, t.language)
    if name in ("severity", "severity_before"):
        return f"{value} {names.severity(value, t.language)}"
    if name == "impact":
        return names.impact(value, t.language)
    if name == "scope":
        return names.scope(value, t.language)
    if name == "root_cause":
        return dict(names.root_causes(t.language)).get(value, value)
    if name == "disposition":
        return dict(names.dispositions(t.language)).get(value, value)
    if name == "reason":
        return t.known(f"reason.{value}", value)
    return value


def action_forms(actions: Sequence[Action], names: Names, t: Texts) -> list[ActionForm]:
    """Return a form for each action except acknowledging, which has the big button."""
    return [_form(action, names, t) for action in actions if action.kind != "acknowledge"]


def acknowledgement(actions: Sequence[Action], t: Texts) -> str | None:
    """Return the label of the acknowledge button, or None when there is nothing to take."""
    return t("action.ack") if any(a.kind == "acknowledge" for a in actions) else None


def _form(action: Action, names: Names, t: Texts) -> ActionForm:
    label = action.label_vi if t.language == "vi" else action.label_en
    if action.kind == "move":
        label = t("action.move", stage=label)
    if action.kind == "note":
        label = t("action.add_note")
    return ActionForm(
        id=f"{action.kind}-{action.stage}" if action.stage else action.kind,
        command=action.kind,
        label=label,
        stage=action.stage,
        fields=tuple(_field(name, names, t) for name in _asked(action)),
        open=action.kind == "note",
        blocked=action.blocked_vi if t.language == "vi" else action.blocked_en,
    )


def _asked(action: Action) -> list[tuple[str, bool]]:
    """Return the fields of an action; a move may always carry a reason."""
    asked = [(name, True) for name in action.needs]
    if action.kind in ("move", "close") and "reason" not in action.needs:
        asked.append(("reason", False))
    return asked


def _field(asked: tuple[str, bool], names: Names, t: Texts) -> Field:
    name, required = asked
    choices: list[tuple[str, str]] = []
    if name == "root_cause":
        choices = names.root_causes(t.language)
    elif name == "disposition":
        choices = names.dispositions(t.language)
    options = tuple(Option(code, label) for code, label in choices)
    return Field(name, required, name in LONG_FIELDS, options)
