"""The life of a report: from a draft to what was sent; decided from plain values.

A report is the row that it was made with and everything that was done to it since (`Deed`); what is
signed stands still. A correction is another report: the next version of the same.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime  # noqa: TC003 - parts of public types
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from incidents.conditions import Refused

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from incidents.reports.document import Layout
    from incidents.reports.kind import About, Audience, ReportKind

MOST_WORDS = 8_000
MOST_LINE = 300


class State(StrEnum):
    """Where a report stands; the code of what a person is told is `report.state.…`."""

    DRAFT = "draft"
    WAITING = "waiting"  # for a signature
    LATER = "later"  # put off by who signs, until an hour
    RETURNED = "returned"
    SIGNED = "signed"
    NUMBERED = "numbered"
    SENT = "sent"


OPEN = frozenset({State.DRAFT, State.RETURNED})
WAITING = frozenset({State.WAITING, State.LATER})
FIXED = frozenset({State.SIGNED, State.NUMBERED, State.SENT})


class Deed(StrEnum):
    """What was done to a report."""

    MADE = "made"
    GATHERED = "gathered"  # the facts anew
    FILLED = "filled"
    ASKED = "asked"  # for a signature
    SIGNED = "signed"
    RETURNED = "returned"
    LATER = "later"
    NUMBERED = "numbered"
    SENT = "sent"
    RECEIVED = "received"  # a receipt for what was sent
    CORRECTED = "corrected"  # by the next version
    PACKED = "packed"  # somebody took the dossier


@dataclass(frozen=True, slots=True)
class Done:
    """One deed: who, when; `text` is what they wrote, `data` codes, numbers and instants."""

    id: int
    at: datetime
    actor: str
    deed: Deed
    text: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Written:
    """What a person wrote into a field last."""

    text: str
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Report:
    """One version of one report.

    Attributes:
        family: The number of its first version.
        changes: What this version changes, in words; empty in the first.
        facts: What was gathered, `facts_at`; canonical JSON in the table.
        document: The composed document as JSON, from when it was put up for signature.
        digest: SHA-256 of that: what a signature covers.
        number, numbered_on: As the records office gave them.
        later_until: Until when who signs has put it off.
        people: Who sees it beside those who see its unit; `person:NAME`.
    """

    id: int
    kind: str
    about: About
    subject: str
    incident: int | None
    unit: str
    layout: Layout
    audience: Audience
    version: int
    family: int
    changes: str
    state: State
    facts: Mapping[str, Any]
    facts_at: datetime
    made_by: str
    made_at: datetime
    document: str = ""
    digest: str = ""
    number: str = ""
    numbered_on: date | None = None
    later_until: datetime | None = None
    people: tuple[str, ...] = ()
    done: tuple[Done, ...] = ()

    @property
    def written(self) -> dict[str, Written]:
        """The fields as people wrote them; one emptied again is not there."""
        found: dict[str, Written] = {}
        for one in self.done:
            if one.deed is Deed.FILLED:
                code = str(one.data["field"])
                found.pop(code, None)
                if one.text:
                    found[code] = Written(one.text, one.actor, one.at)
        return found

    @property
    def filled(self) -> dict[str, str]:
        """The words of `written`."""
        return {code: one.text for code, one in self.written.items()}

    @property
    def hands(self) -> frozenset[str]:
        """Who made it, wrote in it or put it up for signature."""
        deeds = (Deed.MADE, Deed.FILLED, Deed.ASKED)
        return frozenset({self.made_by, *(one.actor for one in self.done if one.deed in deeds)})

    @property
    def asked_by(self) -> str:
        """Who put it up for signature last; empty before."""
        return next((one.actor for one in reversed(self.done) if one.deed is Deed.ASKED), "")

    @property
    def signed_by(self) -> str:
        """Who signed; empty before."""
        return next((one.actor for one in self.done if one.deed is Deed.SIGNED), "")

    @property
    def sent(self) -> tuple[Done, ...]:
        """The sent marks in order."""
        return tuple(one for one in self.done if one.deed is Deed.SENT)

    def waits(self, now: datetime) -> bool:
        """Say whether it waits for a signature now; the hour it was put off to has come."""
        if self.state is State.LATER:
            return self.later_until is None or self.later_until <= now
        return self.state is State.WAITING


_STATES_VI = {
    State.DRAFT: "đang soạn",
    State.WAITING: "đang trình ký",
    State.LATER: "người ký để sau",
    State.RETURNED: "bị trả lại",
    State.SIGNED: "đã ký",
    State.NUMBERED: "đã vào số",
    State.SENT: "đã gửi",
}


def need_state(report: Report, allowed: Collection[State], what_vi: str, what_en: str) -> None:
    """Refuse what the state of a report does not allow.

    Raises:
        Refused: Saying where it stands, and where it would have to.
    """
    if report.state in allowed:
        return
    listed = ", ".join(_STATES_VI[one] for one in State if one in allowed)
    codes = ", ".join(one.value for one in State if one in allowed)
    raise Refused(
        f"Báo cáo {_STATES_VI[report.state]}; {what_vi} được khi: {listed}.",
        f"The report is {report.state.value}; to {what_en} it must be {codes}.",
        ["state"],
    )


def check_fill(report: Report, kind: ReportKind, code: str, text: str) -> None:
    """Refuse to write into a field that is not there, or into what is not open any more.

    Raises:
        Refused: With what is allowed.
    """
    need_state(report, OPEN, "điền", "write in it")
    if kind.field(code) is None:
        listed = ", ".join(one.code for one in kind.fields)
        raise Refused(f"Không có mục {code}; có: {listed}.", f"No field {code}: {listed}.", [code])
    if len(text) > MOST_WORDS:
        raise Refused(
            f"Mỗi mục không quá {MOST_WORDS} ký tự.",
            f"A field takes at most {MOST_WORDS} characters.",
            [code],
        )


def check_ask(report: Report, kind: ReportKind, names: Mapping[str, str]) -> None:
    """Refuse to put up for signature what lacks a mandatory field.

    Args:
        names: The names of roles, by code, for who can fill what is missing.

    Raises:
        Refused: Naming each field, and who can fill it.
    """
    need_state(report, OPEN, "trình ký", "be put up for signature")
    missing = kind.missing(report.facts, report.filled)
    if not missing:
        return
    told = "; ".join(
        one.vi
        + (f" ({', '.join(names.get(role, role) for role in one.by)} điền)" if one.by else "")
        for one in missing
    )
    raise Refused(
        f"Còn thiếu mục bắt buộc: {told}.",
        f"Mandatory fields are empty: {', '.join(one.code for one in missing)}.",
        [one.code for one in missing],
    )


def check_sign(report: Report, actor: str, digest: str, others_only: Collection[str]) -> None:
    """Refuse a signature of something else than what waits, or of a person who must not approve.

    Args:
        digest: Of what the signer was shown; empty: whatever waits.
        others_only: Persons whose signature does not count: who worked on it, where the procedure
            wants another person's approval.

    Raises:
        Refused: Saying why.
    """
    need_state(report, WAITING, "ký", "be signed")
    if digest and digest != report.digest:
        raise Refused(
            "Nội dung trình ký đã khác với bản vừa xem; cần xem lại rồi ký.",
            "What waits is not what was shown; look at it again.",
            ["digest"],
        )
    if actor in others_only:
        name = actor.partition(":")[2]
        raise Refused(
            f"Báo cáo này phải do người khác ký: {name} đã soạn hoặc đã xử lý sự cố.",
            f"Another person must sign: {name} worked on it.",
            ["other_person"],
        )


def check_return(report: Report, reason: str) -> None:
    """Refuse to return a report that does not wait, or without a reason.

    Raises:
        Refused: Saying why.
    """
    need_state(report, WAITING, "trả lại", "be returned")
    if not reason.strip():
        raise Refused("Cần ghi lý do trả lại.", "A reason is needed.", ["reason"])


def check_later(report: Report, until: datetime, now: datetime) -> None:
    """Refuse to put off what does not wait, or to an hour that has passed.

    Raises:
        Refused: Saying why.
    """
    need_state(report, WAITING, "để sau", "be put off")
    if until <= now:
        raise Refused("Giờ để sau phải ở phía trước.", "That hour has passed.", ["until"])


def check_number(report: Report, kind: ReportKind, number: str) -> None:
    """Refuse a number for what is not signed, or an empty one; a number is given once.

    Raises:
        Refused: Saying why.
    """
    if not kind.is_numbered:
        raise Refused(
            f"{kind.vi} không lấy số văn bản.", f"{kind.en}: has no document number.", ["kind"]
        )
    need_state(report, [State.SIGNED], "vào số", "be numbered")
    if not number.strip():
        raise Refused("Cần số do văn thư cấp.", "The number is needed.", ["number"])


def check_sent(report: Report, kind: ReportKind, recipient: str, how: str) -> None:
    """Refuse a sent mark for what is not ready to leave, or that does not say to whom and how.

    Raises:
        Refused: Saying why.
    """
    ready = {State.NUMBERED, State.SENT} if kind.is_numbered else FIXED
    need_state(report, ready, "ghi đã gửi", "be marked as sent")
    missing = [
        name for name, given in (("recipient", recipient), ("how", how)) if not given.strip()
    ]
    if missing:
        raise Refused("Cần ghi gửi ai và gửi cách nào.", "To whom, and how?", missing)


def check_receipt(report: Report, sent: int, receipt: str) -> None:
    """Refuse a receipt for what was not sent, or without words.

    Raises:
        Refused: Saying why.
    """
    if sent not in {one.id for one in report.sent}:
        raise Refused(f"Không có lần gửi số {sent}.", f"No sent mark {sent}.", ["sent"])
    if not receipt.strip():
        raise Refused("Cần ghi biên nhận.", "The receipt is needed.", ["receipt"])


def check_correct(report: Report, newest: int, changes: str) -> None:
    """Refuse to correct what can still be changed itself, an older version, or without words.

    Args:
        newest: The last version that there is.

    Raises:
        Refused: Saying why.
    """
    need_state(report, FIXED, "đính chính", "be corrected")
    if report.version != newest:
        raise Refused(
            f"Đã có bản {newest}; chỉ đính chính bản mới nhất.",
            f"There is version {newest}; correct that one.",
            ["version"],
        )
    if not changes.strip():
        raise Refused(
            "Cần ghi đính chính điều gì.", "What does the correction change?", ["changes"]
        )
