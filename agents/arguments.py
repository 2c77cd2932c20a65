"""The command line of `wanwatch-agent`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, NoReturn

from agents.words import around, is_vietnamese, say

LINE_CHARACTERS = 98
EXAMPLES = """examples:
  wanwatch-agent enrol --config /etc/wanwatch/agent.toml --token-file /root/token
  wanwatch-agent run --config /etc/wanwatch/agent.toml
  wanwatch-agent run --collector https://collector.example.vn:8440 --data /var/lib/wanwatch-agent
  wanwatch-agent identity --data /var/lib/wanwatch-agent --json
  wanwatch-agent status --data /var/lib/wanwatch-agent
  wanwatch-agent selftest --verbose
  wanwatch-agent probe sip 10.42.1.20 transport=TLS --config /etc/wanwatch/agent.toml

Every setting of agent.toml may also come from the environment: WANWATCH_AGENT_COLLECTOR,
WANWATCH_AGENT_DATA, WANWATCH_AGENT_INTERVAL_SECONDS, … The command line wins, then the
environment, then the file.

exit codes: 0 fine, 1 the thing asked about is bad, 2 usage or configuration"""


class _Parser(argparse.ArgumentParser):
    """Lines of 98 characters: asking the terminal loads the archivers of the standard library."""

    def __init__(self, **options: Any) -> None:
        super().__init__(formatter_class=_formatter, **options)

    def format_help(self) -> str:
        """Return the help in the language of the terminal."""
        return around(super().format_help())

    def format_usage(self) -> str:
        """Return the usage in the language of the terminal."""
        return around(super().format_usage())

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        """End with a message in the language of the terminal."""
        super().exit(status, message and around(message))


def _formatter(prog: str) -> argparse.HelpFormatter:
    return argparse.RawDescriptionHelpFormatter(prog, width=LINE_CHARACTERS)


def _examples() -> str:
    if not is_vietnamese():
        return EXAMPLES
    from agents import words_vi

    return words_vi.EXAMPLES


def parser() -> argparse.ArgumentParser:
    """Return the command line."""
    own = _Parser(
        prog="wanwatch-agent",
        description=say(
            "Reads facts of this host and reports them to a collector; judges nothing."
        ),
        epilog=_examples(),
    )
    commands = own.add_subparsers(dest="command", required=True, metavar="COMMAND")
    common = _Parser(add_help=False)
    common.add_argument("--config", type=Path, metavar="FILE", help=say("agent.toml to read"))
    common.add_argument("--data", metavar="DIR", help=say("where the agent keeps key and spool"))
    as_json = _Parser(add_help=False)
    as_json.add_argument("--json", action="store_true", help=say("print one line of JSON"))

    whom = _Parser(add_help=False)
    whom.add_argument(
        "--collector", metavar="URL", help=say("http://HOST:PORT or https://HOST:PORT")
    )
    whom.add_argument(
        "--ca-file", metavar="FILE", help=say("PEM: the only authority that is trusted")
    )

    new = commands.add_parser("run", parents=[common, whom], help=say("report until stopped"))
    new.add_argument(
        "--interval-seconds", type=float, metavar="N", help=say("default 10, at least 1")
    )
    _enrol(commands, [common, whom, as_json])
    commands.add_parser(
        "rotate-key", parents=[common, whom], help=say("change the key now; id and reports stay")
    )
    new = commands.add_parser(
        "status",
        parents=[common, as_json],
        help=say("show exactly what was last sent, and the answer"),
    )
    new.add_argument("--raw", action="store_true", help=say("print the body unpacked, to the byte"))
    commands.add_parser(
        "identity", parents=[common, as_json], help=say("print id and public key; makes the key")
    )
    new = commands.add_parser(
        "selftest", parents=[common, as_json], help=say("run each check once, send nothing")
    )
    new.add_argument("--verbose", action="store_true", help=say("print every value"))
    _probe(commands, [common, as_json])
    return own


def _enrol(commands: Any, parents: list[argparse.ArgumentParser]) -> None:
    new = commands.add_parser(
        "enrol",
        parents=parents,
        help=say("let this machine's key report for a unit"),
    )
    token = new.add_mutually_exclusive_group(required=True)
    token.add_argument("--token", metavar="TOKEN", help=say("as `wanwatch enrol token` printed it"))
    token.add_argument(
        "--token-file", metavar="FILE", help=say("the token in a file; - reads stdin")
    )
    new.add_argument(
        "--host", metavar="NAME", help=say("name to propose, default the machine's own")
    )
    new.add_argument(
        "--new-key", action="store_true", help=say("put key and spool aside, begin anew")
    )


def _probe(commands: Any, parents: list[argparse.ArgumentParser]) -> None:
    new = commands.add_parser(
        "probe", parents=parents, help=say("ask a device once, print what it says")
    )
    new.add_argument(
        "probe", metavar="NAME", help=say("of a probe (docs/probes.md): sip, tls, stamp, …")
    )
    new.add_argument("address", metavar="ADDRESS", help=say("IP address, inside of probe_networks"))
    new.add_argument(
        "parameters", nargs="*", metavar="NAME=VALUE", help=say("port=5060, seconds=2, …")
    )
