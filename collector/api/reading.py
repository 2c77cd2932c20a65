"""Who read a restricted incident: written down before it is shown."""

from collector.access import Identity
from collector.services import Services
from collector.storage.queries.incidents import IncidentRow
from collector.storage.record import record_reading


async def note_reading(services: Services, caller: Identity, incident: IncidentRow) -> None:
    """Record that somebody reads an incident which not everybody may see."""
    if not incident.restricted:
        return
    now, code = services.now(), incident.code
    await services.db.write(lambda c: record_reading(c, code, caller.actor, now))
