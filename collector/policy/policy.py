"""The policy directory: units, targets, rules, runbooks, procedure, …; all or nothing."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeVar

from collector import directory as expected
from collector.alerts_in.routes_file import FILE as ALERTS
from collector.alerts_in.routes_file import Known as KnownWords
from collector.alerts_in.routes_file import OutsidePolicy, read_outside
from collector.catalogue.catalogue import NO_CATALOGUE
from collector.catalogue.file import FILE as SERVICES
from collector.catalogue.file import read_catalogue
from collector.certificates.file import FILE as CERTIFICATES
from collector.certificates.file import read_certificates
from collector.hours.expectations import SHIPPED
from collector.hours.hours_file import FILE as HOURS
from collector.hours.hours_file import read_hours
from collector.inventory import read_units
from collector.library import FOLDER, load_library
from collector.policy.files import read_sources
from collector.rules.rulebook import load_rulebook
from collector.rulesets_folder import read_rulesets
from collector.targets.targets import NO_TARGETS
from collector.targets.targets_file import FILE as TARGETS
from collector.targets.targets_file import read_targets
from incidents.channels import load_policy
from incidents.day_file import FILE as DAY
from incidents.day_file import SHIPPED as SHIPPED_DAY
from incidents.day_file import load_day
from incidents.duties_file import FILE as DUTIES
from incidents.duties_file import load_duties, shipped_duties
from incidents.oncall_file import FILE as ONCALL
from incidents.oncall_file import NO_ONCALL, Known, load_oncall
from incidents.people import FILE as PEOPLE
from incidents.people import UNDECLARED, load_people
from incidents.places import Place, Places
from incidents.reports.letterheads import FILE as REPORTS
from incidents.reports.letterheads import NO_LETTERHEADS, Letterheads, load_letterheads
from incidents.sessions import policy as sessions_policy
from incidents.switchboard import Switchboard
from incidents.yaml_problems import InvalidDocument, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable
    from datetime import datetime
    from pathlib import Path

    from collector.catalogue.catalogue import Catalogue
    from collector.directory import ExpectedHost
    from collector.hours.expectations import HoursPolicy
    from collector.inventory import UnitRow
    from collector.library import Library
    from collector.policy.changes import Sources
    from collector.rules.rulebook import Rulebook
    from collector.targets.targets import Targets
    from incidents.certificates import Certificate
    from incidents.day_file import DayFile
    from incidents.duties_file import Duty
    from incidents.oncall_file import Oncall
    from incidents.paging_policy import PagingPolicy
    from incidents.people import People
    from incidents.procedure import Procedure
    from incidents.rulesets import Rulesets
    from incidents.sessions.policy import SessionPolicy

T = TypeVar("T")
NO_CHANNELS = "channels: {}\nrecipients: []\n"


@dataclass(frozen=True)
class Policy:
    """Everything a province decides, checked.

    Attributes:
        rulesets: Every ruleset of the directory, by validity.
        procedure: The one of them in force; `at` chooses it, before that it is the newest.
    """

    units: list[UnitRow]
    hosts: list[ExpectedHost]
    targets: Targets
    hours: HoursPolicy
    rulebook: Rulebook
    library: Library
    rulesets: Rulesets
    procedure: Procedure
    paging: PagingPolicy
    people: People
    sources: Sources
    duties: tuple[Duty, ...]
    sessions: SessionPolicy
    oncall: Oncall = NO_ONCALL
    catalogue: Catalogue = NO_CATALOGUE
    certificates: tuple[Certificate, ...] = ()
    outside: OutsidePolicy = field(default_factory=OutsidePolicy)
    day: DayFile = SHIPPED_DAY
    letterheads: Letterheads = NO_LETTERHEADS

    @property
    def all_duties(self) -> tuple[Duty, ...]:
        """Return the recurring duties, and the reports that peak periods ask for."""
        return (*self.duties, *self.sessions.duties)

    @property
    def switchboard(self) -> Switchboard:
        """Return who can be called by this policy."""
        return Switchboard(self.oncall, self.people, places_of(self.units))

    def at(self, now: datetime, running: Procedure | None = None) -> Policy:
        """Return the policy with the ruleset that is in force now.

        Args:
            running: The one that has been in force; it stays until the first one here begins.
        """
        rulesets = self.rulesets if running is None else self.rulesets.after(running, now)
        return replace(self, rulesets=rulesets, procedure=rulesets.at(now))


def load(directory: Path) -> Policy:
    """Return the policy of a directory; what is not there comes with the program.

    Raises:
        InvalidDocument: With every problem of every file.
    """
    problems: list[Problem] = []

    def collected(step: Callable[[], T]) -> T | None:
        try:
            return step()
        except InvalidDocument as error:
            problems.extend(error.problems)
            return None

    sources = collected(lambda: read_sources(directory))
    network = _network(directory, collected)
    units, targets = network["units"], network["targets"]
    rulesets = collected(lambda: read_rulesets(directory))
    procedure = None if rulesets is None else rulesets.newest
    classes = procedure.classes if procedure is not None else None
    roles = None if procedure is None else {role.code for role in procedure.file.roles}
    paging = collected(lambda: _paging(directory / "channels.yaml", roles))
    people = collected(lambda: _people(directory / PEOPLE, roles, units))
    known = _known(people, procedure, units, paging)
    about = sessions_policy.Known(
        units=None if units is None else {unit.code: unit.name for unit in units},
        old_names={unit.code: unit.old_names for unit in units or ()},
        targets=None if targets is None else targets.by_name,
        classes=classes,
        roles=roles,
    )
    library = collected(lambda: load_library(directory / FOLDER, classes=classes, roles=roles))
    runbooks = None if library is None else library.names
    rulebook = collected(
        lambda: load_rulebook(directory / "rules", classes=classes, runbooks=runbooks)
    )
    words = KnownWords(classes, runbooks, about.units)
    read = {
        **network,
        "outside": collected(lambda: _outside(directory / ALERTS, words)),
        "rulebook": rulebook,
        "library": library,
        "rulesets": rulesets,
        "procedure": procedure,
        "paging": paging,
        "people": people,
        "oncall": collected(lambda: _oncall(directory / ONCALL, known)),
        "duties": collected(lambda: _duties(directory / DUTIES, roles)),
        "sessions": collected(lambda: _sessions(directory / sessions_policy.FILE, about)),
        **_reporting(directory, about, collected),
        "sources": sources,
    }
    if problems or sources is None or rulebook is None:
        raise InvalidDocument(problems)
    read["rulebook"] = replace(rulebook, revision=sources.revision)
    parts: dict[str, Any] = {name: part for name, part in read.items() if part is not None}
    return Policy(**parts)


def _network(directory: Path, collected: Callable[[Callable[[], Any]], Any]) -> dict[str, Any]:
    """Return what there is: units, hosts, what lies between, services, and when all are expected.

    Args:
        collected: Takes a step; None where it had problems.
    """
    units = collected(lambda: _units(directory / "units.csv"))
    codes = None if units is None else {unit.code for unit in units}
    targets = collected(lambda: _targets(directory / TARGETS, codes))
    return {
        "units": units,
        "hosts": collected(lambda: _hosts(directory / expected.FILE, units or [])),
        "targets": targets,
        "catalogue": collected(lambda: _catalogue(directory / SERVICES, targets)),
        "hours": collected(lambda: _hours(directory / HOURS, codes)),
        "certificates": collected(lambda: _certificates(directory / CERTIFICATES, codes)),
    }


def _reporting(
    directory: Path,
    about: sessions_policy.Known,
    collected: Callable[[Callable[[], Any]], Any],
) -> dict[str, Any]:
    """Return who confirms the day, which reports make themselves, and what stands around these."""
    return {
        "day": collected(lambda: _day(directory / DAY, about.units, about.roles)),
        "letterheads": collected(lambda: _letterheads(directory / REPORTS)),
    }


def check(directory: Path) -> list[Problem]:
    """Return every problem of a policy directory, by file and line; none when it is usable."""
    if not directory.is_dir():
        return [Problem(str(directory), 1, "", "there is no such directory")]
    try:
        load(directory)
    except InvalidDocument as error:
        return error.problems
    return []


def _units(path: Path) -> list[UnitRow]:
    try:
        return read_units(path.read_bytes())
    except OSError as error:
        raise InvalidDocument([_unreadable(path, error)]) from error


def _hosts(path: Path, units: list[UnitRow]) -> list[ExpectedHost]:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise InvalidDocument([_unreadable(path, error)]) from error
    return expected.read_hosts(content, units={unit.code for unit in units})


def _certificates(path: Path, units: set[str] | None) -> tuple[Certificate, ...]:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise InvalidDocument([_unreadable(path, error)]) from error
    return tuple(read_certificates(content, units=units))


def _targets(path: Path, units: set[str] | None) -> Targets:
    return read_targets(_text(path), file=path.name, units=units) if path.exists() else NO_TARGETS


def _catalogue(path: Path, targets: Targets | None) -> Catalogue:
    if not path.exists():
        return NO_CATALOGUE
    names = None if targets is None else set(targets.by_name)
    return read_catalogue(_text(path), file=path.name, targets=names)


def _hours(path: Path, units: set[str] | None) -> HoursPolicy:
    return read_hours(_text(path), file=path.name, units=units) if path.exists() else SHIPPED


def _paging(path: Path, roles: set[str] | None) -> PagingPolicy:
    text = _text(path) if path.exists() else NO_CHANNELS
    return load_policy(text, file=path.name, roles=roles)


def _people(path: Path, roles: set[str] | None, units: list[UnitRow] | None) -> People:
    if not path.exists():
        return UNDECLARED
    places = None if units is None else places_of(units)
    return load_people(_text(path), file=path.name, roles=roles, places=places)


def places_of(units: Iterable[UnitRow]) -> Places:
    """Return where the units stand."""
    return Places(Place(unit.code, unit.parent, unit.region) for unit in units)


def _known(
    people: People | None,
    procedure: Procedure | None,
    units: list[UnitRow] | None,
    paging: PagingPolicy | None,
) -> Known:
    """Return what `oncall.yaml` may name, as far as the other files could be read."""
    file = None if procedure is None else procedure.file
    return Known(
        names=None if people is None else people.names,
        roles=None if file is None else {role.code for role in file.roles},
        natures=None if file is None else set(file.natures),
        classes=None if procedure is None else set(procedure.classes),
        units=None if units is None else {unit.code for unit in units},
        regions=None if units is None else {unit.region for unit in units},
        policy=paging,
    )


def _oncall(path: Path, known: Known) -> Oncall:
    return load_oncall(_text(path), file=path.name, known=known) if path.exists() else NO_ONCALL


def _duties(path: Path, roles: set[str] | None) -> tuple[Duty, ...]:
    if not path.exists():
        return shipped_duties()
    return load_duties(_text(path), file=path.name, roles=roles)


def _sessions(path: Path, known: sessions_policy.Known) -> SessionPolicy:
    text = _text(path) if path.exists() else ""
    return sessions_policy.load_sessions(text, file=path.name, known=known)


def _outside(path: Path, known: KnownWords) -> OutsidePolicy:
    return read_outside(_text(path) if path.exists() else "", file=path.name, known=known)


def _day(path: Path, units: Collection[str] | None, roles: Collection[str] | None) -> DayFile:
    text = _text(path) if path.exists() else ""
    return load_day(text, file=path.name, units=units, roles=roles)


def _letterheads(path: Path) -> Letterheads:
    return load_letterheads(_text(path), file=path.name) if path.exists() else NO_LETTERHEADS


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidDocument([_unreadable(path, error)]) from error


def _unreadable(path: Path, error: Exception) -> Problem:
    return Problem(path.name, 1, "", f"cannot be read as UTF-8 text: {error}")
