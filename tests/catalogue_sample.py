"""A small catalogue of shared systems, two of whose targets are down."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.answer import Answer
from collector.catalogue.board import ServiceBoard
from collector.catalogue.file import read_catalogue
from collector.fleet import Fleet
from collector.targets.targets_file import read_targets

if TYPE_CHECKING:
    from datetime import datetime

TARGETS = """
targets:
  - {name: vb, vi: Máy chủ văn bản, en: Document server, address: 10.42.1.20, unit: 000.01.30}
  - {name: vb-tls, vi: Chứng thư văn bản, address: 10.42.1.20, port: 443, unit: 000.01.30}
  - {name: csdl, vi: Máy chủ dữ liệu, address: 10.42.1.21, unit: 000.01.30}
  - {name: thu, vi: Máy chủ thư, address: 10.42.1.22, unit: 000.01.30}
"""
SERVICES = """
services:
  - name: van-ban
    vi: Văn bản điều hành
    en: Document management
    owner: Văn phòng Tỉnh ủy
    hours: T2-CN 00:00-24:00
    needs: [csdl]
    checked_by: [vb, vb-tls]
  - {name: csdl, vi: Cơ sở dữ liệu dùng chung, en: Shared databases, checked_by: [csdl],
     owner: Văn phòng Tỉnh ủy}
  - {name: thu, vi: Thư điện tử, en: Mail, owner: Trung tâm tích hợp dữ liệu, checked_by: [thu]}
  - {name: kpi, vi: Hệ thống đánh giá KPI, en: KPI system, hours: T2-T2 00:00-00:01, needs: [csdl]}
  - name: so-tay
    vi: Sổ tay đảng viên
    en: Party member handbook
    not_measured: {vi: Chạy trên điện thoại riêng, en: Runs on people's own phones}
"""


def sample_board(now: datetime) -> ServiceBoard:
    """Return how they are five seconds after the probes ran."""
    fleet = Fleet(started_at=now, monotonic=lambda: 0.0)
    fleet.set_targets(read_targets(TARGETS))
    said = (
        ("vb", "http", Answer.OUT_OF_SERVICE), ("vb-tls", "tls", Answer.RIGHT),
        ("csdl", "tcp", Answer.SILENT), ("thu", "tcp", Answer.RIGHT),
    )  # fmt: skip
    for name, probe, answer in said:
        place = fleet.places.target(fleet.targets.by_name[name], "000.01.30")
        labels = (("probe", probe), ("target", name))
        series = fleet.series_of(place, fleet.identities.own("wanwatch_probe_answer_code", labels))
        assert series is not None
        series.set(float(answer), now.timestamp() - 5)
    return ServiceBoard(fleet, read_catalogue(SERVICES, targets=set(fleet.targets.by_name)))
