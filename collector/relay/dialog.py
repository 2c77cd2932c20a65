"""One command at a time: what belongs to it is its answer, the rest was said unasked."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from collector.relay.port import PROMPT, Port, PortLostError
from incidents.modem import answers, faults

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from incidents.modem.answers import Failure

_END_OF_MESSAGE, _ESCAPE = b"\x1a", b"\x1b"


class RefusedByModemError(Exception):
    """The modem or the network said no; nothing was done."""

    def __init__(self, command: str, failure: Failure) -> None:
        super().__init__(f"{command}: {faults.named(failure)}")
        self.failure = failure


class SilentModemError(Exception):
    """No end of an answer came in time: whether it was done is unknown."""


@dataclass(slots=True)
class _Asked:
    command: str
    prefix: str | None
    dials: bool
    done: asyncio.Future[list[str]]
    prompted: asyncio.Future[None]
    lines: list[str] = field(default_factory=list)


class Dialog:
    """Asks a modem on a port.

    Args:
        on_unasked: Gets each line that no command asked for; a receipt as "+CDS: HEX".
    """

    def __init__(self, path: Path, speed: int, *, on_unasked: Callable[[str], None]) -> None:
        self._on_unasked = on_unasked
        self._asked: _Asked | None = None
        self._is_report_next = False
        self.lost: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._port = Port(path, speed, on_line=self._hear, on_lost=self._lose)

    def close(self) -> None:
        """Let go of the port."""
        self._port.close()

    async def ask(
        self, command: str, prefix: str | None = "", *, limit: float, dials: bool = False
    ) -> list[str]:
        """Say a command and return the lines of its answer that begin with `prefix`.

        Args:
            prefix: Empty where only the end counts; None takes every line.
            limit: In seconds.
            dials: The lines that end a call end the command, too.

        Raises:
            RefusedByModemError, SilentModemError, PortLostError: What became of it.
        """
        asked = self._ask(command, prefix, dials=dials)
        return await self._end(asked, limit)

    async def hand_over(self, command: str, text: str, prefix: str, *, limit: float) -> list[str]:
        """Say a command that asks for a text, give it, and return its answer.

        Raises:
            RefusedByModemError, SilentModemError, PortLostError: What became of it.
        """
        asked = self._ask(command, prefix)
        try:
            async with asyncio.timeout(limit):
                await asyncio.wait(
                    (asked.prompted, asked.done), return_when=asyncio.FIRST_COMPLETED
                )
        except TimeoutError:
            self._asked = None
            self._port.write(_ESCAPE)
            raise SilentModemError(f"{command}: it did not ask for the message") from None
        if not asked.done.done():
            self._port.write(text.encode("ascii") + _END_OF_MESSAGE)
        return await self._end(asked, limit)

    def _ask(self, command: str, prefix: str | None, *, dials: bool = False) -> _Asked:
        if self.lost.done():
            raise PortLostError(self.lost.result())
        loop = asyncio.get_running_loop()
        asked = _Asked(command, prefix, dials, loop.create_future(), loop.create_future())
        self._asked = asked
        self._port.write(command.encode("ascii") + b"\r")
        return asked

    async def _end(self, asked: _Asked, limit: float) -> list[str]:
        try:
            async with asyncio.timeout(limit):
                return await asked.done
        except TimeoutError:
            words = f"{asked.command.partition('=')[0]}: no answer within {limit:g} s"
            raise SilentModemError(words) from None
        finally:
            self._asked = None

    def _hear(self, line: str) -> None:
        if self._is_report_next:
            self._is_report_next = False
            self._on_unasked(f"{answers.NEW_REPORT} {line}")
        elif line.startswith(answers.NEW_REPORT):
            self._is_report_next = True
        elif self._asked is not None and self._belongs(self._asked, line):
            pass
        elif line != PROMPT:
            self._on_unasked(line)

    def _belongs(self, asked: _Asked, line: str) -> bool:
        """Take a line that belongs to what was asked; say whether it does."""
        failed = answers.failure(line, dials=asked.dials)
        if line == PROMPT:
            if not asked.prompted.done():
                asked.prompted.set_result(None)
        elif asked.done.done() or line == asked.command:
            return line == asked.command
        elif line == answers.OK:
            asked.done.set_result(asked.lines)
        elif failed is not None:
            name = asked.command.partition("=")[0]
            asked.done.set_exception(RefusedByModemError(name, failed))
        elif _is_of(asked, line):
            asked.lines.append(line)
        else:
            return False
        return True

    def _lose(self, why: str) -> None:
        if not self.lost.done():
            self.lost.set_result(why)
        if self._asked is not None and not self._asked.done.done():
            self._asked.done.set_exception(PortLostError(why))


def _is_of(asked: _Asked, line: str) -> bool:
    if asked.prefix is None:
        return True
    if not asked.prefix:
        return False
    is_after_head = bool(asked.lines) and asked.lines[-1].startswith(asked.prefix)
    is_message = asked.prefix == "+CMGL:" and is_after_head and answers.is_hexadecimal(line)
    return line.startswith(asked.prefix) or is_message
