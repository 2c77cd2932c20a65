"""docs/phone.md and docs/relay.toml say what the program does."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from collector.relay.settings import RelaySettings
from incidents.channels import load_policy
from incidents.modem import parts
from incidents.modem.faults import EQUIPMENT, MESSAGES

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "phone.md").read_text(encoding="utf-8")
EXAMPLE = ROOT / "docs" / "relay.toml"


def test_every_number_of_the_network_is_explained() -> None:
    """With the words that the program uses, and whether it tries again."""
    rows = re.findall(r"^\| (CM[SE]) (\d+) \| (.+) \| (.+) \| (yes|no) \|$", DOCUMENT, re.MULTILINE)
    told = {(family, int(code)): (vi, en, may) for family, code, vi, en, may in rows}
    known = {
        (family, code): (fault.vi, fault.en, "yes" if fault.may_pass else "no")
        for family, table in (("CMS", MESSAGES), ("CME", EQUIPMENT))
        for code, fault in table.items()
    }

    assert told == known


def test_parts_are_counted_as_the_document_says() -> None:
    """What a message costs."""
    rows = re.findall(
        r"^\| (?:one part|two|three|four) \| (\d+) \| (\d+) \|$", DOCUMENT, re.MULTILINE
    )
    assert len(rows) == 4
    for count, (plain, marked) in enumerate(rows, start=1):
        assert len(parts.cut("a" * int(plain))) == count
        assert len(parts.cut("a" * (int(plain) + 1))) == count + 1
        assert len(parts.cut("ế" * int(marked))) == count
        assert len(parts.cut("ế" * (int(marked) + 1))) == count + 1


def test_channels_of_the_document_are_understood() -> None:
    """As they stand there."""
    [block] = re.findall(r"```yaml\n(.*?)```", DOCUMENT, re.DOTALL)
    policy = load_policy(block, file="channels.yaml")

    assert {channel.kind for channel in policy.channels.values()} == {"modem", "sms_gateway"}


def test_example_of_the_settings_shows_every_one_with_its_default() -> None:
    """What is commented out is what holds without it."""
    text = EXAMPLE.read_text(encoding="utf-8")
    shown = tomllib.loads(re.sub(r"^# (?=\w+ = )", "", text, flags=re.MULTILINE))
    fields = RelaySettings.model_fields

    assert shown.keys() == fields.keys()
    for name in re.findall(r"^# (\w+) = ", text, re.MULTILINE):
        assert (fields[name].default or "") == shown[name] or fields[name].default == shown[name]
    RelaySettings.model_validate(tomllib.loads(text))
