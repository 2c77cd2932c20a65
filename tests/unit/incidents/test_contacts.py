"""Contacts of `oncall.yaml`: numbers become one form, names and numbers find their person."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.channels import load_policy
from incidents.oncall_file import Known, load_oncall
from incidents.phone_numbers import shown, to_e164
from incidents.yaml_problems import InvalidDocument

CHANNELS = """\
channels:
  thu: {kind: email, host: mail.tinh.vn, from: canhbao@tinh.vn}
recipients: []
"""
TWO = """\
contacts:
  - name: an
    full_name: Nguyễn Văn An
    phones: ["0912 345 678", +84987654321]
    email: an@tinh.vn
    channels: [thu]
    verified_on: 2026-10-01
  - name: binh
    phones: ["+84 (91) 234-5679"]
    backup_of: an
re_verify: 92d
"""


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("0912345678", "+84912345678"),
        ("0912.345.678", "+84912345678"),
        ("84912345678", "+84912345678"),
        ("+84912345678", "+84912345678"),
        ("0084912345678", "+84912345678"),
        ("024 3822 1234", "+842438221234"),
        ("+85620123456", "+85620123456"),
    ],
)
def test_one_form(written: str, number: str) -> None:
    """However a number is written, it is kept in one form."""
    assert to_e164(written) == number


@pytest.mark.parametrize("written", ["", "113", "VNPT", "0912", "+0912345678", "09123456789012345"])
def test_no_number(written: str) -> None:
    """What cannot be called from anywhere is refused, with the form that is allowed."""
    with pytest.raises(ValueError, match="telephone number such as"):
        to_e164(written)


@given(st.text(max_size=30))
def test_any_text_is_a_number_or_none(text: str) -> None:
    """Any text is one number in E.164, which stays as it is, or refused."""
    try:
        number = to_e164(text)
    except ValueError:
        return
    assert number.startswith("+")
    assert number[1:].isdecimal()
    assert to_e164(number) == number


@given(st.integers(10_000_000, 9_999_999_999))
def test_what_is_shown_is_the_same_number(national: int) -> None:
    """The form people read stands for the same number."""
    number = f"+84{national}"
    assert to_e164(shown(number)) == number


def test_lookups() -> None:
    """A person is found by name in any case, and by any way to write one of the numbers."""
    found = load_oncall(TWO, file="oncall.yaml").contacts
    an = found.of("AN")
    assert an is not None
    assert an.shown_name == "Nguyễn Văn An"
    assert found.by_number("84912345678") == "an"
    assert found.by_number("0987654321") == "an"
    assert found.by_number("+84912345679") == "binh"
    assert found.by_number("+84911111111") is None
    assert found.by_number("VIETTEL") is None
    assert an.verify_by(timedelta(days=92)) == date(2027, 1, 1)


@pytest.mark.parametrize(
    ("text", "line", "field", "said"),
    [
        ("contacts:\n - name: an\n   phones: ['12']\n", 3, "contacts[0].phones[0]", "telephone"),
        ("contacts:\n - name: la\n", 2, "contacts[0].name", "not in people.yaml"),
        ("contacts:\n - name: an\n - name: AN\n", 3, "contacts[1].name", "twice"),
        ("contacts:\n - name: an\n   channels: [thu]\n", 3, "contacts[0].channels[0]", "`email`"),
        ("contacts:\n - name: an\n   channels: [x]\n", 3, "contacts[0].channels[0]", "not defined"),
        ("contacts:\n - name: an\n   backup_of: an\n", 3, "contacts[0].backup_of", "no other"),
        ("contacts:\n - name: an\n   roles: [x]\n", 3, "contacts[0].roles[0]", "not a role"),
        ("contacts:\n - name: an\n   email: x\n", 3, "contacts[0].email", "mail address"),
        (
            "contacts:\n - {name: an, phones: ['091234567']}\n - {name: b, phones: [8491234567]}",
            3,
            "contacts[1].phones[0]",
            "one person",
        ),
        (
            "contacts:\n - {name: an, valid_from: 2026-02-01, valid_to: 2026-01-01}\n",
            2,
            "contacts[0].valid_to",
            "before",
        ),
    ],
)
def test_mistakes(text: str, line: int, field: str, said: str) -> None:
    """Each mistake is named with its line and field."""
    with pytest.raises(InvalidDocument) as caught:
        load_oncall(
            text,
            file="oncall.yaml",
            known=Known(
                names={"an", "b"},
                roles={"truc_ca", "nha_mang"},
                policy=load_policy(CHANNELS, file="channels.yaml"),
            ),
        )
    (problem,) = caught.value.problems
    assert (problem.file, problem.line, problem.field) == ("oncall.yaml", line, field)
    assert said in problem.message_en


def test_somebody_outside() -> None:
    """Who stands outside needs no log-in: a role is enough."""
    known = Known(names={"an"}, roles={"nha_mang"})
    text = "contacts:\n - {name: VNPT tỉnh, roles: [nha_mang], phones: ['1800 1260', 02033812345]}"
    found = load_oncall(text, file="oncall.yaml", known=known).contacts
    (contact,) = found.with_role("nha_mang")
    assert contact.phones == ("18001260", "+842033812345")
    assert found.by_number("18001260") is None  # dialled as it is; nobody answers by it
