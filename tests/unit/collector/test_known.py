"""What a host's own page may say of what the province knows."""

from __future__ import annotations

from typing import Any

from collector.known import (
    MOST_CHARACTERS,
    MOST_MATTERS,
    FiringAlert,
    Known,
    OpenIncident,
    contacts,
    matters,
)

HOSTS = {"a-1": ("U1", "may-1"), "a-2": ("U1", "may-2"), "a-3": ("U2", "may-1")}
TOLD = {"DiskFull", "UnitSilent"}


def incident(number: int = 1, **changes: Any) -> OpenIncident:
    """One incident of the first host."""
    usual = OpenIncident(
        number, f"SC-{number}", "Ổ đĩa đầy", "U1", "may-1", "ky_thuat", "S3", 1_000
    )
    return usual._replace(**changes)


def alert(agent: str = "a-1", **changes: Any) -> FiringAlert:
    """One alert that is in no incident."""
    return FiringAlert(agent, "U1", "DiskFull", "Sắp đầy", 2_000, None)._replace(**changes)


def said(known: Known, hosts: dict[str, tuple[str, str]] = HOSTS) -> dict[str, list[str]]:
    """Return the lines of each host, and under the unit those of all its others."""
    found = matters(known, hosts, TOLD)
    return {
        whose: [line.text_vi for line in lines]
        for whose, lines in [*found.of_agents.items(), *found.of_units.items()]
    }


def test_an_incident_is_said_to_its_host_once_and_to_no_neighbour() -> None:
    """Also when the alert that raised it still fires; a host of another unit has its name, too."""
    known = Known((incident(),), (alert(incident=1),))
    assert said(known) == {"a-1": ["Ổ đĩa đầy (SC-1)"]}


def test_an_incident_is_said_to_every_host_that_has_an_alert_in_it() -> None:
    """One cause on several hosts is one incident, which names the first of them."""
    known = Known((incident(),), (alert("a-2", incident=1),))
    assert said(known) == {"a-1": ["Ổ đĩa đầy (SC-1)"], "a-2": ["Ổ đĩa đầy (SC-1)"]}


def test_what_is_of_the_unit_is_said_to_all_of_it() -> None:
    """To a host with matters of its own as well, and to hosts that have none."""
    of_unit = incident(2, host="", text_vi="Mất đường truyền", severity="S2")
    of_device = alert("unit:U1", rule="UnitSilent", text_vi="Cả đơn vị")
    assert said(Known((of_unit,), (alert(), of_device))) == {
        "a-1": ["Mất đường truyền (SC-2)", "Cả đơn vị", "Sắp đầy"],
        "U1": ["Mất đường truyền (SC-2)", "Cả đơn vị"],
    }


def test_nothing_of_what_is_hidden_is_said() -> None:
    """Neither an alert in a hidden incident nor one of a rule whose incidents would be hidden."""
    known = Known((), (alert(incident=7), alert(rule="CertificateExpires")), hidden=frozenset({7}))
    assert said(known) == {}


def test_an_alert_whose_incident_is_over_is_said_itself() -> None:
    """It still fires: somebody closed the incident, or it was said to have recovered."""
    assert said(Known((), (alert(incident=9),))) == {"a-1": ["Sắp đầy"]}


def test_the_worst_and_then_the_oldest_come_first_and_five_at_most() -> None:
    """Incidents before alerts."""
    many = tuple(incident(n, text_vi=f"Việc {n}", since=n, severity="S4") for n in range(1, 9))
    worst = incident(20, text_vi="Nặng", severity="S1", since=99)
    lines = said(Known((*many, worst), (alert(since=0),)))["a-1"]
    assert lines == ["Nặng (SC-20)", *(f"Việc {n} (SC-{n})" for n in range(1, 5))]
    assert len(lines) == MOST_MATTERS


def test_a_long_text_keeps_its_code() -> None:
    """Whoever calls can name the incident."""
    (line,) = said(Known((incident(text_vi="dài " * 100),), ()))["a-1"]
    assert len(line) <= MOST_CHARACTERS
    assert line.endswith("(SC-1)")


def test_nothing_is_said_to_a_key_that_is_not_among_the_hosts() -> None:
    """It was revoked, waits for approval, or is the collector itself."""
    assert said(Known((), (alert("a-9"), alert("collector")))) == {}


def test_a_unit_without_a_contact_calls_whom_the_unit_above_it_calls() -> None:
    """The nearest one; where nobody above has one there is none."""
    units = [("P", None, "Trực tỉnh: 1"), ("X", "P", ""), ("Y", "X", "Cô Hoa"), ("Z", None, "")]
    assert contacts(units) == {"P": "Trực tỉnh: 1", "X": "Trực tỉnh: 1", "Y": "Cô Hoa"}
