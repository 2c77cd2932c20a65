"""What keeps silences, windows, duties, rotas and sessions, by their names in Parts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector.certificates.book import CertificateBook
from collector.certificates.keeper import CertificateKeeper
from collector.duties.book import DutyBook
from collector.duties.keeper import DutyKeeper
from collector.duties.unit_day_desk import UnitDayDesk
from collector.duties.unit_day_keeper import UnitDayKeeper
from collector.mutes.keeper import MuteKeeper
from collector.oncall.keeper import OncallKeeper
from collector.sessions.desk import SessionDesk
from collector.sessions.feeds import Feed, feeds_of
from collector.sessions.keeper import SessionKeeper
from collector.starter import StartError

if TYPE_CHECKING:
    from collections.abc import Callable

    from collector.changes import Changes
    from collector.fleet import Fleet
    from collector.outages.outages import Outages
    from collector.policy.policy import Policy
    from collector.settings import Settings
    from collector.storage.database import Database
    from incidents.desk import Desk


def new_keepers(
    settings: Settings,
    database: Database,
    outages: Outages,
    desk: Desk,
    changes: Changes,
    policy: Policy,
    new_message_id: Callable[[], str],
    fleet: Fleet,
) -> dict[str, Any]:
    """Make what keeps silences, windows, duties and sessions; they tell outside of incidents."""
    sessions = SessionDesk(desk, policy.sessions, new_message_id=new_message_id)
    sessions.adopt(policy.sessions, policy.targets)
    certificates = CertificateBook(policy.certificates)
    days = UnitDayDesk(
        desk,
        policy.day,
        expected_of_unit=fleet.expected_of_unit,
        new_message_id=new_message_id,
    )
    book = DutyBook(policy.all_duties, policy.procedure.calendar)
    return {
        "mute_keeper": MuteKeeper(
            database,
            outages,
            desk,
            changes,
            new_message_id=new_message_id,
            console_url=desk.console_url,
        ),
        "duty_book": book,
        "duty_keeper": DutyKeeper(database, book, desk, new_message_id=new_message_id),
        "certificate_book": certificates,
        "certificate_keeper": CertificateKeeper(
            database, certificates, desk, new_message_id=new_message_id
        ),
        "sessions": sessions,
        "session_keeper": SessionKeeper(database, sessions, changes, _calendars(settings)),
        "unit_days": days,
        "unit_day_keeper": UnitDayKeeper(database, days, desk, new_message_id=new_message_id),
        "oncall_keeper": OncallKeeper(database, desk, new_message_id=new_message_id),
    }


def _calendars(settings: Settings) -> list[Feed]:
    """Return the calendars whose events become sessions.

    Raises:
        StartError: One is not a place that can be read.
    """
    try:
        return feeds_of(settings.session_calendars.get_secret_value())
    except ValueError as error:
        raise StartError(str(error)) from error
