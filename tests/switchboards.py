"""A province with schedules and levels: who is called, for the tests of the desk and its pages."""

from __future__ import annotations

from incidents.channels import load_policy
from incidents.oncall_file import Known, load_oncall
from incidents.people import load_people
from incidents.places import Place, Places
from incidents.switchboard import Switchboard
from tests.builders import PROCEDURE

CHANNELS = """
channels:
  mail: {kind: email, host: 127.0.0.1, port: 25, from: wanwatch@example.vn}
  hook: {kind: webhook, url: "http://127.0.0.1:9000/hook"}
recipients: []
repeat: {S1: 5m, S2: 10m, S3: 30m, S4: 4h}
"""
PEOPLE = """
people:
  - {name: Nguyễn Văn An, roles: [truc_ca, chi_huy]}
  - {name: an, roles: [truc_ca]}
  - {name: binh, roles: [truc_ca]}
  - {name: chi, roles: [chi_huy]}
  - {name: dung, roles: [lanh_dao_vp]}
  - {name: giang, roles: [truc_ca], units: ["000.02"]}
"""
CONTACTS = """
contacts:
  - {name: an, full_name: Nguyễn Văn An, title: Trực ca, phones: ["0912000001"], email: an@x.vn,
     channels: [mail, hook], verified_on: 2026-11-01}
  - {name: binh, phones: ["0912000002"], email: binh@x.vn, channels: [mail]}
  - {name: chi, phones: ["0912000003"], email: chi@x.vn, channels: [mail]}
  - {name: dung, phones: ["0912000004"], email: dung@x.vn, channels: [mail]}
  - {name: giang, phones: ["0912000005"], email: giang@x.vn, channels: [mail]}
"""
SCHEDULES = """
schedules:
  - name: tinh
    vi: Trực ca tỉnh
    layers:
      - {persons: [an], start: 2026-11-02}
      - {persons: [binh], start: 2026-11-02, post: backup}
  - name: huyen
    regions: [Miền Đông]
    needs_backup: false
    layers:
      - {persons: [giang], start: 2026-11-02}
"""
ESCALATION = """
escalation:
  - name: thuong
    calls: 2
    repeat: {S1: 5m, S2: 5m, S3: 30m, S4: 4h}
    acknowledgement_expires: {S1: 30m}
    levels:
      - targets: [{schedule: local}]
      - targets: [{schedule: province, post: backup}]
      - targets: [{role: chi_huy}]
"""
PLACES = Places([Place("000.01", "000", "Văn phòng"), Place("000.02", "000", "Miền Đông")])
ROLES = frozenset(role.code for role in PROCEDURE.file.roles)


def switchboard(
    *,
    contacts: str = CONTACTS,
    schedules: str = SCHEDULES,
    escalation: str = ESCALATION,
    deputies: str = "",
    channels: str = CHANNELS,
) -> Switchboard:
    """The switchboard of these parts of `oncall.yaml`."""
    people = load_people(PEOPLE + deputies, file="people.yaml", roles=ROLES)
    known = Known(
        names=people.names, roles=ROLES, policy=load_policy(channels, file="channels.yaml")
    )
    oncall = load_oncall(contacts + schedules + escalation, file="oncall.yaml", known=known)
    return Switchboard(oncall, people, PLACES)
