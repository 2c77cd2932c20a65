"""Discovery: which addresses, what was seen makes a device, and a proposal that can be used."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.discovery.addresses import MOST_ADDRESSES, read_addresses
from collector.discovery.proposal import propose, to_yaml
from collector.discovery.signs import REST, XAPI, Signs, api_of, kind_of
from collector.discovery.walk import walk
from collector.targets.targets_file import read_targets

UNIT, ASKERS = "H42.07", ["H42/may-chu"]


def test_named_addresses_and_no_others() -> None:
    """Networks without their own and their broadcast address; each once, in order."""
    text = "10.42.1.20\n# the router\n10.42.1.16/30   # a line\n10.42.1.18\n\nfd00::5\n"
    assert read_addresses(text) == ["10.42.1.20", "10.42.1.17", "10.42.1.18", "fd00::5"]
    assert len(read_addresses("10.42.0.0/22")) == 1_022


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("10.42.0.0/16", r"10.42.0.0/16 holds 65,536 addresses; at most 1,024"),
        ("0.0.0.0/0", "holds 4,294,967,296 addresses"),
        ("fd00::/64", "at most 1,024"),
        ("10.42.1.5/24", "line 1: 10.42.1.5/24 has host bits set. Write 10.42.1.0/24"),
        ("10.1.0.1\ncodec.vn", "line 2: 'codec.vn' does not appear to be"),
        ("224.0.0.1", "no device's own address"),
        ("255.255.255.255", "no device's own address"),
        ("0.0.0.0", "no device's own address"),
        ("10.1.0.0/22\n10.2.0.0/22", "2,044 addresses; at most 1,024"),
        ("# nothing\n", "there is no address in it"),
    ],
)
def test_what_is_wider_or_no_address_is_refused(text: str, says: str) -> None:
    """With the line, what it holds, and what to write."""
    with pytest.raises(ValueError, match=says):
        read_addresses(text)


@given(st.text(max_size=80))
def test_any_text(text: str) -> None:
    """Is a bounded list of addresses or a refusal."""
    try:
        found = read_addresses(text)
    except ValueError:
        return
    assert 0 < len(found) <= MOST_ADDRESSES


@pytest.mark.parametrize(
    ("signs", "api", "kind"),
    [
        (Signs("10.1.0.1"), "", "network"),
        (Signs("10.1.0.1", families=("system", "cisco_codec")), "cisco_xapi", "conference"),
        (Signs("10.1.0.1", families=("system", "codian_mcu")), "codian", "conference"),
        (Signs("10.1.0.1", families=("system", "ups"), kind="shared"), "", "shared"),
        (Signs("10.1.0.1", sip_device="TANDBERG/529 (ce9.15.0) Cisco-RoomKit"), "cisco_xapi", None),
        (Signs("10.1.0.1", sip_device="PolycomRealPresenceTrio-Trio_8800/5.9"), "poly_trio", None),
        (Signs("10.1.0.1", transport="UDP", sip_device="Asterisk PBX"), "", "conference"),
        (Signs("10.1.0.1", is_h323=True), "", "conference"),
        (Signs("10.1.0.1", pages={"/": 200, XAPI: 401, REST: 404}), "cisco_xapi", "conference"),
        (Signs("10.1.0.1", pages={"/": 200, XAPI: 404, REST: 403}), "poly_rest", "conference"),
        (Signs("10.1.0.1", pages={"/": 401, XAPI: 401, REST: 401}), "", "network"),
    ],
)
def test_what_was_seen_makes_a_device(signs: Signs, api: str, kind: str | None) -> None:
    """Families first, then what it calls itself, then which doors want a name."""
    assert api_of(signs) == api
    assert kind_of(signs) == (kind or "conference")


STUDIO = Signs(
    "10.42.1.20",
    echoes=True,
    credentials="codec",
    families=("poly_endpoint", "system"),
    kind="conference",
    name="Phòng họp Xã Ba Đồn",
    description="Polycom Studio: X50 # 1\n- x",
    transport="TCP",
    sip_device="PolyStudioX50",
    is_h323=True,
    pages={"/": 200},
)


def test_a_proposal_is_a_file_that_can_be_used() -> None:
    """What answered is asked for; two devices of one name, one without any."""
    found = [
        STUDIO,
        Signs("10.42.1.21", name=STUDIO.name, transport="UDP"),
        Signs("fd00::5", is_denied=True),
    ]
    text = to_yaml(propose(found, UNIT, ASKERS), found)
    targets = read_targets(text, units={UNIT, "H42"})
    assert list(targets.by_name) == [
        "phong-hop-xa-ba-don",
        "phong-hop-xa-ba-don-may-10-42-1-21",
        "may-fd00-5",
    ]
    first, second, third = targets.by_name.values()
    assert [ask.probe for ask in first.probes] == ["icmp", "snmp", "sip", "h323", "tls"]
    assert [ask.params.get("transport") for ask in first.probes if ask.probe == "sip"] == ["TCP"]
    assert (first.label_vi, first.kind, first.asked_by) == (STUDIO.name, "conference", (*ASKERS,))
    assert [ask.probe for ask in second.probes] == ["sip"]
    assert third.probes == ()
    assert "# - {probe: poly_rest, credentials: NAME}" in text
    assert "speaks SNMP, and not with these credentials" in text


texts = st.text(max_size=80)


@given(
    st.lists(
        st.builds(
            Signs,
            st.sampled_from(["10.1.0.1", "10.1.0.2", "fd00::1"]),
            echoes=st.sampled_from([True, False, None]),
            credentials=st.sampled_from(["", "codec", "true", "0x10", "a b: #"]),
            families=st.sampled_from([(), ("system",), ("cisco_vcs", "system")]),
            kind=st.sampled_from(["", "network", "shared"]),
            name=st.text(st.characters(exclude_categories=["C", "Z"]), max_size=80),
            description=texts,
            sip_device=texts,
        ),
        max_size=3,
        unique_by=lambda signs: signs.address,
    )
)
def test_whatever_devices_say_the_proposal_can_be_read(found: list[Signs]) -> None:
    """No name and no description breaks the file or adds to it."""
    targets = read_targets(to_yaml(propose(found, UNIT, ASKERS), found), units={UNIT, "H42"})
    assert [one.address for one in targets.by_name.values()] == [one.address for one in found]


def test_a_walk_keeps_its_pace_and_its_order() -> None:
    """So many a second are begun; one that cannot be asked is told, and the others go on."""
    begun: list[float] = []
    told: list[None] = []

    def look(address: str) -> Signs:
        begun.append(monotonic())
        return Signs(address, echoes=address != "10.0.0.2")

    def monotonic() -> float:
        return 1_000.0

    walked = walk(
        [f"10.0.0.{number}" for number in range(1, 5)],
        look,
        per_second=50,
        told=lambda: told.append(None),
        monotonic=monotonic,
    )
    assert [signs.address for signs in walked.found] == ["10.0.0.1", "10.0.0.3", "10.0.0.4"]
    assert len(told) == len(begun) == 4
