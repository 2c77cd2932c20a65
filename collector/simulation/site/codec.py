"""A codec as far as SIP and H.323 tell: it answers OPTIONS, and takes connections to its port."""

from __future__ import annotations

import contextlib
import socket
import threading

DEVICE = "wanwatch simulated codec"
_SAME = ("via", "from", "call-id", "cseq")
WAIT_SECONDS = 0.2


def answer(request: bytes, device: str = DEVICE) -> bytes | None:
    """Return the answer to an OPTIONS; None for anything else."""
    if not request.startswith(b"OPTIONS "):
        return None
    lines = request.decode("utf-8", "replace").split("\r\n")
    same = [line for line in lines[1:] if line.partition(":")[0].strip().lower() in _SAME]
    to = [line + ";tag=simulated" for line in lines[1:] if line.lower().startswith("to:")]
    head = ["SIP/2.0 200 OK", *same, *to, f"Server: {device}", "Content-Length: 0"]
    return "\r\n".join([*head, "", ""]).encode()


class Codec:
    """Listens on free ports of the loopback address, in threads that end with the process.

    Attributes:
        sip_port, h323_port: Where it listens.
    """

    def __init__(self, address: str = "127.0.0.1") -> None:
        self._sip = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._sip.bind((address, 0))
        self._h323 = socket.create_server((address, 0))
        self.sip_port: int = self._sip.getsockname()[1]
        self.h323_port: int = self._h323.getsockname()[1]
        self._over = threading.Event()
        self._threads = [
            threading.Thread(target=work, daemon=True) for work in (self._speak, self._take)
        ]

    def start(self) -> None:
        """Answer from now on."""
        for opened in (self._sip, self._h323):
            opened.settimeout(WAIT_SECONDS)
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Answer no more."""
        self._over.set()
        for thread in self._threads:
            thread.join(5)
        self._sip.close()
        self._h323.close()

    def _speak(self) -> None:
        while not self._over.is_set():
            with contextlib.suppress(OSError):
                data, peer = self._sip.recvfrom(65_535)
                said = answer(data)
                if said is not None:
                    self._sip.sendto(said, peer)

    def _take(self) -> None:
        while not self._over.is_set():
            with contextlib.suppress(OSError):
                self._h323.accept()[0].close()
