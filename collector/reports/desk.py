"""What may happen to a report: decided, stored and recorded in one transaction."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from collector.gathering.gatherer import gatherers
from collector.reports.access import ReportAccess
from collector.reports.telling import Teller
from collector.storage import reports as store
from collector.storage.queries import reports as queries
from collector.storage.queries.visibility import NOBODY
from incidents.conditions import Refused
from incidents.reports import life
from incidents.reports.composing import composed, issued
from incidents.reports.document_json import digest_of, dumped
from incidents.reports.found import shipped_kinds
from incidents.reports.letterheads import NO_LETTERHEADS
from incidents.reports.life import FIXED, OPEN, WAITING, Deed, Report, State
from incidents.sessions.model import Stage
from incidents.state import PERSON, is_person
from incidents.timeline import microseconds
from incidents.vietnamese import local_time

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from sqlalchemy import Connection

    from collector.gathering.gatherer import Gathered, Sources
    from incidents.actor import Viewer
    from incidents.reports.document import Document, Layout
    from incidents.reports.kind import Audience, ReportKind
    from incidents.reports.letterheads import Letterheads


class NoSuchReport(Exception):
    """There is none of this number."""


class NoSuchSubject(Exception):
    """There is nothing that a report of this kind could be about by this name."""


class ReportDesk:
    """Everything that people and the clock do to reports.

    Attributes:
        sources: What gatherers read.
        kinds: Every kind by its code.
        letterheads: What stands around each; `adopt` takes over others.
    """

    def __init__(self, sources: Sources, kinds: Mapping[str, ReportKind] | None = None) -> None:
        self.sources = sources
        self.kinds = shipped_kinds() if kinds is None else kinds
        self.letterheads = NO_LETTERHEADS
        self.access = ReportAccess(sources.desk)
        self._teller = Teller(sources.desk)

    def adopt(self, letterheads: Letterheads) -> None:
        """Take over what the policy says now."""
        self.letterheads = letterheads

    def kind_of(self, code: str) -> ReportKind:
        """Return a kind.

        Raises:
            Refused: There is none of this code.
        """
        kind = self.kinds.get(code)
        if kind is None:
            listed = ", ".join(self.kinds)
            raise Refused(
                f"Không có loại báo cáo {code}; có: {listed}.",
                f"No kind of report {code}: {listed}.",
                ["kind"],
            )
        return kind

    def make(
        self,
        connection: Connection,
        code: str,
        subject: str,
        actor: str,
        now: datetime,
        *,
        layout: Layout | None = None,
        audience: Audience = "inside",
        viewer: Viewer = NOBODY,
    ) -> Report:
        """Gather the facts and keep a draft; `layout` None: the one that the province uses.

        Args:
            viewer: What the actor sees; of what they do not see there is nothing to report.

        Raises:
            Refused: There is no such kind, or the actor may not write reports.
            NoSuchSubject: There is nothing of this name.
        """
        kind = self.kind_of(code)
        gathered = self._gathered(connection, code, subject, actor, now)
        new = Report(
            id=0, kind=code, about=kind.about, subject=gathered.subject,
            incident=gathered.incident, unit=gathered.unit,
            layout=layout or self.letterheads.usual, audience=audience, version=1, family=0,
            changes="", state=State.DRAFT, facts=gathered.facts, facts_at=now,
            made_by=actor, made_at=now, people=gathered.people,
        )  # fmt: skip
        if not queries.would_see(connection, new, viewer):
            raise NoSuchSubject(subject)
        self.access.check_write(connection, new, actor, now)
        return self._added(connection, new, actor, now)

    def gather_again(
        self, connection: Connection, number: int, actor: str, now: datetime
    ) -> Report:
        """Put the facts of now in the place of those that a draft has; words of people stay."""
        report = self._locked(connection, number)
        self.access.check_write(connection, report, actor, now)
        life.need_state(report, OPEN, "lấy lại số liệu", "gather its facts again")
        gathered = self._gathered(connection, report.kind, report.subject, report.made_by, now)
        facts = dict(gathered.facts)
        if report.version > 1:
            kept = self.kind_of(report.kind).kept
            facts |= {code: report.facts[code] for code in kept if code in report.facts}
        store.change(connection, number, facts=facts, facts_at=now)
        store.note(connection, number, Deed.GATHERED, actor, now)
        return self._locked(connection, number)

    def fill(
        self, connection: Connection, number: int, words: Mapping[str, str], actor: str,
        now: datetime,
    ) -> Report:  # fmt: skip
        """Write into fields; an empty text takes back what was written."""
        report = self._locked(connection, number)
        self.access.check_write(connection, report, actor, now)
        kind, before = self.kind_of(report.kind), report.filled
        for code, given in words.items():
            text = given.strip().replace("\r\n", "\n")
            if text == before.get(code, ""):
                continue
            life.check_fill(report, kind, code, text)
            self.access.check_field(connection, report, kind, code, actor, now)
            field = kind.field(code)
            is_line = field is not None and not field.is_long
            self.access.check_words(connection, report, [text], actor, now, or_name=is_line)
            store.note(connection, number, Deed.FILLED, actor, now, text, {"field": code})
        return self._locked(connection, number)

    def ask(self, connection: Connection, number: int, actor: str, now: datetime) -> Report:
        """Put a draft up for signature: from now on its words stand still.

        What carries its signatures among its facts is done with that.

        Raises:
            Refused: A mandatory field is empty; naming each, and who can fill it.
        """
        report = self._locked(connection, number)
        self.access.check_write(connection, report, actor, now)
        kind = self.kind_of(report.kind)
        life.check_ask(report, kind, self.access.role_names)
        self.letterheads.need(report.layout)
        text = dumped(self.composed(report, now, is_draft=False))
        digest = digest_of(text)
        state = State.WAITING if kind.is_signed_here else State.SIGNED
        return self._done(
            connection, report, Deed.ASKED, state, actor, now, data={"digest": digest},
            document=text, digest=digest, later_until=None,
        )  # fmt: skip

    def sign(
        self, connection: Connection, number: int, actor: str, now: datetime, digest: str = ""
    ) -> Report:
        """Sign what waits; `digest` is of what the signer was shown."""
        report = self._locked(connection, number)
        kind = self.kind_of(report.kind)
        others_only = self.access.check_sign(connection, report, actor, now)
        if kind.is_by_two:
            others_only |= {report.asked_by}
        life.check_sign(report, actor, digest, others_only)
        if kind.about == "session":
            self.sources.sessions.step(connection, int(report.subject), Stage.REPORTED, actor, now)
        data = {"digest": report.digest}
        return self._done(connection, report, Deed.SIGNED, State.SIGNED, actor, now, data=data)

    def give_back(
        self, connection: Connection, number: int, reason: str, actor: str, now: datetime
    ) -> Report:
        """Return what waits to those who wrote it, with the reason."""
        report = self._locked(connection, number)
        self.access.check_sign(connection, report, actor, now)
        life.check_return(report, reason)
        self.access.check_words(connection, report, [reason], actor, now)
        return self._done(
            connection, report, Deed.RETURNED, State.RETURNED, actor, now, text=reason.strip(),
            later_until=None,
        )  # fmt: skip

    def put_off(
        self, connection: Connection, number: int, until: datetime, actor: str, now: datetime
    ) -> Report:
        """Put off what waits until an hour; then it waits again by itself."""
        report = self._locked(connection, number)
        self.access.check_sign(connection, report, actor, now)
        life.check_later(report, until, now)
        return self._done(
            connection, report, Deed.LATER, State.LATER, actor, now,
            data={"until": microseconds(until)}, later_until=until,
        )  # fmt: skip

    def number(
        self, connection: Connection, report_number: int, given: str, on: date, actor: str,
        now: datetime,
    ) -> Report:  # fmt: skip
        """Write down the number and day that the records office gave."""
        report = self._locked(connection, report_number)
        self.access.check_write(connection, report, actor, now)
        given = given.strip()
        life.check_number(report, self.kind_of(report.kind), given)
        return self._done(
            connection, report, Deed.NUMBERED, State.NUMBERED, actor, now, text=given,
            data={"on": on.isoformat()}, number=given, numbered_on=on,
        )  # fmt: skip

    def send(
        self,
        connection: Connection,
        number: int,
        recipient: str,
        how: str,
        at: datetime,
        actor: str,
        now: datetime,
        receipt: str = "",
    ) -> tuple[Report, list[str]]:
        """Note that it was sent; return it, and the duties of its incident that this met."""
        report = self._locked(connection, number)
        self.access.check_write(connection, report, actor, now)
        kind, recipient, how = self.kind_of(report.kind), recipient.strip(), how.strip()
        life.check_sent(report, kind, recipient, how)
        self.access.check_words(connection, report, [recipient, how], actor, now, or_name=True)
        if at > now:
            raise Refused(
                "Thời điểm gửi ở tương lai.", "It was sent in the future, as given.", ["at"]
            )
        data: dict[str, Any] = {"recipient": recipient, "how": how, "at": microseconds(at)}
        after = self._done(
            connection, report, Deed.SENT, State.SENT, actor, now,
            text=f"{recipient}: {how}, {local_time(at)}", data=data,
        )  # fmt: skip
        if receipt.strip():
            after = self.receive(connection, number, after.sent[-1].id, receipt, actor, now)
        words = {"recipient": recipient, "how": how, "number": self.numbered(after)}
        return after, self._teller.meet(connection, after, kind, words, at, actor, now)

    def receive(
        self, connection: Connection, number: int, sent: int, receipt: str, actor: str,
        now: datetime,
    ) -> Report:  # fmt: skip
        """Write down the receipt for one of the times it was sent."""
        report = self._locked(connection, number)
        self.access.check_write(connection, report, actor, now)
        life.check_receipt(report, sent, receipt)
        self.access.check_words(connection, report, [receipt], actor, now)
        return self._done(
            connection, report, Deed.RECEIVED, report.state, actor, now, text=receipt.strip(),
            data={"sent": sent},
        )  # fmt: skip

    def correct(
        self, connection: Connection, number: int, changes: str, actor: str, now: datetime
    ) -> Report:
        """Begin the next version of a signed report, with the facts and words of the last one."""
        report = self._locked(connection, number)
        self.access.check_write(connection, report, actor, now)
        life.check_correct(report, store.newest_version(connection, report.family), changes)
        self.access.check_words(connection, report, [changes], actor, now)
        new = replace(
            report, id=0, version=report.version + 1, changes=changes.strip(), state=State.DRAFT,
            made_by=actor, made_at=now, document="", digest="", number="", numbered_on=None,
            later_until=None, done=(),
        )  # fmt: skip
        self._done(
            connection, report, Deed.CORRECTED, report.state, actor, now, text=new.changes,
            data={"next": new.version},
        )  # fmt: skip
        made = self._added(connection, new, actor, now)
        for code, one in report.written.items():
            store.note(connection, made.id, Deed.FILLED, one.actor, now, one.text, {"field": code})
        return self._locked(connection, made.id)

    def pack(self, connection: Connection, number: int, actor: str, now: datetime) -> Report:
        """Note that somebody takes the dossier of a report.

        Raises:
            NotAllowed: Naming the roles that may.
            Refused: It was never put up for signature.
        """
        report = self._locked(connection, number)
        self.access.check_export(connection, report, actor, now)
        life.need_state(report, WAITING | FIXED, "xuất hồ sơ", "be taken to the archive")
        return self._done(connection, report, Deed.PACKED, report.state, actor, now)

    def composed(self, report: Report, now: datetime, *, is_draft: bool = True) -> Document:
        """Return the document: a draft as it would be now, a signed one as it was signed."""
        if report.document and report.state not in OPEN:
            return issued(report)
        kind, head = self.kind_of(report.kind), self.letterheads.of(report.layout)
        roles = self.access.role_names
        return composed(report, kind, head, now, is_draft=is_draft, roles=roles)

    def in_layout(self, report: Report, layout: Layout | None, now: datetime) -> Document:
        """Return the document in a layout; another than its own is composed anew."""
        if layout is None or layout == report.layout:
            return self.composed(report, now, is_draft=False)
        other = replace(report, layout=layout, document="", number="", numbered_on=None)
        return self.composed(other, now, is_draft=False)

    def numbered(self, report: Report) -> str:
        """Return number and symbol as the document shows them; empty without a number."""
        return issued(report).numbered if report.number and report.document else ""

    def missing(self, report: Report) -> Sequence[Any]:
        """Return the mandatory fields that are empty."""
        return self.kind_of(report.kind).missing(report.facts, report.filled)

    def _gathered(
        self, connection: Connection, code: str, subject: str, maker: str, now: datetime
    ) -> Gathered:
        """Return the facts, with what stands in every report and who makes this one.

        Raises:
            NoSuchSubject: There is nothing of this name.
        """
        gatherer = gatherers().get(code)
        if gatherer is None:
            raise NoSuchSubject(subject)
        found = gatherer.gather(self.sources, connection, code, subject, now)
        if found is None:
            raise NoSuchSubject(subject)
        known = dict(self.letterheads.standing)
        if is_person(maker):
            known["nguoi_lap"] = maker.removeprefix(PERSON)
        codes = {one.code for one in self.kind_of(code).fields}
        standing = {name: text for name, text in known.items() if name in codes}
        return replace(found, facts={**standing, **found.facts})

    def _added(self, connection: Connection, new: Report, actor: str, now: datetime) -> Report:
        number = store.add(connection, new)
        store.note(connection, number, Deed.MADE, actor, now, new.changes)
        made = self._locked(connection, number)
        self._teller.record(connection, made, Deed.MADE, actor, now, text=new.changes)
        return made

    def _done(
        self,
        connection: Connection,
        report: Report,
        deed: Deed,
        state: State,
        actor: str,
        now: datetime,
        *,
        text: str = "",
        data: Mapping[str, Any] | None = None,
        **values: Any,
    ) -> Report:
        store.note(connection, report.id, deed, actor, now, text, data)
        store.change(connection, report.id, state=state.value, **values)
        after = self._locked(connection, report.id)
        self._teller.record(connection, after, deed, actor, now, text=text, data=data)
        return after

    def _locked(self, connection: Connection, number: int) -> Report:
        report = store.find(connection, number, lock=True)
        if report is None:
            raise NoSuchReport(number)
        return report
