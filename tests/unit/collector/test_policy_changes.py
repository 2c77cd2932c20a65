"""What the configuration record keeps of a policy: every change, and no secret."""

from __future__ import annotations

import pytest

from collector.policy.changes import LONGEST_DIFF, Sources, unified, without_secrets


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("password: hunter2\n", "password: ***\n"),
        ('{kind: email, password: "a, b", port: 25}', "{kind: email, password: ***, port: 25}"),
        ("  bearer: 'abc def'  # note", "  bearer: ***  # note"),
        ("snmp_community: public", "snmp_community: ***"),
        ("api-key : k1", "api-key : ***"),
        ("password_file: /etc/wanwatch/mail", "password_file: /etc/wanwatch/mail"),
        ("bearer_file: /etc/x", "bearer_file: /etc/x"),
        ("url: https://user:pw@host.vn/a", "url: https://***@host.vn/***"),
        ("url: https://hooks.vn/T0/B1/secret", "url: https://hooks.vn/***"),
        ("threshold: 0.9", "threshold: 0.9"),
    ],
)
def test_secrets_are_masked_and_the_rest_stays(given: str, kept: str) -> None:
    """Values of keys that name a secret, users in addresses, and paths of receivers."""
    assert without_secrets("channels.yaml", given.encode()) == kept


def test_paths_of_targets_stay() -> None:
    """What a probe asks is no secret: only channels' addresses lose their path."""
    assert without_secrets("targets.yaml", b"url: https://a.vn/x") == "url: https://a.vn/x"


def test_what_is_no_text_is_its_length() -> None:
    """Neither other encodings nor zero bytes reach the record."""
    assert without_secrets("units.csv", b"\xff\xfe") == "(2 bytes that are no UTF-8 text)\n"
    assert without_secrets("units.csv", b"a\x00") == "(2 bytes that are no text)\n"


def test_revision_changes_with_any_file_and_with_what_is_shipped() -> None:
    """Content, name, one file more, another program: each is another configuration."""
    one = Sources({"units.csv": b"a"}, "s")
    others = [
        Sources({"units.csv": b"b"}, "s"),
        Sources({"hosts.csv": b"a"}, "s"),
        Sources({"units.csv": b"a", "hosts.csv": b""}, "s"),
        Sources({"units.csv": b"a"}, "t"),
        Sources(),
    ]
    revisions = {one.revision, *(other.revision for other in others)}

    assert len(revisions) == 6
    assert one.revision == Sources({"units.csv": b"a"}, "s").revision
    assert all(len(revision) == 12 for revision in revisions)


def test_a_diff_names_the_file_and_the_lines() -> None:
    """Before and after, per file, files that came and went too."""
    said = unified({"a.yaml": "x: 1\ny: 2\n", "b.csv": "old\n"}, {"a.yaml": "x: 1\ny: 3\n"})

    assert "--- a/a.yaml" in said
    assert "-y: 2\n+y: 3" in said
    assert "-old" in said


def test_a_change_of_secrets_alone_says_so() -> None:
    """The texts without secrets are the same, yet the file changed."""
    assert unified({"c": "password: ***"}, {"c": "password: ***"}).startswith("c: only what is")


def test_a_diff_is_bounded() -> None:
    """A units.csv of thousands of lines does not become one entry's words."""
    said = unified({}, {"units.csv": "".join(f"{n},đơn vị\n" for n in range(10_000))})
    assert len(said) < LONGEST_DIFF + 100
    assert "characters more" in said
