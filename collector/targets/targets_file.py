"""`targets.yaml` → targets and uplinks, checked: names, units, circles, addresses, who asks."""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from collector.outages.topology import TARGET_PREFIX, UNIT_PREFIX
from collector.targets.mesh_file import MeshPart, mesh_of, targets_of, uplinks_of
from collector.targets.mesh_file import mistakes as mesh_mistakes
from collector.targets.target_probes import ProbePart, asks_of, mistakes
from collector.targets.targets import COLLECTOR, HostName, Target, Targets, circles, unit_node
from incidents.public_words import is_sayable
from incidents.yaml_lines import InvalidDocument, load, validate

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Sequence

    from collector.targets.mesh import Mesh
    from incidents.yaml_lines import Document, Problem

FILE = "targets.yaml"
_HOST_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,62})(\.[a-z0-9]([a-z0-9-]{0,62}))*", re.IGNORECASE)


def _address(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        if _HOST_NAME.fullmatch(text) and not re.fullmatch(r"[\d.]+", text):
            return text.lower()
    raise ValueError("write an IP address such as 10.42.0.1, or a host name")


def is_ip(text: str) -> bool:
    """Say whether an address is one: agents look no names up for the collector."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _line(text: str) -> str:
    if any(ord(character) < 32 or ord(character) == 127 for character in text):
        raise ValueError("it must be one line without control characters")
    return text.strip()


def _sayable(text: str) -> str:
    if not is_sayable(_line(text)):
        raise ValueError("it leaves the network: write the carrier's number, no address or host")
    return text.strip()


Name = Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9.-]{0,62}[a-z0-9])?$")]
Line = Annotated[str, Field(max_length=120), AfterValidator(_line)]
Circuit = Annotated[str, Field(max_length=40), AfterValidator(_sayable)]
Carrier = Annotated[str, Field(max_length=60), AfterValidator(_sayable)]
Kind = Literal["network", "conference", "shared"]
# The collector, or the agent of a host: `UNIT/HOST`.
Asker = Annotated[str, Field(pattern=r"^(collector|[A-Z0-9.-]+/[^/\s]{1,120})$")]
# Another target's name, or `unit:CODE` for what lies inside a unit.
Via = Annotated[str, Field(pattern=r"^(unit:[A-Z0-9.-]+|[a-z0-9][a-z0-9.-]*)$")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, populate_by_name=True)


class TargetPart(_Part):
    """One device or line."""

    name: Name
    vi: Line = ""
    en: Line = ""
    region: Line = ""
    unit: str = ""
    host: Line = ""
    address: Annotated[str, AfterValidator(_address)] | None = None
    port: Annotated[int, Field(ge=0, le=65535)] = 0
    asked_by: Annotated[list[Asker], Field(alias="from", min_length=1)] = [COLLECTOR]
    via: list[Via] = []
    circuit: Circuit = ""
    carrier: Carrier = ""
    rate_kbit: Annotated[float, Field(gt=0, le=100_000_000)] | None = None
    kind: Kind = "network"
    probes: list[ProbePart] = []


class UnitPart(_Part):
    """Through what a unit is reached."""

    unit: str
    via: Annotated[list[Via], Field(min_length=1)]


class HostPart(_Part):
    """Through what a host is reached inside or beside its unit."""

    unit: str
    host: Annotated[Line, Field(min_length=1)]
    via: Annotated[list[Via], Field(min_length=1)]


class TargetsFile(_Part):
    """A whole file."""

    targets: list[TargetPart] = []
    units: list[UnitPart] = []
    hosts: list[HostPart] = []
    mesh: MeshPart | None = None


def read_targets(text: str, *, file: str = FILE, units: Container[str] | None = None) -> Targets:
    """Return the targets of a file; `units` are the codes that exist, None: not checked.

    Raises:
        InvalidDocument: With every mistake, each with file, line and field.
    """
    document = load(text, file=file)
    content = validate(document, TargetsFile)
    problems = [
        *_repeated(document, content),
        *_unknown(document, content, units),
        *_unknown_askers(document, content, units),
        *_senseless(document, content),
        *_wrong_probes(document, content),
        *_wrong_mesh(document, content, units),
    ]
    targets = _targets(content)
    if not problems:
        problems += _circles(document, content, targets)
    if problems:
        raise InvalidDocument(problems)
    return targets


def _targets(content: TargetsFile) -> Targets:
    uplinks = {
        TARGET_PREFIX + part.name: tuple(map(_node, part.via))
        for part in content.targets
        if part.via
    }
    uplinks |= {
        TARGET_PREFIX + part.name: (unit_node(part.unit),)
        for part in content.targets
        if part.unit and not part.via and part.kind != "network"
    }
    uplinks |= {unit_node(part.unit): tuple(map(_node, part.via)) for part in content.units}
    mesh = _mesh(content)
    by_name = {part.name: _target(part) for part in content.targets}
    if mesh is not None:
        by_name |= targets_of(mesh)
        uplinks |= uplinks_of(mesh)
    return Targets(
        by_name=by_name,
        uplinks=uplinks,
        hosts={
            HostName(part.unit, part.host): tuple(map(_node, part.via)) for part in content.hosts
        },
        mesh=mesh,
    )


def _mesh(content: TargetsFile) -> Mesh | None:
    rates = {part.name: part.rate_kbit for part in content.targets}
    return None if content.mesh is None else mesh_of(content.mesh, rates)


def _target(part: TargetPart) -> Target:
    return Target(
        name=part.name,
        label_vi=part.vi or part.name,
        label_en=part.en or part.vi or part.name,
        region=part.region,
        unit=part.unit,
        address=part.address or "",
        port=part.port,
        asked_by=tuple(part.asked_by),
        host=part.host,
        circuit=part.circuit,
        carrier=part.carrier,
        rate_kbit=part.rate_kbit,
        kind=part.kind,
        probes=asks_of(part.probes, part.name, part.address or ""),
    )


def _node(via: str) -> str:
    return via if via.startswith(UNIT_PREFIX) else TARGET_PREFIX + via


def _repeated(document: Document, content: TargetsFile) -> Iterator[Problem]:
    """Yield what is given twice: a name, a unit, a host, an address within one region."""
    kinds: tuple[tuple[str, str, list[object]], ...] = (
        ("targets", "name", [part.name for part in content.targets]),
        ("targets", "address", [_asked(part) for part in content.targets]),
        ("units", "unit", [part.unit for part in content.units]),
        ("hosts", "host", [(part.unit, part.host) for part in content.hosts]),
    )
    for section, field, keys in kinds:
        first: dict[object, int] = {}
        for number, key in enumerate(keys):
            if key is not None and key in first:
                line = document.line_of((section, first[key], field))
                yield document.problem(
                    (section, number, field),
                    f"the same {field} is already in line {line}; keep one",
                    f"{field} này đã có ở dòng {line}; chỉ giữ một",
                )
            first.setdefault(key, number)


def _asked(part: TargetPart) -> object:
    """What an address means: the region, and who asks; two services may share one."""
    return (
        None
        if part.probes
        else part.address and (part.region, tuple(part.asked_by), part.address, part.port)
    )


def _unknown(
    document: Document, content: TargetsFile, units: Container[str] | None
) -> Iterator[Problem]:
    names = {part.name for part in content.targets}

    def is_known(code: str) -> bool:
        return units is None or code in units

    sections: dict[str, Sequence[TargetPart | UnitPart | HostPart]] = {
        "targets": content.targets, "units": content.units, "hosts": content.hosts,
    }  # fmt: skip
    for section, parts in sections.items():
        for number, part in enumerate(parts):
            if part.unit and not is_known(part.unit):
                yield document.problem(
                    (section, number, "unit"),
                    f"there is no unit {part.unit!r} in units.csv",
                    f"units.csv không có đơn vị {part.unit!r}",
                )
            for place, via in enumerate(part.via):
                code = via.removeprefix(UNIT_PREFIX)
                if not (is_known(code) if via.startswith(UNIT_PREFIX) else via in names):
                    yield document.problem(
                        (section, number, "via", place),
                        f"there is no target or unit {via!r}; known targets: {_listed(names)}",
                        f"không có thiết bị hay đơn vị {via!r}",
                    )


def _unknown_askers(
    document: Document, content: TargetsFile, units: Container[str] | None
) -> Iterator[Problem]:
    for number, part in enumerate(content.targets):
        for place, asker in enumerate(part.asked_by):
            unit = asker.partition("/")[0]
            path = ("targets", number, "from", place)
            if asker == COLLECTOR:
                continue
            if units is not None and unit not in units:
                yield document.problem(
                    path,
                    f"there is no unit {unit!r} in units.csv",
                    f"units.csv không có đơn vị {unit!r}",
                )
            if part.address is not None and not is_ip(part.address):
                yield document.problem(
                    path,
                    f"an agent asks an IP address, not the name {part.address!r}",
                    f"tác tử chỉ hỏi địa chỉ IP, không hỏi tên {part.address!r}",
                )


def _senseless(document: Document, content: TargetsFile) -> Iterator[Problem]:
    for number, part in enumerate(content.targets):
        if part.host and not part.unit:
            yield document.problem(
                ("targets", number, "host"),
                "needs `unit` beside it: host names are those of a unit",
            )
        if part.port and not part.address:
            yield document.problem(("targets", number, "port"), "needs `address` beside it")
        if not part.host and not part.address:
            yield document.problem(
                ("targets", number),
                "needs `address`, or `unit` and `host`: nobody could say how it is",
                "cần `address`, hoặc `unit` và `host`",
            )


def _wrong_probes(document: Document, content: TargetsFile) -> Iterator[Problem]:
    for number, part in enumerate(content.targets):
        if not part.probes:
            continue
        if part.address is None or not is_ip(part.address):
            yield document.problem(
                ("targets", number, "probes"), "need an IP address in `address` beside them"
            )
            continue
        if set(part.asked_by) <= {COLLECTOR}:
            yield document.problem(
                ("targets", number, "probes"),
                "are run by agents: name one or more in `from`, as UNIT/HOST",
                "do tác tử thực hiện: ghi tác tử trong `from`, dạng ĐƠN-VỊ/MÁY",
            )
        for place, field, reason in mistakes(part.probes, part.name, part.address):
            yield document.problem(("targets", number, "probes", place, field), reason)


def _wrong_mesh(
    document: Document, content: TargetsFile, units: Container[str] | None
) -> Iterator[Problem]:
    mesh = _mesh(content)
    if content.mesh is not None and mesh is not None:
        names = {part.name for part in content.targets}
        yield from mesh_mistakes(document, content.mesh, names, units, mesh)


def _circles(document: Document, content: TargetsFile, targets: Targets) -> Iterator[Problem]:
    found = circles(targets.uplinks)
    places = [("targets", n, TARGET_PREFIX + p.name) for n, p in enumerate(content.targets)]
    places += [("units", n, unit_node(p.unit)) for n, p in enumerate(content.units)]
    for section, number, node in places:
        if node in found:
            way = " → ".join(found[node])
            yield document.problem(
                (section, number, "via"), f"goes in a circle: {way}", f"đi vòng tròn: {way}"
            )


def _listed(names: set[str]) -> str:
    return ", ".join(sorted(names)[:10]) + (" …" if len(names) > 10 else "") or "none"
