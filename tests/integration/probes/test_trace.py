"""A path through routers of network namespaces, and what a trace says of it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
pytestmark = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0 or None in map(shutil.which, ("ip", "setpriv")),
    reason="needs root, ip and setpriv, for networks of its own",
)


class Chain:
    """Four namespaces in a row; 10.77.N.1 and 10.77.N.2 are the ends of line N."""

    def __init__(self, until: ExitStack) -> None:
        self.names = [f"trace{os.getpid()}n{number}" for number in range(4)]
        for name in self.names:
            self.run("ip", "netns", "add", name)
            until.callback(self.run, "ip", "netns", "delete", name)
        for line, (left, right) in enumerate(zip(self.names, self.names[1:], strict=False)):
            self.run(*f"ip -n {left} link add r{line} type veth peer name l{line}".split(),
                     "netns", right)  # fmt: skip
            for space, end, last in ((left, f"r{line}", 1), (right, f"l{line}", 2)):
                self.run(*f"ip -n {space} address add 10.77.{line}.{last}/24 dev {end}".split())
                self.run(*f"ip -n {space} link set {end} up".split())
        for number, name in enumerate(self.names):
            self.run(*f"ip netns exec {name} sysctl -qw net.ipv4.ip_forward=1".split())
            for line in range(3):
                if line not in (number - 1, number):
                    gate = f"10.77.{number - 1}.1" if line < number else f"10.77.{number}.2"
                    self.run(*f"ip -n {name} route add 10.77.{line}.0/24 via {gate}".split())

    @staticmethod
    def run(*command: str) -> None:
        subprocess.run(command, check=True, capture_output=True)

    def trace(self, address: str, config: Path, *more: str) -> tuple[str, dict[str, Any]]:
        """Return the answer and the values of a trace from the first namespace, as nobody."""
        words = ["probe", "--json", "--config", str(config), "trace", address, *more]
        done = subprocess.run(
            ["ip", "netns", "exec", self.names[0], "setpriv", "--reuid=65534", "--regid=65534",
             "--clear-groups", sys.executable, "-m", "agents", *words],
            cwd=ROOT, capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        found = json.loads(done.stdout)
        return found["answer"], {
            one["name"].removeprefix("wanwatch_trace_"): one for one in found["values"]
        }


def test_each_router_is_found_and_a_silent_one_is_a_star(tmp_path: Path) -> None:
    """Two routers and the end; with the second one cut off, the path ends at the first."""
    config = Path("/tmp") / f"trace{os.getpid()}.toml"
    config.write_text(f'data = "{tmp_path}"\nprobe_networks = ["10.77.0.0/16"]\n')
    with ExitStack() as until:
        until.callback(config.unlink)
        chain = Chain(until)
        answer, found = chain.trace("10.77.2.2", config)
        assert (answer, found["hops"]["value"]) == ("right", 3)
        assert found["path_info"]["labels"]["path"] == "10.77.0.2 10.77.1.2 10.77.2.2"
        assert found["answered_hops"]["value"] == 3

        chain.run(*f"ip -n {chain.names[1]} link set r1 down".split())
        answer, found = chain.trace("10.77.2.2", config, "wait_seconds=0.3", "most_hops=4")
        assert answer == "silent"
        assert "hops" not in found
        assert found["path_info"]["labels"]["path"].split()[0] in ("10.77.0.2", "*")
