"""The command line of a service, read without argparse: the same, or left to it."""

from __future__ import annotations

import pytest

from agents.arguments import parser
from agents.plain_run import plain_run


@pytest.mark.parametrize(
    "argv",
    [
        [],
        ["--config", "/etc/wanwatch/agent.toml"],
        ["--collector", "https://a:8440", "--data", "/x y", "--ca-file", "ca.pem"],
        ["--interval-seconds", "2.5", "--data", "d", "--config", "c"],
        ["--data", "one", "--data", "two"],
    ],
)
def test_plain_run_is_what_argparse_makes_of_it(argv: list[str]) -> None:
    """Also an option given twice, and one not given at all."""
    plain = plain_run(["run", *argv])

    assert plain is not None
    assert vars(plain).items() <= vars(parser().parse_args(["run", *argv])).items()


@pytest.mark.parametrize(
    "argv",
    [
        [],
        ["status"],
        ["--help"],
        ["run", "--help"],
        ["run", "--data"],
        ["run", "--data", "--config"],
        ["run", "--interval-seconds", "often"],
        ["run", "--collector=https://a"],
        ["run", "--tea", "x"],
        ["run", "x", "y"],
    ],
)
def test_plain_run_leaves_the_rest_to_argparse(argv: list[str]) -> None:
    """Which knows every form, and what to say about a mistake."""
    assert plain_run(argv) is None
