"""The seam between what asks devices by SNMP and the two libraries that can."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, NamedTuple, Protocol

from agents.check import SourceError
from agents.snmp.credential import User

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from agents.answer import Answer
    from agents.snmp.credential import Credential
    from agents.snmp.family import Value, Values

# A leaf of a table and its value; None where there is none, which ends nothing.
Row = tuple[str, "Value | None"]
GUFO, PYSNMP = "gufo", "pysnmp"
# What gufo lacks: keys for 3DES.
_NOT_IN_GUFO = frozenset({"3DES"})


class Where(NamedTuple):
    """A device's address and port, and how long one question to it waits."""

    address: str
    port: int
    try_seconds: float


class Silent(Exception):  # what happened, and in the end an answer
    """Nothing came to one question."""


class Unfit(Exception):
    """One answer was of no use: an error, too big, or not to be read; part of it may go.

    Attributes:
        answer: What it was, where nothing else ever came.
        place: Which of the leaves it complained of, counted from 0; None: it does not say.
    """

    def __init__(self, answer: Answer, place: int | None = None) -> None:
        super().__init__(answer.name)
        self.answer = answer
        self.place = place


class Failed(Exception):
    """A device cannot be read now.

    Attributes:
        is_guess: It speaks SNMP and did not answer us: the credentials, most likely.
    """

    def __init__(self, answer: Answer, *, is_guess: bool = False) -> None:
        super().__init__(answer.name)
        self.answer = answer
        self.is_guess = is_guess


class Engine(Protocol):
    """One library, asking one device from one thread: single questions, no second tries.

    Each method raises Silent, Unfit, or Failed where the credentials are wrong.
    """

    def get(self, leaves: Sequence[str]) -> Values:
        """Return those of the leaves that the device has."""

    def rows(self, column: str, repetitions: int) -> Iterator[Row]:
        """Return what walks a column; after Silent its `next` asks the same once more.

        Args:
            repetitions: Rows of one GETBULK; 0 for GETNEXT, the only way in SNMP 1.
        """

    def close(self) -> None:
        """Let go of the socket."""


def choose(credential: Credential, *, has_gufo: bool, is_strange: bool = False) -> str:
    """Return which library asks: gufo costs a thirtieth, and pysnmp can all there is.

    Args:
        is_strange: The device sent what gufo cannot read.
    """
    if not has_gufo or is_strange or credential.version == "1":
        # An error of SNMP 1 takes all leaves with it, and gufo does not say which was at fault.
        return PYSNMP
    if isinstance(credential, User) and credential.privacy in _NOT_IN_GUFO:
        return PYSNMP
    return GUFO


def open_engine(
    where: Where, credential: Credential, *, name: str = "", is_strange: bool = False
) -> Engine:
    """Return what asks a device.

    Args:
        name: The library; empty for whichever is right.

    Raises:
        SourceError: Neither library is installed.
    """
    has_gufo = find_spec("gufo") is not None
    name = name or choose(credential, has_gufo=has_gufo, is_strange=is_strange)
    if name == GUFO:
        from agents.snmp.engine_gufo import GufoEngine

        return GufoEngine(where, credential)
    if find_spec("pysnmp") is None:
        raise SourceError("SNMP needs more than the base install: pip install 'wanwatch[probes]'")
    from agents.snmp.engine_pysnmp import PysnmpEngine

    return PysnmpEngine(where, credential)
