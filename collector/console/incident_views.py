"""What the incident page shows: entries in words, and the forms of what may be done now."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from collector.console.formats import local_time
from incidents.state import PERSON
from incidents.timeline import instant

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from collector.console.texts import Texts
    from collector.services import Names
    from collector.storage.queries.incidents import EntryRow
    from incidents.commands import Action
    from incidents.commands.command import Ask, AskKind

# What a person typed or a rule said, in the order in which it is shown.
TEXTS = (
    "note", "reason", "where", "who", "how", "told", "document", "approver", "custodian", "partner",
)  # fmt: skip
# Which facts of an entry a reader wants to see; the rest stays in the file.
DETAILS = (
    "on_behalf",
    "deadline",
    "report",
    "carrier",
    "circuit",
    "ticket",
    "promised_at",
    "percent",
    "met_at",
    "until",
    "due_before",
    "severity",
    "severity_before",
    "impact",
    "scope",
    "modifiers",
    "class",
    "class_before",
    "nature",
    "nature_before",
    "root_cause_before",
    "detected_by",
    "tlp",
    "deadline",
    "decision",
    "grounds",
    "from",
    "to",
    "root_cause",
    "disposition",
    "parent",
    "child",
    "other",
    "waived",
    "emergency",
    "before_evidence",
    "reason_due_at",
    "role",
    "how",
    "at",
    "task",
    "owner",
    "due_at",
    "late",
    "readers",
    "share",
    "fields",
    "unit_name",
    "host",
    "revision",
    "recipients",
    "reason",
    "way",
    "deed",
    "version",
)
_INSTANTS = frozenset(
    {"at", "due_at", "due_before", "met_at", "promised_at", "reason_due_at", "until"}
)
_OF_PAGES = frozenset({"decision", "deed", "how", "modifiers", "fields", "way"})
# The big button, and the forms in the list of deadlines.
_ELSEWHERE = frozenset({"acknowledge", "meet", "extend"})
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
    kind: AskKind
    options: tuple[Option, ...] = ()
    value: str = ""


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


@dataclass(frozen=True, slots=True)
class ActionGroup:
    """Forms under one heading."""

    name: str
    forms: tuple[ActionForm, ...]


def entry_view(row: EntryRow, names: Names, t: Texts) -> EntryView:
    """Return one entry in the page's language."""
    body: dict[str, Any] = json.loads(row.canonical)
    data, clock = body.get("data", {}), body.get("clock")
    texts = texts_of(row.text)
    kind, _, name = row.actor.partition(":")
    summary = texts.get(f"summary_{t.language}")
    found = texts.get(f"found_{t.language}")
    shown = [text for text in (summary, found, *(texts.get(key) for key in TEXTS)) if text]
    return EntryView(
        seq=row.seq,
        at=row.at,
        kind=row.kind,
        actor=name or row.actor,
        by_machine=kind == "machine",
        text="\n".join(shown),
        sealed=row.text is None,
        details=(*_details(data, names, t), *_clock(clock, t)),
    )


def _clock(clock: dict[str, Any] | None, t: Texts) -> Iterable[Detail]:
    """Say that the instant of an entry is in doubt; a clock that is kept needs no words."""
    if clock is not None and not clock["synchronised"]:
        yield Detail("clock", t("entry.clock_unsynchronised"))


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
        if value in (None, "", [], {}) or value is False:
            continue
        if name == "recipients":
            yield Detail(name, ", ".join(f"{who} ({channel})" for who, channel in value))
        elif name == "modifiers":
            yield Detail(name, ", ".join(f"{code}: {was} → {now}" for code, was, now in value))
        elif name in _INSTANTS:
            yield Detail(name, local_time(instant(value)))
        elif isinstance(value, list):
            yield Detail(name, ", ".join(_shown(name, str(one), names, t) for one in value))
        else:
            yield Detail(name, t("detail.yes") if value is True else _shown(name, value, names, t))


def _shown(name: str, given: object, names: Names, t: Texts) -> str:
    value = str(given)
    if name in ("severity", "severity_before"):
        return f"{value} {names.severity(value, t.language)}"
    if name == "reason":
        return t.known(f"reason.{value}", value)
    if name == "deadline":
        return names.deadline(value, t.language)
    if name == "percent":
        return f"{value} %"
    if name == "readers" and value.startswith("role:"):
        return names.role(value.removeprefix("role:"), t.language)
    if name in ("readers", "owner", "on_behalf"):
        return value.removeprefix(PERSON)
    if name in _OF_PAGES:
        return t.known(f"{name}.{value}", value)
    return names.named(name, value, t.language)


def action_groups(actions: Sequence[Action], names: Names, t: Texts) -> list[ActionGroup]:
    """Return the forms under their headings; those of `_ELSEWHERE` have a place of their own.

    The order is that of the commands: what preserves evidence stands before what isolates.
    """
    groups: dict[str, list[ActionForm]] = {}
    for action in actions:
        if action.kind not in _ELSEWHERE:
            groups.setdefault(action.group, []).append(_form(action, names, t))
    return [ActionGroup(name, tuple(forms)) for name, forms in groups.items()]


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
        stage=action.stage if action.kind == "move" else "",
        fields=(
            *(_field(name, names, t, required=required) for name, required in _asked(action)),
            *(_ask(ask, t) for ask in action.asks),
        ),
        open=action.kind == "note",
        blocked=action.blocked_vi if t.language == "vi" else action.blocked_en,
    )


def _asked(action: Action) -> list[tuple[str, bool]]:
    """Return the fields of a move of the procedure, which may always carry a reason."""
    asked = [(name, True) for name in action.needs]
    if action.kind in ("move", "close") and "reason" not in action.needs:
        asked.append(("reason", False))
    return asked


def _field(name: str, names: Names, t: Texts, *, required: bool) -> Field:
    choices: list[tuple[str, str]] = []
    if name == "root_cause":
        choices = names.root_causes(t.language)
    elif name == "disposition":
        choices = names.dispositions(t.language)
    options = tuple(Option(code, label) for code, label in choices)
    return Field(name, required, "words" if name in LONG_FIELDS else "line", options)


def _ask(ask: Ask, t: Texts) -> Field:
    labelled = ((one.code, one.vi if t.language == "vi" else one.en) for one in ask.options)
    options = tuple(Option(code, label) for code, label in labelled)
    return Field(ask.name, ask.required, ask.kind, options, ask.value)
