"""What the host is, as series with value 1."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.checks.identity import evaluate, parse_os_release, read
from tests.fake_host import fake_host

if TYPE_CHECKING:
    from pathlib import Path


def test_identity_names_kernel_distribution_and_machine() -> None:
    """The labels are node_exporter's; what the firmware does not say is no label."""
    found = read(fake_host())

    assert found["node_uname_info"]["nodename"] == "may-01"
    assert found["node_os_info"]["pretty_name"] == "Debian GNU/Linux 12 (bookworm)"
    assert found["node_dmi_info"] == {"system_vendor": "Example Corp", "product_name": "Server 1"}
    assert [o.value for o in evaluate(found, None)] == [1, 1, 1]


def test_identity_is_content_without_distribution_and_firmware(tmp_path: Path) -> None:
    """A small container still has its kernel."""
    kernel = tmp_path / "proc/sys/kernel"
    kernel.mkdir(parents=True)
    for name in ("ostype", "osrelease", "version", "hostname", "domainname"):
        (kernel / name).write_text("x\n")

    assert list(read(fake_host(root=tmp_path))) == ["node_uname_info"]


def test_identity_reads_quotes_and_comments() -> None:
    """The file is a shell's: quotes go, comments are nothing."""
    found = parse_os_release("# ID=no\nID='rocky'\nnonsense\n")

    assert found["id"] == "rocky"
    assert found["name"] == ""


def test_identity_reads_the_registry_of_windows() -> None:
    """The build tells Windows 11, whose registry still says 10."""
    found = read(fake_host(is_linux=False))

    assert found["node_os_info"]["pretty_name"] == "Windows 11 Pro"
    assert found["node_uname_info"]["version"] == "10.0.22631.4460"
    assert found["node_uname_info"]["nodename"] == "PC-01"
