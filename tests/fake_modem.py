"""A mobile modem on a pseudo-terminal: it speaks AT as real ones do, badly when a test says so.

Its reader and writer of short messages share nothing with ours, so that both check each other.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import pty
import re
import threading
import tty
from collections import deque
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_BASIC = dict(
    zip(
        "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQ"
        "RSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà",
        range(128),
        strict=True,
    )
)
TAKEN = ""
_SHIFTED = {
    "\f": 10, "^": 20, "{": 40, "}": 41, "\\": 47, "[": 60, "~": 61, "]": 62, "|": 64, "€": 101,
}  # fmt: skip


class Submitted(NamedTuple):
    """A message that left, as the network sees it."""

    number: str
    text: str
    octets: int
    reference: int | None
    total: int
    place: int
    wants_report: bool


def read_submit(pdu: str) -> Submitted:
    """Read a message that goes out, bit by bit."""
    octets = list(bytes.fromhex(pdu))
    assert octets[0] == 0, "the service centre is the SIM's"
    first, count = octets[1], octets[3]
    assert first & 0b11 == 1
    assert first >> 3 & 0b11 == 0b10, "a relative validity"
    digits = "".join(f"{o & 15:x}{o >> 4:x}" for o in octets[5 : 5 + (count + 1) // 2])[:count]
    number = ("+" if octets[4] == 0x91 else "") + digits
    coding, length = octets[6 + (count + 1) // 2], octets[8 + (count + 1) // 2]
    data = octets[9 + (count + 1) // 2 :]
    header = data[: data[0] + 1] if first & 0x40 else []
    assert coding in (0, 8)
    if coding == 8:
        assert len(data) == length
        text = bytes(data[len(header) :]).decode("utf-16-be")
    else:
        assert len(data) == (length * 7 + 7) // 8
        bits = "".join(f"{o:08b}"[::-1] for o in data)
        septets = [int(bits[n * 7 : n * 7 + 7][::-1], 2) for n in range(length)]
        text = _letters(septets[(len(header) * 8 + 6) // 7 :])
    reference, total, place = None, 1, 1
    if header:
        *which, total, place = header[3:]
        reference = which[0] if len(which) == 1 else which[0] * 256 + which[1]
    return Submitted(number, text, len(data), reference, total, place, bool(first & 0x20))


def _letters(septets: list[int]) -> str:
    basic = {code: letter for letter, code in _BASIC.items()}
    shifted = {code: letter for letter, code in _SHIFTED.items()}
    text, rest = "", iter(septets)
    for code in rest:
        text += shifted[next(rest)] if code == 0x1B else basic[code]
    return text


def deliver(
    number: str, text: str, *, part: tuple[int, int, int] | None = None, wide: bool = False
) -> str:
    """Write a message that comes in: `part` is (reference, total, place)."""
    header: list[int] = []
    if part is not None and wide:
        header = [6, 8, 4, part[0] >> 8, part[0] & 255, part[1], part[2]]
    elif part is not None:
        header = [5, 0, 3, *part]
    if all(c in _BASIC or c in _SHIFTED for c in text) and "\x1b" not in text:
        septets = [s for c in text for s in ([27, _SHIFTED[c]] if c in _SHIFTED else [_BASIC[c]])]
        bits = "".join(f"{o:08b}"[::-1] for o in header)
        bits += "0" * (-len(bits) % 7) + "".join(f"{s:07b}"[::-1] for s in septets)
        length, coding = len(bits) // 7, 0
        bits += "0" * (-len(bits) % 8)
        data = [int(bits[n : n + 8][::-1], 2) for n in range(0, len(bits), 8)]
    else:
        data, coding = header + list(text.encode("utf-16-be")), 8
        length = len(data)
    digits = number.removeprefix("+")
    pairs = digits + "f" * (len(digits) % 2)
    swapped = "".join(b + a for a, b in zip(pairs[::2], pairs[1::2], strict=True))
    head = f"07914889200000F0{0x44 if header else 4:02X}{len(digits):02X}"
    kind = "91" if number.startswith("+") else "81"
    return (
        f"{head}{kind}{swapped}00{coding:02X}62118261320082{length:02X}".upper()
        + bytes(data).hex().upper()
    )


class FakeModem:
    """One modem; everything about it may be changed while it runs.

    Attributes:
        refusals: What the next messages are answered with instead of being taken: a line such as
            "+CMS ERROR: 38", or "silence"; `TAKEN` lets one pass.
        rings: By number, what AT+CLCC says of the call at each look: its state, or a line that
            ends it ("BUSY"); the last goes on. Without one it rings for ever.
        chatter: Lines said unasked in the middle of the next answers.
        in_bytes: Answers come byte by byte.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.sim, self.pin, self.registered, self.rssi = "READY", "1234", 1, 20
        self.store: dict[int, str] = {}
        self.capacity = 20
        self.sent: list[Submitted] = []
        self.refusals: deque[str] = deque()
        self.rings: dict[str, list[str]] = {}
        self.dialled: list[str] = []
        self.hung_up = 0
        self.chatter: deque[str] = deque()
        self.in_bytes = False
        self.is_deaf = False
        self.commands: list[str] = []
        self.pins_tried = 0
        self.happened = asyncio.Event()
        self._fds: tuple[int, int] | None = None
        self._typed = b""
        self._echo = True
        self._awaits = 0
        self._reference = 0
        self._call: deque[str] | None = None

    def plug(self) -> None:
        """Appear: the path leads to a new terminal, and everything set before is forgotten."""
        master, slave = pty.openpty()
        tty.setraw(master)
        tty.setraw(slave)
        self._fds, self._echo, self._typed, self._awaits = (master, slave), True, b"", 0
        self._call = None
        self.path.symlink_to(os.ttyname(slave))
        asyncio.get_running_loop().add_reader(master, self._read)

    def unplug(self) -> None:
        """Vanish in the middle of whatever was going on."""
        if self._fds is None:
            return
        self.path.unlink()
        asyncio.get_running_loop().remove_reader(self._fds[0])
        for descriptor in self._fds:
            os.close(descriptor)
        self._fds = None

    def receive(self, number: str, text: str, **more: object) -> int:
        """A message comes in: it is stored and announced; return its place."""
        return self.receive_raw(deliver(number, text, **more))  # type: ignore[arg-type]

    def receive_raw(self, pdu: str) -> int:
        index = next(n for n in range(1, 256) if n not in self.store)
        self.store[index] = pdu
        self.say(f'+CMTI: "SM",{index}')
        return index

    def texts(self) -> list[tuple[str, str]]:
        """Return number and text of each whole message that left, its parts joined."""
        whole: list[tuple[str, str]] = []
        together: dict[tuple[str, int | None], dict[int, str]] = {}
        for sent in self.sent:
            if sent.total == 1:
                whole.append((sent.number, sent.text))
                continue
            held = together.setdefault((sent.number, sent.reference), {})
            held[sent.place] = sent.text
            if len(held) == sent.total:
                whole.append((sent.number, "".join(held[n] for n in sorted(held))))
                del together[sent.number, sent.reference]
        return whole

    def say(self, *lines: str) -> None:
        if self._fds is None:
            return
        said = "".join(f"\r\n{line}\r\n" for line in lines).encode()
        for piece in [said[n : n + 1] for n in range(len(said))] if self.in_bytes else [said]:
            os.write(self._fds[0], piece)

    def _read(self) -> None:
        assert self._fds is not None
        self._typed += os.read(self._fds[0], 4096)
        self.happened.set()
        if self.is_deaf:
            self._typed = b""
        while True:
            if self._awaits:
                found = re.search(rb"[\x1a\x1b]", self._typed)
                if found is None:
                    return
                typed, self._typed = self._typed[: found.start()], self._typed[found.end() :]
                awaited, self._awaits = self._awaits, 0
                if found[0] == b"\x1a":
                    self._take(typed.decode(), awaited)
                continue
            self._typed = self._typed.lstrip(b"\x1b\n")
            if b"\r" not in self._typed:
                return
            line, _, self._typed = self._typed.partition(b"\r")
            if self._echo and self._fds:
                os.write(self._fds[0], line + b"\r")
            if line:
                self._obey(line.decode())

    def _take(self, pdu: str, length: int) -> None:
        refusal = self.refusals.popleft() if self.refusals else TAKEN
        if refusal != TAKEN:
            if refusal != "silence":
                self.say(refusal)
            return
        assert len(pdu) == 2 * (length + 1), "the announced length"
        self.sent.append(read_submit(pdu))
        self._reference = (self._reference + 1) % 256
        if self.chatter:
            self.say(self.chatter.popleft())
        self.say(f"+CMGS: {self._reference}", "OK")

    def _obey(self, line: str) -> None:
        self.commands.append(line)
        if self.chatter and not line.startswith("AT+CMGS"):
            self.say(self.chatter.popleft())
        for pattern, answer in self._answers():
            if found := re.fullmatch(pattern, line):
                answer(*found.groups())  # type: ignore[operator]
                return
        self.say("ERROR")

    def _answers(self) -> list[tuple[str, object]]:
        return [
            (r"AT", lambda: self.say("OK")),
            (r"ATE0", self._no_echo),
            (r"AT\+(?:CMEE|CMGF|CREG|CLIP|CNMI|COPS|CSMS)=.*", lambda: self.say("OK")),
            (r"AT\+CPIN\?", self._say_sim),
            (r'AT\+CPIN="(\d+)"', self._enter_pin),
            (r"AT\+CREG\?", lambda: self.say(f"+CREG: 0,{self.registered}", "OK")),
            (r"AT\+COPS\?", lambda: self.say('+COPS: 0,0,"VIETTEL",7', "OK")),
            (r"AT\+CSQ", lambda: self.say(f"+CSQ: {self.rssi},99", "OK")),
            (r"AT\+CPMS[=?].*", self._say_store),
            (r"AT\+CMGL=4", self._list),
            (r"AT\+CMGD=(\d+)", self._delete),
            (r"AT\+CMGS=(\d+)", self._prompt),
            (r"ATD(.+);", self._dial),
            (r"AT\+CLCC", self._say_calls),
            (r"AT\+CHUP|ATH", self._hang_up),
        ]

    def _no_echo(self) -> None:
        self._echo = False
        self.say("OK")

    def _say_sim(self) -> None:
        if self.sim == "missing":
            self.say("+CME ERROR: 10")
        else:
            self.say(f"+CPIN: {self.sim}", "OK")

    def _enter_pin(self, pin: str) -> None:
        self.pins_tried += 1
        if pin == self.pin:
            self.sim = "READY"
            self.say("OK")
        else:
            self.say("+CME ERROR: 16")

    def _say_store(self) -> None:
        used = f'"SM",{len(self.store)},{self.capacity}'
        self.say(f"+CPMS: {used},{used},{used}", "OK")

    def _list(self) -> None:
        lines = [
            line
            for index, pdu in sorted(self.store.items())
            for line in (f"+CMGL: {index},1,,{len(pdu) // 2 - 8}", pdu)
        ]
        self.say(*lines, "OK")

    def _delete(self, index: str) -> None:
        self.say("OK" if self.store.pop(int(index), None) else "+CMS ERROR: 321")

    def _prompt(self, length: str) -> None:
        self._awaits = int(length)
        if self._fds:
            os.write(self._fds[0], b"\r\n> ")

    def _dial(self, number: str) -> None:
        self.dialled.append(number)
        self._call = deque(self.rings.get(number, ["2", "3"]))
        self.say("OK")

    def _say_calls(self) -> None:
        if self._call is None:
            self.say("OK")
            return
        state = self._call[0] if len(self._call) == 1 else self._call.popleft()
        if state.isdecimal():
            self.say(f'+CLCC: 1,0,{state},0,0,"{self.dialled[-1]}",145', "OK")
        else:
            self._call = None
            self.say(state, "OK")

    def _hang_up(self) -> None:
        self.hung_up += self._call is not None
        self._call = None
        self.say("OK")


@contextlib.contextmanager
def modem_in_a_thread(path: Path) -> Iterator[FakeModem]:
    """Run a modem beside a test that has no event loop of its own."""
    modem, loop = FakeModem(path), asyncio.new_event_loop()

    def call(do: Callable[[], None]) -> None:
        done = threading.Event()
        loop.call_soon_threadsafe(lambda: (do(), done.set()))
        assert done.wait(10)

    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        call(modem.plug)
        yield modem
        call(modem.unplug)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
