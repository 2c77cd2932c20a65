"""A reply by telephone: who sent it, what it is about, the command of a click, the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from loguru import logger

from collector.storage import phone
from collector.storage.account_store import is_disabled
from collector.storage.channel_tests import note_returned
from collector.storage.outbox_store import queue_public
from incidents import replies, unit_day_messages, unit_day_replies
from incidents.channel_test_messages import is_test
from incidents.commands import Acknowledge, PassOn
from incidents.conditions import NotAllowed, Refused
from incidents.deadlines import rows
from incidents.incident import fold
from incidents.modem.address import normal
from incidents.public_words import is_hidden, write_public_detail
from incidents.replies import Act, Outcome
from incidents.vietnamese import local_time

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy import Connection

    from collector.duties.unit_day_desk import UnitDayDesk
    from collector.services import IncidentDesk
    from collector.storage.phone import Came
    from incidents.commands import Command
    from incidents.desk_store import DeskTransaction
    from incidents.paging_policy import PagingPolicy
    from incidents.state import Incident

WAY = "sms"
_DONE = {Act.ACKNOWLEDGE: Outcome.ACKNOWLEDGED, Act.FORWARD: Outcome.PASSED_ON}
_WISHES: dict[Act, type[Command]] = {Act.ACKNOWLEDGE: Acknowledge, Act.FORWARD: PassOn}
# Over which kind of channel answers go, the better first.
TELEPHONES = ("modem", "sms_gateway")


class Incoming(NamedTuple):
    """A text that a relay hands over."""

    id: str
    number: str
    text: str
    sent_at: datetime | None = None
    is_whole: bool = True


class _Done(NamedTuple):
    outcome: Outcome
    incident: int | None = None
    code: str = ""
    severity: str = "S4"
    answer: str = ""


class PhoneDesk:
    """Carries replies out, each in the transaction that keeps it.

    Args:
        person_of: Returns whose number it is, as in people.yaml; None: nobody's.
    """

    def __init__(
        self,
        desk: IncidentDesk,
        desk_tx: Callable[[Connection], DeskTransaction],
        *,
        person_of: Callable[[str], str | None],
        new_message_id: Callable[[], str],
        unit_days: UnitDayDesk,
    ) -> None:
        self._desk, self._desk_tx, self._unit_days = desk, desk_tx, unit_days
        self._person_of, self._new_message_id = person_of, new_message_id

    def take(self, connection: Connection, came: Incoming, relay: str, now: datetime) -> _Done:
        """Carry out what a text asks for, keep it, and queue the answer; a repeat changes nothing.

        Raises:
            Conflict: Others changed the incident meanwhile; nothing is kept: hand it over again.
        """
        phone.seen(connection, relay, now)
        known = phone.outcome_of(connection, came.id)
        if known is not None:
            return _Done(Outcome(known))
        number = normal(replies.one_line(came.number))
        person = self._person_of(number) or ""
        done = self._do(connection, came, number, person, now)
        answer = self._answer(connection, done, number, person, now)
        kept = phone.Came(
            message_id=came.id,
            relay=relay,
            number=number,
            person=person,
            received_at=now,
            sent_at=came.sent_at,
            is_whole=came.is_whole,
            text=replies.kept_text(came.text, is_stranger=not person),
            outcome=str(done.outcome),
            incident=done.incident,
            answer=answer,
        )
        phone.keep(connection, kept)
        _log(kept, done)
        return done

    def _do(
        self, connection: Connection, came: Incoming, number: str, person: str, now: datetime
    ) -> _Done:
        if is_test(came.text) and self._is_own_test(connection, number, now):
            return _Done(Outcome.TEST_RETURNED)
        if not person:
            return _Done(Outcome.UNKNOWN_NUMBER)
        if is_disabled(connection, person):
            return _Done(Outcome.NOT_ALLOWED)
        actor = f"person:{person}"
        asked = replies.understand(came.text) if came.is_whole else None
        if asked is None:
            return self._day(connection, came, actor, now)
        found = phone.candidates(connection, number, self._desk.viewer(actor, now), now)
        chosen = replies.choose(asked, found, now)
        why = replies.refusal(asked, chosen)
        if why is not None:
            return _Done(why)
        return self._carry_out(connection, asked.act, found[chosen[0]], actor, now)

    def _day(self, connection: Connection, came: Incoming, actor: str, now: datetime) -> _Done:
        """Keep what an officer says of the day of their unit, if that is what it is."""
        said = unit_day_replies.understand(came.text) if came.is_whole else None
        try:
            found = said and self._unit_days.take_text(connection, actor, said, now)
        except NotAllowed:
            return _Done(Outcome.NOT_ALLOWED)
        except Refused as refused:
            is_which = "unit" in refused.needed
            return _Done(Outcome.WHICH_UNIT if is_which else Outcome.REFUSED)
        if not found:
            return _Done(Outcome.UNREADABLE)
        words = unit_day_messages.taken(found[0], local_time(now).rpartition(" ")[2])
        return _Done(Outcome.DAY_CONFIRMED, answer=words)

    def _is_own_test(self, connection: Connection, number: str, now: datetime) -> bool:
        """Note that a daily test has come in again, if this is one: from a modem to itself."""
        return any(
            settings.test_comes_back
            and normal(settings.tested_at() or "") == number
            and note_returned(connection, name, now)
            for name, settings in self._desk.policy.channels.items()
        )

    def _carry_out(
        self, connection: Connection, act: Act, incident: int, actor: str, now: datetime
    ) -> _Done:
        tx = self._desk_tx(connection)
        before = fold(tx.timeline(incident, lock=False))
        procedure = self._desk.procedure_of(tx, before)
        # Of an incident that not everybody may see not even its code leaves the network.
        code = "" if is_hidden(before, procedure) else before.code
        about = _Done(Outcome.REFUSED, incident, code, before.severity)
        if act is Act.DETAIL:
            facts = self._desk.public_facts(before)
            words = write_public_detail(before, procedure, rows(before, procedure), facts)
            return about._replace(outcome=Outcome.DETAIL_GIVEN, answer=words.body.strip())
        wish = _WISHES[act]()
        try:
            self._desk.command(tx, incident, wish, actor, now, way=WAY)
        except Refused as refused:
            roles = {role.code for role in procedure.file.roles}
            return about._replace(outcome=_refused(act, before, refused, roles))
        return about._replace(outcome=_DONE[act])

    def _answer(
        self, connection: Connection, done: _Done, number: str, person: str, now: datetime
    ) -> str:
        """Queue the answer and return it; empty: there is none."""
        at = local_time(now).rpartition(" ")[2]
        words = done.answer or replies.answer(done.outcome, done.code, at)
        channel = telephone_of(self._desk.policy)
        last_at = phone.last_answer_at(connection, number)
        if not (words and person and channel) or not replies.may_answer(last_at, now):
            return ""
        queue_public(
            connection,
            incident=done.incident,
            channel=channel,
            recipient=person,
            address=number,
            severity=done.severity,
            words=words,
            message_id=self._new_message_id(),
            now=now,
        )
        return words


def telephone_of(policy: PagingPolicy) -> str:
    """Return the channel over which answers go: a modem's before a gateway's; empty: none."""
    by_kind = {settings.kind: name for name, settings in reversed(policy.channels.items())}
    return next((by_kind[kind] for kind in TELEPHONES if kind in by_kind), "")


def person_of(desk: IncidentDesk, number: str) -> str | None:
    """Return whose number it is: a contact's, or a recipient's by telephone; None: nobody's."""
    contact = desk.switchboard.oncall.contacts.by_number(number)
    return contact or _recipient_of(desk.policy, number)


def _recipient_of(policy: PagingPolicy, number: str) -> str | None:
    for recipient in policy.recipients:
        channel = policy.channels.get(recipient.channel)
        is_telephone = channel is not None and channel.kind in TELEPHONES
        if is_telephone and normal(recipient.address) == number:
            return recipient.name
    return None


def _refused(act: Act, before: Incident, refused: Refused, roles: set[str]) -> Outcome:
    if roles.intersection(refused.needed):
        return Outcome.NOT_ALLOWED
    if act is Act.FORWARD:
        return Outcome.NOT_PASSED_ON
    return Outcome.ALREADY if before.acknowledged_at is not None else Outcome.REFUSED


def _log(kept: Came, done: _Done) -> None:
    if done.outcome in (*_DONE.values(), Outcome.DETAIL_GIVEN, Outcome.DAY_CONFIRMED):
        logger.info("reply by telephone of {}: {}", kept.person, done.outcome)
    else:
        who = kept.person or f"an unknown number, {kept.number[:5]}…{kept.number[-2:]}"
        logger.warning("reply by telephone of {} refused: {}", who, done.outcome)
