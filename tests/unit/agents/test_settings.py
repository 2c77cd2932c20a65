"""Settings: where they come from, and that a wrong one is named with what is allowed."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.settings import NAMES, SettingsError, load

EXAMPLE = Path(__file__).parents[3] / "docs" / "agent.toml"


def test_settings_take_the_command_line_over_the_environment_over_the_file(tmp_path: Path) -> None:
    """Each level overrides the one below, setting by setting."""
    file = tmp_path / "agent.toml"
    file.write_text(
        'collector = "http://file:1"\ndata = "/file"\ninterval_seconds = 30\n'
        'services = ["a.service"]\n[check_every_seconds]\nservices = 60\n'
    )

    found = load(
        file,
        {"WANWATCH_AGENT_DATA": "/environment", "WANWATCH_AGENT_COLLECTOR": "http://env:2"},
        {"collector": "https://line:3/", "interval_seconds": None},
    )

    assert found.collector == "https://line:3"
    assert found.data == Path("/environment")
    assert found.interval_seconds == 30
    assert found.services == ("a.service",)
    assert found.check_every_seconds == {"services": 60}


def test_settings_have_defaults_for_everything_but_the_directory() -> None:
    """The defaults of the handbook."""
    found = load(None, {"WANWATCH_AGENT_DATA": "/d", "WANWATCH_AGENT_CHECKS": "cpu, memory"}, {})

    assert (found.interval_seconds, found.proc, found.sys) == (10, Path("/proc"), Path("/sys"))
    assert (found.spool.max_bytes, found.spool.max_age_seconds) == (256 << 20, 72 * 3600)
    assert found.checks == ("cpu", "memory")


def test_settings_put_proc_and_sys_under_a_root() -> None:
    """A host mounted elsewhere needs one setting."""
    found = load(None, {}, {"data": "/d", "root": "/host"})

    assert (found.proc, found.sys) == (Path("/host/proc"), Path("/host/sys"))


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("data", "", "'data' is missing"),
        ("tls_ports", ["localhost"], "'tls_ports' is 'localhost'; allowed is HOST:PORT"),
        ("metrics_listen", "127.0.0.1:0", "'metrics_listen' is '127.0.0.1:0'"),
        ("stamp_listen", "localhost:862", "'stamp_listen' is 'localhost:862'; allowed is IP:PORT"),
        ("stamp_peers", ["all"], "'stamp_peers' is 'all'; allowed is networks such as"),
        ("stamp_most_bits_per_second", 5, "'stamp_most_bits_per_second' is 5; allowed is a number"),
        ("interval_seconds", "0.5", "'interval_seconds' is '0.5'; allowed is a number from 1"),
        ("interval_seconds", "nan", "'interval_seconds' is 'nan'"),
        ("interval_seconds", True, "'interval_seconds' is True"),
        ("interval_seconds", "soon", "'interval_seconds' is 'soon'"),
        ("collector", "collector:8440", "allowed is http://HOST"),
        ("collector", "ftp://x", "allowed is http://HOST"),
        ("collector", "http://", "allowed is http://HOST"),
        ("collector", "http://a:99999", "allowed is http://HOST"),
        ("collector", "http://user:pw@a", "allowed is http://HOST"),
        ("collector", "http://" + "a" * 64, "allowed is http://HOST"),
        ("collector", "http://a..b", "allowed is http://HOST"),
        ("collector", "http://" + "ă" * 64, "allowed is http://HOST"),
        ("ca_file", "/no/such.pem", "'ca_file' is '/no/such.pem'; allowed is a PEM file"),
        ("spool_max_bytes", 10, "'spool_max_bytes' is 10"),
        ("checks", [1], "'checks' is [1]; allowed is a list of names"),
        ("check_every_seconds", "x", "a table"),
        ("log_level", "loud", "one of debug, info, warning, error"),
        ("colector", "x", "unknown setting 'colector'. Known are: collector"),
    ],
)
def test_settings_name_what_is_wrong(name: str, value: object, message: str) -> None:
    """Name, value and what is allowed, at the start and not at night."""
    with pytest.raises(SettingsError) as found:
        load(None, {}, {"data": "/d", name: value})

    assert message in str(found.value)


def test_settings_example_shows_every_setting_with_its_default() -> None:
    """The annotated file of the handbook is complete, loads, and changes nothing."""
    text = EXAMPLE.read_text(encoding="utf-8")

    found = load(EXAMPLE, {}, {})

    assert found == load(None, {}, {"data": found.data, "collector": found.collector})
    assert [name for name in NAMES if f"{name} = " not in text and f"[{name}]" not in text] == []


@pytest.mark.parametrize("content", [None, b"collector = ", b"\xff"])
def test_settings_name_the_file_that_cannot_be_used(tmp_path: Path, content: bytes | None) -> None:
    """Missing or not TOML: the file's name is in the message."""
    file = tmp_path / "agent.toml"
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(SettingsError, match=r"agent\.toml"):
        load(file, {}, {})
