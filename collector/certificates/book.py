"""The register of certificates as pages and commands use it, and what probes measure beside it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from incidents.certificates import Certificate, in_force
from incidents.vietnamese import ZONE, ranked, sort_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from collector.targets.target_book import TargetBook
    from incidents.actor import Viewer
    from incidents.vietnamese import Search

TLS_EXPIRY = "wanwatch_tls_expiry_timestamp_seconds"


@dataclass(frozen=True, slots=True)
class CertificateLine:
    """One line of the list.

    Attributes:
        step: The list that it stands on: 60, 30, 14, 7 days; 0: it is over; None: on none.
        is_replaced: Another one of its name is good for longer.
        is_measured: A probe saw it; nobody wrote it into the register.
        is_old: It was measured and another measurement should have come since.
    """

    unit: str
    unit_name: str
    kind: str
    name: str
    serial: str
    issuer: str
    token: str
    holder: str
    valid_from: date | None
    valid_to: date
    days_left: int
    step: int | None
    is_replaced: bool = False
    is_measured: bool = False
    is_old: bool = False


class CertificateBook:
    """Holds the register in force."""

    def __init__(self, certificates: Sequence[Certificate] = ()) -> None:
        self.adopt(certificates)

    def adopt(self, certificates: Sequence[Certificate]) -> None:
        """Work by another register from now on."""
        self.certificates = tuple(certificates)

    def lines(
        self, targets: TargetBook, viewer: Viewer, now: datetime, search: Search
    ) -> list[CertificateLine]:
        """Return what somebody sees: what ends first on top, replaced ones at the end."""
        today = now.astimezone(ZONE).date()
        good = {id(one) for one in in_force(self.certificates)}
        found = [
            _line(one, targets.unit_name(one.unit), today, is_replaced=id(one) not in good)
            for one in self.certificates
            if viewer.sees(one.unit)
        ]
        found += measured(targets, viewer, now)
        found.sort(key=lambda one: (one.is_replaced, one.valid_to, sort_key(one.name)))
        return ranked(found, search, _searched) if search else found


def measured(targets: TargetBook, viewer: Viewer, now: datetime) -> list[CertificateLine]:
    """Return the certificates that services showed to the probes of TLS."""
    found = []
    today = now.astimezone(ZONE).date()
    for target in targets.policy.by_name.values():
        unit = targets.unit_of(target)
        for value in targets.values(target, now) if viewer.sees(unit) else ():
            if value.metric != TLS_EXPIRY:
                continue
            day = datetime.fromtimestamp(value.value, UTC).astimezone(ZONE).date()
            shown = Certificate(unit, "may_chu", target.label_vi, "", day)
            found.append(
                _line(
                    shown,
                    targets.unit_name(unit),
                    today,
                    is_measured=True,
                    is_old=value.is_old,
                )
            )
    return found


def _line(
    one: Certificate,
    unit_name: str,
    today: date,
    *,
    is_replaced: bool = False,
    is_measured: bool = False,
    is_old: bool = False,
) -> CertificateLine:
    return CertificateLine(
        one.unit,
        unit_name,
        one.kind,
        one.name,
        one.serial,
        one.issuer,
        one.token,
        one.holder,
        one.valid_from,
        one.valid_to,
        one.days_left(today),
        None if is_replaced else one.step(today),
        is_replaced,
        is_measured,
        is_old,
    )


def _searched(line: CertificateLine) -> str:
    return " ".join((line.name, line.unit_name, line.serial, line.token, line.holder, line.issuer))
