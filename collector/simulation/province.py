"""A reproducible province after the merger of 2025: its units and hosts, all from one seed."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import NamedTuple

from collector.simulation.dice import draw, pick
from incidents.vietnamese import search_key

PREFIX = "MP."  # mô phỏng, simulation: no identifier code of a real organisation begins so
ROOT = f"{PREFIX}000"
MERGED_ON = "2025-07-01"
OFFICE_HOURS = "T2-T6 07:00-11:30,13:30-17:00"
MOST_UNITS = 600
REGIONS = ("Khu vực Bắc", "Khu vực Nam", "Khu vực Đông", "Khu vực Tây")
OFFICES = (
    "Ban Tổ chức Tỉnh ủy", "Ủy ban Kiểm tra Tỉnh ủy", "Ban Tuyên giáo và Dân vận Tỉnh ủy",
    "Ban Nội chính Tỉnh ủy", "Đảng ủy các cơ quan Đảng tỉnh", "Đảng ủy Ủy ban nhân dân tỉnh",
    "Trường Chính trị tỉnh", "Báo và Phát thanh, truyền hình tỉnh", "Mặt trận Tổ quốc tỉnh",
    "Tỉnh Đoàn", "Hội Liên hiệp Phụ nữ tỉnh", "Hội Nông dân tỉnh", "Liên đoàn Lao động tỉnh",
    "Hội Cựu chiến binh tỉnh", "Đảng ủy Quân sự tỉnh", "Đảng ủy Công an tỉnh",
    "Ban Chính sách, chiến lược Tỉnh ủy", "Trung tâm Chuyển đổi số và Cơ yếu",
)  # fmt: skip
_FIRST = (
    "An", "Bình", "Cẩm", "Diên", "Đông", "Hòa", "Hưng", "Kim", "Long", "Mỹ", "Ngọc", "Phú",
    "Quang", "Sơn", "Tân", "Thanh", "Thuận", "Vĩnh", "Xuân", "Yên",
)  # fmt: skip
_SECOND = (
    "Bắc", "Châu", "Đạo", "Điền", "Giang", "Hải", "Khê", "Lạc", "Lâm", "Lộc", "Minh", "Nghĩa",
    "Phong", "Phước", "Sơn", "Thành", "Thịnh", "Thọ", "Thủy", "Trung",
)  # fmt: skip
_TITLES = {"xa": "xã", "phuong": "phường", "dac_khu": "đặc khu"}
_SERVES = ("network", "workstation", "workstation", "workstation", "conference", "workstation")
_NAMES = {
    "server": "may-chu", "workstation": "may-tram", "network": "bo-dinh-tuyen",
    "conference": "hop-truc-tuyen", "shared": "dung-chung",
}  # fmt: skip


class SimulatedUnit(NamedTuple):
    """One line of units.csv."""

    code: str
    name: str
    kind: str
    parent: str
    region: str
    hours: str = ""
    valid_from: str = MERGED_ON
    old_names: str = ""


@dataclass(frozen=True, slots=True)
class SimulatedHost:
    """One host; its key follows from the seed of the province and its name."""

    name: str
    unit: str
    region: str
    kind: str
    presence: str
    seed: int


@dataclass(frozen=True, slots=True)
class Province:
    """Units, parents first, and hosts."""

    units: tuple[SimulatedUnit, ...]
    hosts: tuple[SimulatedHost, ...]


def make_province(seed: int, *, units: int, hosts: int) -> Province:
    """Return the province of a seed; the same arguments give the same province.

    Args:
        units: How many, 1 to 600.
        hosts: How many, from 0; the provincial office has the most.

    Raises:
        ValueError: A number is out of its range.
    """
    if not 1 <= units <= MOST_UNITS:
        raise ValueError(f"{units} units: from 1 to {MOST_UNITS}")
    if hosts < 0:
        raise ValueError(f"{hosts} hosts: 0 or more")
    made = _units(seed, units)
    return Province(made, _hosts(seed, made, hosts))


def _units(seed: int, count: int) -> tuple[SimulatedUnit, ...]:
    root = SimulatedUnit(ROOT, "Văn phòng Tỉnh ủy (mô phỏng)", "tinh", "", "Trung tâm")
    offices = OFFICES[: min(len(OFFICES), (count - 1) // 4 + 1, count - 1)]
    made = [root]
    for name in offices:
        code = f"{PREFIX}{len(made):03d}"
        made.append(SimulatedUnit(code, name, "co_quan", ROOT, "Trung tâm", OFFICE_HOURS))
    names = sorted(
        (f"{first} {second}" for first, second in product(_FIRST, _SECOND) if first != second),
        key=lambda name: draw(seed, "name", name),
    )
    communes = count - len(made)
    for place in range(communes):
        made.append(_commune(seed, f"{PREFIX}{len(made):03d}", place, communes, names))
    return tuple(made)


def _commune(seed: int, code: str, place: int, communes: int, names: list[str]) -> SimulatedUnit:
    """Return a commune; names come round again as `… 2` in a province of many."""
    turn, at = divmod(place, len(names))
    name = names[at] + (f" {turn + 1}" if turn else "")
    is_island = communes >= 10 and place == communes - 1
    kind = "dac_khu" if is_island else "phuong" if draw(seed, "ward", code) < 0.2 else "xa"
    merged = 2 + int(draw(seed, "merged", code) * 2)
    places = [pick(names, seed, "old", code, number) for number in range(merged)]
    old = [f"thị trấn {places[0]}", *(f"xã {place}" for place in places[1:])]
    return SimulatedUnit(
        code=code,
        name=f"Đảng ủy {_TITLES[kind]} {name}",
        kind=kind,
        parent=ROOT,
        region="Hải đảo" if is_island else pick(REGIONS, seed, "region", code),
        hours=OFFICE_HOURS,
        old_names="|".join(dict.fromkeys(old)),
    )


def _hosts(seed: int, units: tuple[SimulatedUnit, ...], count: int) -> tuple[SimulatedHost, ...]:
    """Deal the hosts out, the provincial office four at a turn, the others one."""
    turns = [unit for unit in units for _ in range(4 if unit.code == ROOT else 1)]
    given: dict[str, int] = {}
    made = []
    for number in range(count):
        unit = turns[number % len(turns)]
        place = given[unit.code] = given.get(unit.code, 0) + 1
        made.append(_host(seed, unit, place))
    return tuple(made)


def _host(seed: int, unit: SimulatedUnit, place: int) -> SimulatedHost:
    kind = _kind(unit, place)
    slug = search_key(unit.name.split(" (")[0]).replace(",", "").replace(" ", "-")
    name = f"{_NAMES[kind]}-{place:02d}.{slug.removeprefix('dang-uy-')}"
    presence = {"workstation": "working_hours", "conference": "sometimes"}.get(kind, "always")
    return SimulatedHost(name, unit.code, unit.region, kind, presence, seed)


def _kind(unit: SimulatedUnit, place: int) -> str:
    if place % 20 == 1:
        return "server"
    if unit.code == ROOT and place % 20 in {3, 5}:
        return "shared"
    return _SERVES[(place - 2) % len(_SERVES)] if place <= 10 else "workstation"
