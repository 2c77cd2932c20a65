"""Why a device is silent to us: nobody there, somebody else, or one that does not know us.

Whoever speaks SNMP 3 tells anybody who it is, also one whose community or password is wrong.
"""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from agents.answer import Answer
from agents.exchange import answer_of, family_of
from agents.snmp.knock_answer import is_snmp

if TYPE_CHECKING:
    from agents.snmp.engine import Where

MOST_ANSWERS = 8
MOST_BYTES = 4_096
# A GET of nothing by nobody, which is answered with a report of who this is: RFC 3414, section 4.
WHO_ARE_YOU = bytes.fromhex(
    "3038 020103"  # SNMP 3
    "300e 020101 020300ffe3 040104 020103"  # number 1, 65,507 bytes at the most, tell me, by users
    "0410 300e 0400 020100 020100 0400 0400 0400"  # to whomever, from nobody
    "3011 0400 0400 a00b 020101 020100 020100 3000"  # a GET without a leaf
)


class Knock:
    """A socket of our own beside the library's, which hears what the library keeps to itself.

    Raises:
        SourceError: This host cannot ask that address.
    """

    def __init__(self, where: Where) -> None:
        self._what = f"ask {where.address} SNMP port {where.port}"
        self._socket = socket.socket(family_of(where.address), socket.SOCK_DGRAM)
        self._seconds = where.try_seconds
        try:
            self._socket.connect((where.address, where.port))
        except OSError as error:
            self._socket.close()
            self._failure: Answer | None = answer_of(error, self._what)
        else:
            self._failure = None

    def send(self) -> None:
        """Ask who is there."""
        if self._failure is None:
            try:
                self._socket.send(WHO_ARE_YOU)
            except OSError as error:
                self._failure = answer_of(error, self._what)

    def verdict(self) -> Answer:
        """Return what came: DENIED where somebody speaks SNMP, and not to us.

        By now the answer had as long as one question, so this hardly waits.
        """
        if self._failure is not None:
            return self._failure
        self._socket.settimeout(self._seconds / 10)
        answer = Answer.SILENT
        try:
            for _ in range(MOST_ANSWERS):
                if is_snmp(self._socket.recv(MOST_BYTES)):
                    return Answer.DENIED
                answer = Answer.GARBAGE
        except TimeoutError:
            return answer
        except OSError as error:
            return answer_of(error, self._what)
        return answer

    def close(self) -> None:
        """Let go of the socket."""
        self._socket.close()
