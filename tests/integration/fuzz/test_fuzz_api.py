"""Every operation of /api/openapi.json, called with what its schema allows and what it does not."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import response_schema_conformance

from collector.web import build
from tests.province import TOKEN, UNITS, open_province, seed_sessions

if TYPE_CHECKING:
    from pathlib import Path

    from collector.storage.database import Database

EXAMPLES = 12
# What there is, by the beginning of an address.
KNOWN: dict[str, str | int] = {
    "/agents/": "agent-may-chu-05-00",
    "/alerts/": 1,
    "/incidents/": "SC26-0003",
    "/runbooks/": "agent-silent",
    "/sessions/": 1,
    "/units/": UNITS[0][0],
    "/worklist/": 1,
}
_turn = itertools.count()


@schemathesis.serializer("application/x-protobuf")
def as_bytes(_ctx: schemathesis.SerializationContext, value: Any) -> bytes:
    """Return a body that is no protobuf at all."""
    return value if isinstance(value, bytes) else str(value).encode()


HEADERS = {"Authorization": f"Bearer {TOKEN}", "X-Wanwatch-Actor": "fuzz"}


def operations(directory: Path, db: Database) -> list[Any]:
    """Return all that the API of a seeded province offers."""
    province = open_province(directory, db=db)
    seed_sessions(province)
    schema = schemathesis.openapi.from_asgi(
        "/api/openapi.json", build(province.services), headers=HEADERS
    )
    return [found.ok() for found in schema.get_all_operations()]


def test_no_operation_fails_and_each_answers_as_described(tmp_path: Path, db: Database) -> None:
    """Whatever the parameters and the body: no 500, and an answer of the described form."""
    offered = operations(tmp_path, db)
    assert len(offered) >= 30
    for operation in offered:
        call = given(case=operation.as_strategy())(called)
        settings(
            max_examples=EXAMPLES,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )(call)()


def called(case: schemathesis.Case) -> None:
    """Call one operation once; every other time on things that exist."""
    if next(_turn) % 2:
        for name in case.path_parameters or {}:
            place = next((p for p in KNOWN if p in case.path), "")
            case.path_parameters[name] = KNOWN.get(place, case.path_parameters[name])
        if isinstance(case.body, dict) and "unit" in case.body:
            case.body["unit"] = UNITS[0][0]
    checks = [not_a_server_error, response_schema_conformance]
    case.call_and_validate(headers=HEADERS, checks=checks)
