"""`amtool` against the collector, as people use it against an Alertmanager."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from collector.storage.schema import mutes
from tests.conftest import missing
from tests.outside_site import CLI_TOKEN, TOKENS, Site, serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

AMTOOL = shutil.which("amtool")
POLICY = """
default: {group_by: [unit]}
routes:
  - name: lines
    matchers: ['alertname=~"Link.*"']
    class: kt_duong_truyen
    routes: [{name: north, matchers: ['unit=~"H42.0[12]"'], continue: true},
             {name: worst, matchers: [severity=critical]}]
"""


class Amtool:
    """The command with a token of its own."""

    def __init__(self, site: Site, folder: Path, token: str) -> None:
        self.site, self.file = site, folder / f"{token[:4]}.yml"
        self.file.write_text(f"authorization: {{credentials: {token}}}\n")

    async def __call__(self, *arguments: str, code: int = 0) -> str:
        said = await self.site.run(
            str(AMTOOL), "--alertmanager.url", self.site.address, "--http.config.file",
            str(self.file), *arguments,
        )  # fmt: skip
        assert said.returncode == code, said
        return said.stdout if code == 0 else said.stderr + said.stdout

    async def read(self, *arguments: str) -> Any:
        return json.loads(await self("-o", "json", *arguments))


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    if AMTOOL is None:
        missing("amtool is not installed")
    async with serving(Site(tmp_path, POLICY)) as made:
        yield made


async def test_session(site: Site, tmp_path: Path) -> None:
    """Add, query, silence, expire, and ask for routes: as with an Alertmanager."""
    prom = Amtool(site, tmp_path, TOKENS["prom"])
    await prom("alert", "add", "LinkDown", "unit=H42.01", "--annotation=summary=Đứt cáp")
    await prom("alert", "add", "DiskFull", "unit=H42.02", "mountpoint=/var")
    await site.until(lambda: len(site.world.rows()) == 2)

    found = await prom.read("alert", "query", "alertname=~Link.*")
    assert [one["labels"]["alertname"] for one in found] == ["LinkDown"]
    assert found[0]["annotations"] == {"summary": "Đứt cáp"}
    assert found[0]["receivers"] == [{"name": "north"}]
    assert found[0]["status"]["state"] == "active"

    made = (await prom("silence", "add", "mountpoint=~/v.*", "-c", "dọn đĩa", "-a", "An")).strip()
    await site.until(lambda: any(row["suppressed"] == "silence" for row in site.world.rows()))
    (row,) = site.world.rows(mutes)
    assert (row["reason"], row["owner"], row["source"]) == ("dọn đĩa", "An", "prom")
    (silence,) = await prom.read("silence", "query")
    assert (silence["id"], silence["createdBy"]) == (made, "An")
    assert await prom.read("alert", "query", "--silenced", "mountpoint=/var")
    assert len(await prom.read("alert", "query")) == 1

    await prom("silence", "expire", made)
    await site.until(lambda: all(row["suppressed"] == "" for row in site.world.rows()))
    assert len(await prom.read("alert", "query")) == 2
    assert await prom.read("silence", "query") == []
    assert [one["id"] for one in await prom.read("silence", "query", "--expired")] == [made]
    assert "already expired" in await prom("silence", "expire", made, code=1)

    routes = await prom("config", "routes", "test", "alertname=LinkDown", "severity=critical",
                        "unit=H42.02")  # fmt: skip
    assert routes.strip() == "north,worst"
    config = tmp_path / "alertmanager.yml"
    config.write_text(site.services.outside.config)
    assert "SUCCESS" in (await site.run(str(AMTOOL), "check-config", str(config))).stdout
    await prom("cluster", "show")


async def test_sources_and_people_see_what_is_theirs(site: Site, tmp_path: Path) -> None:
    """A source sees its own alerts and ends no silence of others; the command line sees all."""
    prom, other = (Amtool(site, tmp_path, TOKENS[name]) for name in ("prom", "am"))
    person = Amtool(site, tmp_path, CLI_TOKEN)
    await prom("alert", "add", "LinkDown", "unit=H42.01")
    await site.until(lambda: len(site.world.rows()) == 1)

    assert await other.read("alert", "query") == []
    assert len(await person.read("alert", "query")) == 1
    mine = (await person("silence", "add", "alertname=LinkDown", "-c", "x", "-a", "Bình")).strip()
    assert [one["id"] for one in await other.read("silence", "query")] == [mine]
    assert "404" in await other("silence", "expire", mine, code=1)
    (row,) = site.world.rows(mutes)
    assert (row["rule"], row["created_by"], row["matchers"]) == ("LinkDown", "person:Bình", "[]")
    theirs = (await other("silence", "add", "unit=H42.01", "-c", "x", "-a", "Cam")).strip()
    await person("silence", "expire", mine, theirs)
    assert await person.read("silence", "query") == []
    nobody = Amtool(site, tmp_path, "nobody")
    assert "401" in await nobody("alert", "query", code=1)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"matchers": []}, "match"),
        ({"comment": ""}, "reason"),
        ({"endsAt": "2020-01-01T00:00:00Z"}, "later"),
        ({"endsAt": "2099-01-01T00:00:00Z"}, "7 days"),
        ({"matchers": [{"name": "a", "value": "(", "isRegex": True}]}, "expression"),
    ],
)
async def test_silence_that_makes_no_sense_is_refused(
    site: Site, body: dict[str, Any], says: str
) -> None:
    """With what is wrong."""
    whole = {
        "matchers": [{"name": "a", "value": "b", "isRegex": False}],
        "startsAt": "2020-01-01T00:00:00Z",
        "endsAt": site.clock.now().replace(microsecond=0).isoformat(),
        "createdBy": "An",
        "comment": "x",
    }
    said = await site.run(
        "curl", "-s", "-H", f"Authorization: Bearer {CLI_TOKEN}", "-d", json.dumps(whole | body),
        f"{site.address}/api/v2/silences",
    )  # fmt: skip
    assert says in said.stdout
