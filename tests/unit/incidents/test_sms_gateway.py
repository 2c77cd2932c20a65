"""A gateway is asked as its manual wants it; what cannot be asked is refused when it is written."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from incidents.channels import load_policy
from incidents.channels.sms_gateway import SmsGatewayChannel, is_success, request
from incidents.outbox import Message
from incidents.yaml_lines import InvalidDocument
from tests.builders import T0

MESSAGE = Message(
    1, "sms", "An", "0912345678", "page", "first", "S1", "SC26-0001", "m-1", "MỚI",
    "MỚI SC26-0001 & \"S1\": Xã Ấm Hạ.\n", T0, 1, False,
)  # fmt: skip


def channel(**settings: Any) -> SmsGatewayChannel:
    return SmsGatewayChannel.model_validate({"kind": "sms_gateway", **settings})


def test_values_are_filled_in_every_place() -> None:
    """Address, headers, form; a secret is never in the settings themselves."""
    asked = request(
        channel(
            url="https://sms.example.vn/send/{number}?key={secret.key}&m={text}",
            headers={"X-Key": "{secret.key}", "X-Id": "{id}"},
            form={"to": "{number}", "message": "{text}", "brand": "VPTU"},
            secrets={"key": "key.txt"},
        ),
        MESSAGE,
        {"secret.key": "k&y"},
    )

    query = parse_qs(urlsplit(asked["url"]).query)
    assert query == {"key": ["k&y"], "m": ['MỚI SC26-0001 & "S1": Xã Ấm Hạ.']}
    assert urlsplit(asked["url"]).path == "/send/%2B84912345678"
    assert asked["headers"] == {"X-Key": "k&y", "X-Id": "m-1"}
    assert asked["data"]["to"] == "+84912345678"
    assert asked["data"]["brand"] == "VPTU"


def test_json_is_filled_at_every_depth_and_keeps_what_is_no_text() -> None:
    """Numbers and truth values stay what they are."""
    body = {"messages": [{"to": "{number}", "text": "{text}", "unicode": True, "kind": 1}]}
    asked = request(channel(url="https://a.vn", json=body, number_as="digits"), MESSAGE, {})

    [said] = asked["json"]["messages"]
    assert (said["to"], said["unicode"], said["kind"]) == ("84912345678", True, 1)
    assert said["text"].endswith("Xã Ấm Hạ.")


def test_marks_are_taken_off_and_numbers_written_as_they_are_wanted() -> None:
    """Some gateways count a part every 160 characters, and take national numbers alone."""
    form = {"to": "{number}", "text": "{text}"}
    chosen = channel(url="https://a.vn", form=form, strip_marks=True, number_as="national")
    asked = request(chosen, MESSAGE, {})

    assert asked["data"] == {"to": "0912345678", "text": 'MOI SC26-0001 & "S1": Xa Am Ha.'}


@pytest.mark.parametrize(
    ("field", "value", "body", "taken"),
    [
        ("status", "ok", b'{"status": "ok"}', True),
        ("status", "ok", b'{"status": "no credit"}', False),
        ("code", "100", b'{"code": 100}', True),
        ("result.0.sent", "true", b'{"result": [{"sent": true}]}', True),
        ("id", "", b'{"id": "77"}', True),
        ("id", "", b'{"id": ""}', False),
        ("status", "ok", b"<html>", False),
        ("status.deep", "ok", b'{"status": "ok"}', False),
    ],
)
def test_field_of_the_answer_decides(field: str, value: str, body: bytes, taken: bool) -> None:
    """Many gateways answer 200 to everything."""
    form = {"to": "{number}", "text": "{text}"}
    chosen = channel(url="https://a.vn", form=form, success_field=field, success_value=value)

    assert is_success(chosen, body) == taken


@pytest.mark.parametrize(
    ("settings", "word"),
    [
        ('url: "https://a.vn/{nubmer}", json: {t: "{text}"}', "{nubmer}"),
        ('url: "https://a.vn", json: {t: "{text}"}', "{number}"),
        ('url: "https://a.vn", form: {n: "{number}"}, json: {t: "{text}"}', "exclude"),
        ('url: "https://a.vn/{number}/{text}", method: GET, form: {a: b}', "GET"),
        ('url: "https://a.vn/{number}/{text}/{secret.key}"', "secret.key"),
        ('url: "https://a.vn/{number}/{text}", success_value: ok', "success_field"),
        ('url: "https://a.vn", json: {n: "{number}", t: ["{text}", "{tetx}"]}', "{tetx}"),
        ('url: "https://a.vn/{number}/{text}", reach: inside', "public"),
    ],
)
def test_gateway_that_cannot_be_asked_is_refused_with_its_reason(settings: str, word: str) -> None:
    """When the file is checked, not when the first page has to leave."""
    text = f"channels:\n  sms: {{kind: sms_gateway, {settings}}}\n"
    with pytest.raises(InvalidDocument) as caught:
        load_policy(text, file="channels.yaml")

    assert word in str(caught.value)


@pytest.mark.parametrize("kind", ["modem", "sms_gateway"])
def test_recipient_of_a_telephone_channel_has_a_number(kind: str) -> None:
    """A mail address in its place is found when the file is checked."""
    settings = {
        "modem": 'kind: modem, url: "http://127.0.0.1:8460", token_file: t',
        "sms_gateway": 'kind: sms_gateway, url: "https://a.vn/{number}/{text}"',
    }[kind]
    text = (
        f"channels:\n  sms: {{{settings}}}\nrecipients:\n"
        "  - {name: An, channel: sms, address: an@example.vn, severities: [S1, S2]}\n"
    )
    with pytest.raises(InvalidDocument, match="telephone number"):
        load_policy(text, file="channels.yaml")
    load_policy(text.replace("an@example.vn", "0912 345 678"), file="channels.yaml")
