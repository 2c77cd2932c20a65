"""One process at a time works with an agent's data."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

from agents.files import lock
from agents.identity import KEY_FILE
from agents.settings import SettingsError

if TYPE_CHECKING:
    from agents.settings import Settings


def only_one(settings: Settings) -> IO[bytes]:
    """Take the lock of the data directory.

    Raises:
        SettingsError: Another process has it.
    """
    try:
        return lock(settings.data / "lock", instead=settings.data / KEY_FILE)
    except BlockingIOError:
        raise SettingsError(f"setting 'data': another agent uses {settings.data}") from None
