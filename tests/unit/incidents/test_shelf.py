"""By which ruleset and policy an incident goes, whatever the directory holds today."""

from __future__ import annotations

from dataclasses import replace

import pytest

from incidents.channels import load_policy
from incidents.paging_policy import PagingPolicy, kept_policy, still_usable
from incidents.procedures import read_procedure
from incidents.rulesets import only
from incidents.shelf import Shelf
from incidents.yaml_lines import InvalidDocument
from tests.builders import CHANNELS, PROCEDURE, policy
from tests.fakes import MemoryStore
from tests.timeline_builder import File, local

OTHER = read_procedure("extends: vn-2026\nid: tinh\n", file="procedure.yaml")
INCIDENT = File(local("2026-11-23 09:00")).incident
HEAD = CHANNELS.split("recipients:")[0]


def shelf(paging: PagingPolicy | None = None) -> Shelf:
    """A shelf of a province whose directory holds another ruleset today."""
    return Shelf(only(OTHER), paging or policy(), None)


def test_incident_goes_by_the_content_that_its_entry_names() -> None:
    """The id may mean something else today."""
    store = MemoryStore()
    store.contents[PROCEDURE.digest] = PROCEDURE.content

    assert shelf().procedure_of(store, INCIDENT).digest == PROCEDURE.digest


@pytest.mark.parametrize("digest", ["", "unknown"])
def test_incident_without_content_goes_by_id_and_else_by_what_is_in_force(digest: str) -> None:
    """Files from before digests, and what nobody kept: never without stages."""
    by_id = replace(INCIDENT, ruleset="tinh", ruleset_digest=digest)
    unknown = replace(INCIDENT, ruleset="gone", ruleset_digest=digest)

    assert shelf().procedure_of(MemoryStore(), by_id) is OTHER
    assert shelf().procedure_of(MemoryStore(), unknown) is OTHER


@pytest.mark.parametrize("content", ["{}", "no json", '{"id": 3}'])
def test_content_that_is_not_understood_does_not_stop_the_desk(content: str) -> None:
    """A later program may have forgotten an old form: what is in force is used, and said."""
    store = MemoryStore()
    store.contents[PROCEDURE.digest] = content

    assert shelf().procedure_of(store, INCIDENT) is OTHER


def test_kept_policy_tells_those_of_then_over_the_channels_of_now() -> None:
    """Who was named, how often; a channel that is gone is left out, its severities are not."""
    store, then = MemoryStore(), policy()
    store.contents[then.digest] = then.content
    now = policy(
        "channels:\n  mail: {kind: email, host: 10.0.0.9, port: 25, from: a@example.vn}\n"
        "recipients:\n  - {name: Mới, channel: mail, address: moi@example.vn, "
        "severities: [S1, S2, S3, S4]}\n"
    )
    incident = replace(INCIDENT, paging_digest=then.digest)

    used = shelf(now).rules_of(store, incident).policy

    assert [r.name for r in used.recipients] == ["Trực ca"]
    assert used.channels == now.channels
    assert used.repeat == then.repeat


def test_severity_that_nobody_is_left_for_is_told_to_those_of_today() -> None:
    """Nobody passes in silence because a list is old."""
    then = kept_policy(PagingPolicy().content)

    assert still_usable(then, policy()).recipients == policy().recipients


def test_policy_is_the_same_whatever_its_comments_and_channels() -> None:
    """The digest is of who is told of what, and how often."""
    other_host = CHANNELS.replace("127.0.0.1, port: 25", "10.0.0.1, port: 25")
    slower = CHANNELS.replace("S1: 5m", "S1: 6m")

    assert policy("# ghi chú\n" + CHANNELS).digest == policy().digest
    assert policy(other_host).digest == policy().digest
    assert policy(slower).digest != policy().digest


def test_role_of_a_recipient_is_one_of_the_procedure() -> None:
    """Named with line, field and what is allowed; a backup needs a role."""
    wrong = (
        HEAD + "recipients:\n"
        "  - {name: An, channel: mail, address: a@b.vn, severities: [S1, S2], role: truc_co}\n"
        "  - {name: Ba, channel: mail, address: a@b.vn, severities: [S1], backup: true}\n"
    )
    with pytest.raises(InvalidDocument) as caught:
        load_policy(wrong, file="channels.yaml", roles={"truc_ca"})

    text = str(caught.value)
    assert "recipients[0].role: 'truc_co' is not a role of the procedure; allowed: truc_ca" in text
    assert "recipients[1].backup: a backup needs the role" in text
