"""The numbers of a ruleset, the difference between two, and the stages as a graph."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from incidents.procedure_diff import difference
from incidents.procedure_items import Confirmation, items, unconfirmed
from incidents.procedures import read_procedure, shipped
from incidents.stage_graph import graph_of
from tests.builders import PROCEDURE

if TYPE_CHECKING:
    from incidents.procedure import Procedure

NOW = datetime(2026, 11, 24, tzinfo=UTC)


def own(text: str = "") -> Procedure:
    """A ruleset over the shipped one."""
    return read_procedure(f"extends: vn-2026\nid: tinh\n{text}", file="procedure.yaml")


def test_every_number_says_whether_it_is_law_and_nothing_is_confirmed_on_delivery() -> None:
    """Four clocks are law; all the rest are proposals, and all wait for confirmation."""
    found = items(PROCEDURE)
    law = {item.code for item in found if item.is_law}

    assert law == {
        "deadlines.bca_24h",
        "deadlines.bca_72h",
        "deadlines.dlcn_72h",
        "deadlines.legacy_5d",
    }
    assert unconfirmed(found) == found
    assert len({item.code for item in found}) == len(found)
    assert all(item.basis for item in found if item.is_law)


def test_confirmation_holds_for_the_content_and_not_for_another_number() -> None:
    """A ruleset that changes elsewhere keeps it; the number itself changed: to be confirmed."""
    item = next(i for i in items(PROCEDURE) if i.code == "deadlines.ack")
    made = Confirmation(item.code, item.digest, "person:binh", NOW)
    known = {(made.item, made.digest): made}

    same = {i.code: i for i in items(own("quick_close: {severities: []}\n"), known)}
    other = own("deadlines: [{code: ack, due: {S1: 3 min}}]\n")
    changed = {i.code: i for i in items(other, known)}

    assert same["deadlines.ack"].confirmed
    assert same["deadlines.ack"].confirmed_by == "person:binh"
    assert not changed["deadlines.ack"].confirmed


def test_difference_names_each_value_by_its_codes() -> None:
    """Not by places in a list: what is changed, added and dropped."""
    after = own(
        "without: {deadlines: [legacy_5d]}\n"
        "deadlines: [{code: ack, due: {S1: 3 min}}]\n"
        "roles: [{code: y_te, vi: Y tế, en: Medic, may_vi: x, told_vi: y}]\n"
    )
    changes = {(c.what, f"{c.part}.{c.field}"): c for c in difference(PROCEDURE, after)}

    assert changes["changed", "deadlines.ack.due.S1"].before == "5 min"
    assert changes["changed", "deadlines.ack.due.S1"].after == "3 min"
    assert ("removed", "deadlines.legacy_5d") in changes
    assert ("added", "roles.y_te") in changes
    assert len(changes) == 4  # and its id


def test_a_ruleset_does_not_differ_from_itself() -> None:
    """Nothing is listed."""
    assert difference(PROCEDURE, shipped()) == []


def test_graph_holds_every_stage_and_every_move() -> None:
    """The way to the end in one row; ends and the pause below it; reopening marked."""
    graph = graph_of(PROCEDURE)
    row = {node.code: node.row for node in graph.nodes}

    assert {node.code for node in graph.nodes} == set(PROCEDURE.stages)
    assert len(graph.edges) == sum(len(stage.next) for stage in PROCEDURE.file.stages)
    assert [n.code for n in sorted(graph.nodes, key=lambda n: n.column) if n.row == 0][-1] == (
        "tong_ket"
    )
    assert {row["tam_dung"], row["khong_phai_su_co"], row["trung_lap"]} <= {1, 2}
    assert {(e.before, e.after) for e in graph.edges if e.reopens} == {
        ("ket_thuc", "xac_minh"),
        ("khong_phai_su_co", "xac_minh"),
    }
    assert len({(node.column, node.row) for node in graph.nodes}) == len(graph.nodes)
