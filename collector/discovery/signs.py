"""What was seen at one address, and what that makes it: families, a kind, an API of its own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

# What a User-Agent or Server of SIP begins with, and the probe that asks such a device.
_BY_SIP = (
    (
        re.compile(r"TANDBERG/\S+ \((ce|tc|roomos)|Cisco-(Room|SX|MX|DX|EX|C\d)", re.IGNORECASE),
        "cisco_xapi",
    ),
    (re.compile(r"Trio", re.IGNORECASE), "poly_trio"),
    (re.compile(r"Poly\S*(Studio|G7500|G62)", re.IGNORECASE), "poly_rest"),
    (re.compile(r"Huawei.*TE\d|^TE\d", re.IGNORECASE), "huawei_te"),
)
_BY_FAMILY = {
    "cisco_codec": "cisco_xapi",
    "cisco_vcs": "expressway",
    "codian_mcu": "codian",
    "huawei_te": "huawei_te",
    "poly_endpoint": "poly_rest",
}
NO_SUCH_PAGE = 404
WANTS_A_NAME = frozenset({401, 403})


@dataclass(frozen=True, slots=True)
class Signs:
    """What one address answered.

    Attributes:
        echoes: None where this host may not ask.
        credentials: The name of those that it answered by SNMP.
        is_denied: It speaks SNMP, and not with any of the credentials.
        families: That SNMP found; `kind` is theirs.
        transport: Over which SIP was answered; `sip_device` is what it calls itself.
        pages: Status of a page over HTTPS, by its path.
    """

    address: str
    echoes: bool | None = None
    credentials: str = ""
    is_denied: bool = False
    families: tuple[str, ...] = ()
    kind: str = ""
    name: str = ""
    description: str = ""
    transport: str = ""
    sip_device: str = ""
    is_h323: bool = False
    pages: Mapping[str, int] | None = None

    @property
    def is_there(self) -> bool:
        """Whether anything answered."""
        by_snmp = bool(self.credentials) or self.is_denied
        return bool(self.echoes or by_snmp or self.transport or self.is_h323 or self.pages)


XAPI, REST = "/getxml?location=/Status", "/rest/system"


def api_of(signs: Signs) -> str:
    """Return the probe that asks such a device over HTTPS; empty where nothing tells.

    Two doors that both want a name tell nothing: whatever page is asked for, it wants one.
    """
    for family in signs.families:
        if family in _BY_FAMILY:
            return _BY_FAMILY[family]
    for pattern, probe in _BY_SIP:
        if pattern.search(signs.sip_device):
            return probe
    pages = signs.pages or {}
    doors = [path for path in (XAPI, REST) if pages.get(path) in WANTS_A_NAME]
    if doors == [XAPI]:
        return "cisco_xapi"
    return "poly_rest" if doors == [REST] else ""


def kind_of(signs: Signs) -> str:
    """Return the kind of target: as its families say, else by what it speaks."""
    if signs.kind:
        return signs.kind
    return "conference" if signs.transport or signs.is_h323 or api_of(signs) else "network"
