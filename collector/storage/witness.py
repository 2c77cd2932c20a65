"""What a transaction gives to the entries that are written in it: salts, clock, deputies.

The composition root binds it to the engine; every connection of that engine brings it along.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from incidents.timeline import SALT_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy import Connection, Engine

    from incidents.timeline import ClockState

_OPTION = "wanwatch_witness"


def _nobody(actor: str, at: datetime) -> tuple[str, ...]:
    del actor, at
    return ()


@dataclass(slots=True)
class Witness:
    """Where salts and the clock's state come from, and who is known to deputise for whom.

    Attributes:
        new_salt: Returns 16 random bytes in hexadecimal.
        clock: Returns what the kernel says of this host's clock; None where it says nothing.
        deputy_for: Returns for whom an actor deputises at an instant.
    """

    new_salt: Callable[[], str]
    clock: Callable[[], ClockState | None]
    deputy_for: Callable[[str, datetime], tuple[str, ...]] = _nobody


# A command on the tables alone: nobody asked the clock.
_ALONE = Witness(lambda: secrets.token_hex(SALT_BYTES), lambda: None)


def witnessed(engine: Engine, witness: Witness) -> Engine:
    """Return the engine whose connections bring `witness` along; the pool stays the same."""
    return engine.execution_options(**{_OPTION: witness})


def witness_of(connection: Connection) -> Witness:
    """Return what this connection brings along."""
    found: Witness = connection.get_execution_options().get(_OPTION, _ALONE)
    return found
