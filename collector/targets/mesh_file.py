"""`mesh:` of `targets.yaml` → the paths from sites to the centre, each a target of its own."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from agents.probes.emodel import CODECS
from agents.probes.stamp import VIDEO_DSCP
from agents.probes.stamp_packet import PORT
from collector.outages.topology import TARGET_PREFIX
from collector.targets.mesh import Mesh, Site, asks, budgets
from collector.targets.targets import Target

if TYPE_CHECKING:
    from collections.abc import Collection, Container, Iterator, Mapping

    from incidents.yaml_lines import Document, Problem

DEFAULT_KBIT = 2_000.0
_Name = Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9.-]{0,62}[a-z0-9])?$")]
_Asker = Annotated[str, Field(pattern=r"^[A-Z0-9.-]+/[^/\s]{1,120}$")]


def _ip(text: str) -> str:
    return str(ipaddress.ip_address(text))


def _codec(text: str) -> str:
    if text and text not in CODECS:
        raise ValueError(f"known are {', '.join(CODECS)}")
    return text


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, populate_by_name=True)


class SitePart(_Part):
    """One path: whose agent sends, over which line."""

    unit: Annotated[str, Field(min_length=1)]
    asked_by: Annotated[_Asker, Field(alias="from")]
    name: _Name | None = None
    line: str = ""

    @property
    def path(self) -> str:
        """Return the name of the path as a target."""
        return self.name or f"path-{self.unit.lower()}"


class MeshPart(_Part):
    """All paths to one centre."""

    address: Annotated[str, AfterValidator(_ip)]
    port: Annotated[int, Field(ge=1, le=65_535)] = PORT
    most_kbit_per_second: Annotated[float, Field(ge=8, le=10_000_000)] = DEFAULT_KBIT
    dscp: Annotated[int, Field(ge=0, le=63)] = VIDEO_DSCP
    codec: Annotated[str, AfterValidator(_codec)] = "G.711"
    sites: Annotated[list[SitePart], Field(min_length=1)]


def mesh_of(part: MeshPart, rates_kbit: Mapping[str, float | None]) -> Mesh:
    """Return the mesh; `rates_kbit` are the declared rates of lines by name."""
    return Mesh(
        part.address,
        part.port,
        part.most_kbit_per_second * 1_000,
        part.dscp,
        part.codec,
        tuple(
            Site(site.path, site.unit, site.asked_by, site.line, _bits(rates_kbit.get(site.line)))
            for site in part.sites
        ),
    )


def _bits(kbit: float | None) -> float | None:
    return None if kbit is None else kbit * 1_000


def targets_of(mesh: Mesh) -> dict[str, Target]:
    """Return the paths as targets: of the site's unit, measured by the site's agent."""
    sampled = asks(mesh, ())
    return {
        site.name: Target(
            name=site.name,
            label_vi=f"Đường truyền {site.unit} – trung tâm",
            label_en=f"Path {site.unit} – centre",
            unit=site.unit,
            address=mesh.address,
            asked_by=(site.asked_by,),
            kind="network",
            probes=sampled[site.name],
        )
        for site in mesh.sites
    }


def uplinks_of(mesh: Mesh) -> dict[str, tuple[str, ...]]:
    """Return the line that each path goes over."""
    return {TARGET_PREFIX + s.name: (TARGET_PREFIX + s.line,) for s in mesh.sites if s.line}


def mistakes(
    document: Document,
    part: MeshPart,
    names: Collection[str],
    units: Container[str] | None,
    mesh: Mesh,
) -> Iterator[Problem]:
    """Yield what does not fit together: units, lines, names given twice, no room left."""
    seen: set[str] = set(names)
    room = budgets(mesh, ())
    for number, site in enumerate(part.sites):
        path = ("mesh", "sites", number)
        if units is not None and site.unit not in units:
            yield document.problem((*path, "unit"), f"there is no unit {site.unit!r} in units.csv")
        if site.line and site.line not in names:
            yield document.problem((*path, "line"), f"there is no target {site.line!r}")
        if site.path in seen:
            yield document.problem(
                path, f"{site.path!r} is taken; give this path a `name` of its own"
            )
        elif not room[site.path]:
            yield document.problem(
                path,
                "nothing is left for it: raise `most_kbit_per_second` or the line's `rate_kbit`",
            )
        seen.add(site.path)
