"""The minutes of a handover of shifts: what is handed over, who may sign, what a signature covers.

Source of the fields: form `bb_giao_ca` of the procedure. A shift that leaves incidents nobody has
acknowledged is taken over by name.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from incidents.conditions import Refused
from incidents.oncall import Shift
from incidents.state import PERSON, is_person
from incidents.timeline import canonical_json, microseconds

Side = Literal["outgoing", "incoming"]
SIDES: tuple[Side, ...] = ("outgoing", "incoming")
# What people write into it: the state of things, devices and keys handed over, remarks.
FIELDS = ("tinh_trang", "thiet_bi", "luu_y")
MOST_WORDS = 4_000


@dataclass(frozen=True, slots=True)
class OpenIncident:
    """An incident that is handed over, with what is to be done next."""

    code: str
    severity: str
    title_vi: str
    title_en: str
    stage: str
    holder: str
    next_vi: str
    next_en: str
    next_due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Coming:
    """Something that falls due or takes place in the shift to come."""

    what_vi: str
    what_en: str
    at: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Changed:
    """What was changed of the configuration in the shift that ends."""

    at: datetime
    kind: str
    actor: str


@dataclass(frozen=True, slots=True)
class Contents:
    """Everything the service fills in by itself."""

    incidents: Sequence[OpenIncident]
    unacknowledged: Sequence[str]
    deadlines: Sequence[Coming]
    windows: Sequence[Coming]
    silences: Sequence[Coming]
    changes: Sequence[Changed]


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signed for one side, when, and the digest of what they signed."""

    side: Side
    actor: str
    at: datetime
    digest: str
    accepted: tuple[str, ...] = ()


def write(outgoing: Shift, incoming: Shift, contents: Contents) -> str:
    """Return the document as it is kept: canonical bytes, the same for the same facts."""
    return canonical_json(
        {
            "outgoing": _shift(outgoing),
            "incoming": _shift(incoming),
            "incidents": [_plain(one) for one in contents.incidents],
            "unacknowledged": list(contents.unacknowledged),
            "deadlines": [_plain(one) for one in contents.deadlines],
            "windows": [_plain(one) for one in contents.windows],
            "silences": [_plain(one) for one in contents.silences],
            "changes": [_plain(one) for one in contents.changes],
        }
    )


def digest(document: str, notes: Mapping[str, str]) -> str:
    """Return what a signature covers: the document and the notes as they stand."""
    whole = canonical_json({"document": document, "notes": dict(sorted(notes.items()))})
    return hashlib.sha256(whole.encode()).hexdigest()


def check_note(signatures: Sequence[Signature], field: str, text: str) -> None:
    """Refuse a note to what both have signed, in an unknown field, or without words.

    Raises:
        Refused: With what is allowed.
    """
    if len(signatures) == len(SIDES):
        raise Refused(
            "Biên bản đã có đủ hai chữ ký; không sửa được nữa.",
            "Both have signed; it is not changed any more.",
            ["field"],
        )
    if field not in FIELDS:
        listed = ", ".join(FIELDS)
        raise Refused(
            f"Không có mục {field}; có: {listed}.", f"No field {field}: {listed}.", ["field"]
        )
    if not text.strip() or len(text) > MOST_WORDS:
        raise Refused(
            f"Nội dung phải có chữ và không quá {MOST_WORDS} ký tự.",
            f"It needs words, at most {MOST_WORDS} characters.",
            ["text"],
        )


def check_signature(
    side: Side,
    actor: str,
    holders: Mapping[Side, Sequence[str]],
    signatures: Sequence[Signature],
    unacknowledged: Sequence[str],
    accepted: Sequence[str],
) -> None:
    """Refuse a signature of somebody else's side, a second one, or one that leaves things open.

    Args:
        holders: Who was, and who is, on call: the first post and the backup.
        unacknowledged: Incidents that nobody has acknowledged by now.
        accepted: Those of them that are taken over by name.

    Raises:
        Refused: With who may sign, or what must be accepted.
    """
    if not is_person(actor):
        raise Refused("Chỉ con người ký.", "Only a person signs.", ["person"])
    if any(one.side == side for one in signatures):
        raise Refused("Bên này đã ký.", "This side has signed.", ["side"])
    name = actor.removeprefix(PERSON).casefold()
    allowed = [one for one in holders[side] if one]
    if allowed and name not in {one.casefold() for one in allowed}:
        listed = ", ".join(allowed)
        raise Refused(
            f"Bên này do {listed} ký, bằng tài khoản của mình.",
            f"This side is signed by {listed}, by their own log-in.",
            ["person"],
        )
    if any(one.actor.casefold() == actor.casefold() for one in signatures):
        raise Refused(
            "Hai bên phải do hai người ký.", "The two sides are signed by two persons.", ["person"]
        )
    left = sorted(set(unacknowledged) - set(accepted))
    if side == "incoming" and left:
        listed = ", ".join(left)
        raise Refused(
            f"Còn sự cố chưa ai tiếp nhận: {listed}. Người nhận ca phải nhận đích danh từng sự cố.",
            f"Nobody has acknowledged {listed}; whoever takes over accepts each by its code.",
            left,
        )


def _shift(shift: Shift) -> dict[str, Any]:
    return {
        "name": shift.name,
        "starts_at": microseconds(shift.starts_at),
        "ends_at": microseconds(shift.ends_at),
        "primary": shift.primary.person,
        "backup": shift.backup.person,
        "is_holiday": shift.is_holiday,
    }


def _plain(one: OpenIncident | Coming | Changed) -> dict[str, Any]:
    values = {name: getattr(one, name) for name in type(one).__slots__}
    return {
        name: microseconds(value) if hasattr(value, "tzinfo") else value
        for name, value in values.items()
    }
