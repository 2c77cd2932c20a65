"""The containers: pinned images, files that exist, names and ports that fit one another."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from collector.dashboards.configuration import (
    ALERTMANAGER,
    ALERTS_TOKEN,
    COLLECTOR,
    PROMETHEUS,
    SERVICE_TOKEN,
    folders,
)
from collector.dashboards.words import LANGUAGES
from collector.settings import Settings

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = (DEPLOY / "collector.Dockerfile").read_text(encoding="utf-8")
EACH = pytest.mark.parametrize("name", SERVICES)
# What the operator makes, as docs/grafana.md says; it is in no repository.
MADE_BY_HAND = "../var/"


@EACH
def test_image_is_plain_and_pinned(name: str) -> None:
    """An official name without a host, a version, never `latest`; or built from this repository."""
    service = SERVICES[name]
    if "build" in service:
        assert (DEPLOY / service["build"]["context"] / service["build"]["dockerfile"]).is_file()
    else:
        assert re.fullmatch(r"([a-z]+/)?[a-z-]+:v?\d+(\.\d+)+", service["image"])


@EACH
def test_what_a_service_names_is_declared(name: str) -> None:
    """Volumes, secrets, other services; mounted files are in the repository."""
    service = SERVICES[name]
    assert set(service.get("secrets", ())) <= set(COMPOSE["secrets"])
    assert set(service.get("depends_on", ())) <= set(SERVICES)
    for volume in service["volumes"]:
        source, target, *mode = volume.split(":")
        assert target.startswith("/")
        if source.startswith("."):
            assert mode == ["ro"]
            assert source.startswith(MADE_BY_HAND) or (DEPLOY / source).exists(), source
        else:
            assert source in COMPOSE["volumes"]


@EACH
def test_nothing_is_open_to_the_network(name: str) -> None:
    """What is published is for this machine alone; others come through the proxy."""
    assert all(port.startswith("127.0.0.1:") for port in SERVICES[name].get("ports", ()))
    text = yaml.safe_dump(SERVICES[name])
    assert not re.search(r"(PASSWORD|TOKEN|URL)(?!_FILE|__FILE)[A-Z_]*: .*:.*@", text)


def test_secrets_are_files_that_are_in_no_repository() -> None:
    """Each is used by somebody, and none has its content here."""
    used = {secret for service in SERVICES.values() for secret in service.get("secrets", ())}
    assert used == set(COMPOSE["secrets"])
    for secret in COMPOSE["secrets"].values():
        assert secret["file"].startswith(MADE_BY_HAND)


def test_programs_find_one_another() -> None:
    """Addresses in the configurations are services of this file, on the ports they listen on."""
    for address in (COLLECTOR, PROMETHEUS, ALERTMANAGER):
        name, port = address.split(":")
        assert any(one.endswith(f":{port}") for one in SERVICES[name]["ports"])
    for service, path in (("prometheus", SERVICE_TOKEN), ("prometheus", ALERTS_TOKEN),
                          ("grafana", ALERTS_TOKEN)):  # fmt: skip
        assert Path(path).name in SERVICES[service]["secrets"]
    mounted = {volume.split(":")[1] for volume in SERVICES["grafana"]["volumes"]}
    for provider in folders(LANGUAGES)["providers"]:
        assert str(Path(provider["options"]["path"]).parent) in mounted
    home = SERVICES["grafana"]["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
    assert (DEPLOY / "grafana" / Path(home).relative_to("/etc/wanwatch")).is_file()


def test_settings_of_the_collector_exist() -> None:
    """Every variable is one that the process knows; one that comes of a file too."""
    variables = set(SERVICES["collector"]["environment"])
    variables |= set(re.findall(r"WANWATCH_[A-Z_]+", DOCKERFILE))
    known = {f"WANWATCH_{name.upper()}" for name in Settings.model_fields}
    assert {name.removesuffix("_FILE") for name in variables} <= known
    receivers = SERVICES["collector"]["environment"]["WANWATCH_REMOTE_WRITE"]
    [receiver] = Settings.model_validate({"remote_write": receivers}).remote_write
    assert receiver.url.startswith(f"http://{PROMETHEUS}/")
    told = SERVICES["collector"]["environment"]["WANWATCH_ALERTMANAGERS"]
    [member] = Settings.model_validate({"alertmanagers": told}).alertmanagers
    assert member.url == f"http://{ALERTMANAGER}"
    assert "--web.enable-remote-write-receiver" in SERVICES["prometheus"]["command"]


def test_what_is_copied_into_the_container_exists() -> None:
    """The packages, what they need, and nothing of tests."""
    [*copied] = re.findall(r"^COPY (.+) \S+$", DOCKERFILE, flags=re.MULTILINE)
    names = [name for line in copied for name in line.split()]
    assert {"agents", "collector", "incidents", "runbooks", "pyproject.toml"} <= set(names)
    assert all((ROOT / name).exists() for name in names)
    left_out = (ROOT / ".dockerignore").read_text().split()
    assert {".git", ".venv", "var"} <= set(left_out)
    assert not set(left_out) & {name.split("/")[0] for name in names}
    assert re.search(r"^USER wanwatch$", DOCKERFILE, flags=re.MULTILINE)
    assert "://" not in re.sub(r"http://127\.0\.0\.1\S*", "", DOCKERFILE)
