"""A router as far as SNMP tells: who it is, how long it runs, two ports that carry something."""

from __future__ import annotations

import asyncio
import socket
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

COMMUNITY = "demo"
DESCRIPTION = "wanwatch simulated router"
# net-snmp's own number stands for a device that is of no known family.
OBJECT_ID = (1, 3, 6, 1, 4, 1, 8072, 3, 2, 10)
SYSTEM, INTERFACES, EXTENDED = (1, 3, 6, 1, 2, 1, 1), (1, 3, 6, 1, 2, 1, 2), (1, 3, 6, 1, 2, 1, 31)
BYTES_PER_SECOND = {1: 120_000, 2: 45_000}
NAMES = {1: "wan0", 2: "lan0"}
PURPOSES = {1: "Kênh thuê riêng", 2: "Mạng nội bộ"}
START_SECONDS = 10.0
Row = tuple[tuple[int, ...], "Callable[[float], Any]"]


def rows() -> list[Row]:
    """Return every leaf in order, each with its value after so many seconds."""
    from pysnmp.proto import rfc1902

    def fixed(value: Any) -> Callable[[float], Any]:
        return lambda _seconds: value

    def grows(per_second: float) -> Callable[[float], Any]:
        return lambda seconds: rfc1902.Counter64(int(seconds * per_second))

    found: list[Row] = [
        ((*SYSTEM, 1, 0), fixed(rfc1902.OctetString(DESCRIPTION))),
        ((*SYSTEM, 2, 0), fixed(rfc1902.ObjectIdentifier(OBJECT_ID))),
        ((*SYSTEM, 3, 0), lambda seconds: rfc1902.TimeTicks(int((seconds + 86_400) * 100))),
        ((*SYSTEM, 5, 0), fixed(rfc1902.OctetString("rt-mau"))),
        ((*INTERFACES, 1, 0), fixed(rfc1902.Integer32(2))),
    ]
    for number, name in NAMES.items():
        plain = (*INTERFACES, 2, 1)
        values: dict[int, Callable[[float], Any]] = {
            1: fixed(rfc1902.Integer32(number)),
            2: fixed(rfc1902.OctetString(name)),
            3: fixed(rfc1902.Integer32(6)),
            5: fixed(rfc1902.Gauge32(100_000_000)),
            7: fixed(rfc1902.Integer32(1)),
            8: fixed(rfc1902.Integer32(1)),
            14: fixed(rfc1902.Counter32(0)),
            20: fixed(rfc1902.Counter32(0)),
        }
        found += [((*plain, column, number), value) for column, value in values.items()]
        high = (*EXTENDED, 1, 1, 1)
        more: dict[int, Callable[[float], Any]] = {
            1: fixed(rfc1902.OctetString(name)),
            6: grows(BYTES_PER_SECOND[number]),
            10: grows(BYTES_PER_SECOND[3 - number]),
            15: fixed(rfc1902.Gauge32(100)),
            18: fixed(rfc1902.OctetString(PURPOSES[number].encode())),
        }
        found += [((*high, column, number), value) for column, value in more.items()]
    return sorted(found, key=lambda row: row[0])


def free_port(address: str) -> int:
    """Return a UDP port that nobody listened on just now."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
        opened.bind((address, 0))
        found: int = opened.getsockname()[1]
    return found


class Router:
    """Answers SNMP 2c with the community `demo` on a free port, in a thread of its own.

    Attributes:
        port: Where it listens.
    """

    def __init__(self, monotonic: Callable[[], float], address: str = "127.0.0.1") -> None:
        self._monotonic, self._address = monotonic, address
        self._begun = monotonic()
        self._ready = threading.Event()
        self._error: Exception | None = None
        self._snmp: Any = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, name="router", daemon=True)
        self.port = free_port(address)

    def start(self) -> None:
        """Answer from now on.

        Raises:
            OSError: It does not come up.
        """
        self._thread.start()
        if not self._ready.wait(START_SECONDS) or self._error is not None:
            raise OSError("the simulated router does not come up") from self._error

    def stop(self) -> None:
        """Answer no more."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._end)
        self._thread.join(5)

    def _end(self) -> None:
        self._snmp.close_dispatcher()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.call_soon(self._loop.stop)

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._open()
        except Exception as error:  # noqa: BLE001 - told by whoever waits for the start
            self._error = error
            return
        finally:
            self._ready.set()
        self._loop.run_forever()

    def _open(self) -> None:
        from pysnmp.carrier.asyncio.dgram import udp
        from pysnmp.entity import config, engine
        from pysnmp.entity.rfc3413 import cmdrsp, context

        self._snmp = snmp = engine.SnmpEngine()
        transport = udp.UdpAsyncioTransport(loop=self._loop)
        config.add_transport(
            snmp, udp.DOMAIN_NAME, transport.open_server_mode((self._address, self.port))
        )
        config.add_v1_system(snmp, "area", COMMUNITY)
        config.add_vacm_user(snmp, 2, "area", "noAuthNoPriv", (1, 3, 6))
        served = context.SnmpContext(snmp)
        served.unregister_context_name(b"")
        served.register_context_name(b"", Leaves(rows(), self._seconds))
        for responder in (
            cmdrsp.GetCommandResponder,
            cmdrsp.NextCommandResponder,
            cmdrsp.BulkCommandResponder,
        ):
            responder(snmp, served)

    def _seconds(self) -> float:
        return self._monotonic() - self._begun


class Leaves:
    """What is read: the interface that pysnmp's responders ask."""

    def __init__(self, found: list[Row], seconds: Callable[[], float]) -> None:
        self._rows, self._seconds = found, seconds
        self._by_name = dict(found)

    def read_variables(self, *bindings: Any, **_context: Any) -> list[tuple[Any, Any]]:
        """Return the leaves of these names."""
        return [(name, self._value(tuple(name))) for name, _ in bindings]

    def read_next_variables(self, *bindings: Any, **_context: Any) -> list[tuple[Any, Any]]:
        """Return the leaves behind these names."""
        from pysnmp.proto import rfc1902, rfc1905

        found = []
        for name, _ in bindings:
            following = next((row[0] for row in self._rows if row[0] > tuple(name)), None)
            if following is None:
                found.append((name, rfc1905.endOfMibView))
            else:
                found.append((rfc1902.ObjectName(following), self._value(following)))
        return found

    def _value(self, name: tuple[int, ...]) -> Any:
        from pysnmp.proto import rfc1905

        value = self._by_name.get(name)
        return rfc1905.noSuchInstance if value is None else value(self._seconds())
