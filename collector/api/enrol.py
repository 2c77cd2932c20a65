"""`/api/v1/enrol` and `/api/v1/rotate-key`: what a machine's key signs; no log-in is asked for."""

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy import Connection

from agents.enrolment import ENROL_PATH
from agents.identity import agent_id
from agents.report import SIGNATURE_HEADER
from agents.rotation import ROTATE_PATH, proof
from collector.access import digest_of
from collector.api.deps import Use
from collector.identity.enrol_wire import is_signed_by, public_key, read_enrol, read_rotate
from collector.identity.enrolment import Refusal, Refused
from collector.limits import retry_after
from collector.services import Services
from collector.storage import enrolments
from collector.wire_json import RejectedReport

# Refusals are told apart for whoever stands at the machine; a token has too many bits to guess.
REASONS_VI: dict[Refusal, str] = {
    "token_unknown": "mã ghi danh không đúng",
    "token_revoked": "mã ghi danh đã bị thu hồi; cần mã mới",
    "token_expired": "mã ghi danh đã hết hạn; cần mã mới",
    "token_used_up": "mã ghi danh đã dùng hết số lần; cần mã mới",
    "key_revoked": "khóa này đã bị thu hồi; ghi danh bằng khóa mới (--new-key)",
    "other_unit": "khóa này thuộc đơn vị khác với mã ghi danh",
    "unit_gone": "đơn vị của mã ghi danh không còn trong danh sách đơn vị",
    "host_name": "tên máy không dùng được; chọn tên khác bằng --host",
}
router = APIRouter(tags=["enrolment"])


@router.post(ENROL_PATH)
async def enrol(request: Request, services: Use) -> Response:
    """Bind a key to the unit of its token; the same request again changes nothing."""
    if (wait := services.enrolment.wait_seconds(_address(request))) > 0:
        return _too_many(services, wait)
    body = await request.body()
    try:
        said = read_enrol(body)
        key = public_key(said.public_key, "public_key")
    except RejectedReport as rejected:
        return _malformed(services, rejected)
    if not is_signed_by(key, body, request.headers.get(SIGNATURE_HEADER, "")):
        return _bad_signature(services)
    token_hash = digest_of(said.token.strip())
    asked = enrolments.Request(agent_id(key), key, said.host, token_hash, _address(request))
    return await _bind(services, asked)


@router.post(ROTATE_PATH)
async def rotate_key(request: Request, services: Use) -> Response:
    """Take the next key of an agent; its id, its numbers and its state stay."""
    if (wait := services.enrolment.wait_seconds(_address(request))) > 0:
        return _too_many(services, wait)
    body = await request.body()
    try:
        said = read_rotate(body)
        old = public_key(said.public_key, "public_key")
        new = public_key(said.new_public_key, "new_public_key")
    except RejectedReport as rejected:
        return _malformed(services, rejected)
    signature = request.headers.get(SIGNATURE_HEADER, "")
    signer = next((key for key in (old, new) if is_signed_by(key, body, signature)), None)
    if signer is None or not is_signed_by(new, proof(said.agent, old, new), said.proof):
        return _bad_signature(services)
    if _is_quarantined(services, said.agent):
        return _quarantined()
    now = services.now()
    verdict = await services.db.write(
        lambda c: enrolments.change_key(c, said.agent, old=old, new=new, signer=signer, now=now)
    )
    if verdict == "unknown_key":
        return _bad_signature(services)
    if verdict == "quarantined":
        return _quarantined()
    services.enrolment.results["key_changed"] += 1
    await services.identity.refresh()
    return JSONResponse({"agent": said.agent})


def _is_quarantined(services: Services, agent: str) -> bool:
    """The running process knows it before the tables do."""
    host = services.fleet.hosts.get(agent)
    return host is not None and host.quarantined_at is not None


async def _bind(services: Services, asked: enrolments.Request) -> Response:
    now, doors = services.now(), services.enrolment

    def work(connection: Connection) -> Any:
        found = enrolments.enrol(connection, asked, now)
        if isinstance(found, Refused) and doors.may_note():
            enrolments.note_refused(connection, asked, found, now)
        return found

    found = await services.db.write(work)
    if isinstance(found, Refused):
        doors.results[found.why] += 1
        return _refusal(403, found.why, REASONS_VI[found.why], found.detail)
    doors.results["enrolled"] += 1
    await services.identity.refresh()
    services.changes.publish("identity", found.id)
    answer = {
        "agent": found.id,
        "unit": found.unit,
        "host": found.host,
        "kind": found.kind,
        "approved": found.approved_at is not None,
        "doubt": found.doubt,
    }
    return JSONResponse(answer)


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _too_many(services: Services, wait_seconds: float) -> Response:
    services.enrolment.results["rate_limited"] += 1
    return _refusal(503, "rate_limited", "quá nhiều yêu cầu", "too many requests", wait_seconds)


def _malformed(services: Services, rejected: RejectedReport) -> Response:
    services.enrolment.results["malformed"] += 1
    return _refusal(rejected.status, "invalid", "yêu cầu không hợp lệ", str(rejected))


def _bad_signature(services: Services) -> Response:
    services.enrolment.results["bad_signature"] += 1
    reason = "the signature is not over this body by a key that may sign it"
    return _refusal(401, "bad_signature", "chữ ký không đúng", reason)


def _quarantined() -> Response:
    reason = "this key is used by two machines; have the host attached again first"
    return _refusal(409, "quarantined", "khóa đang bị cách ly; cần gắn lại trước", reason)


def _refusal(
    status: int, code: str, reason_vi: str, reason_en: str, wait_seconds: float = 0.0
) -> Response:
    body = {"code": code, "reason_vi": reason_vi, "reason_en": reason_en}
    more = {"Retry-After": str(retry_after(wait_seconds))} if wait_seconds else {}
    return JSONResponse(body, status_code=status, headers=more)
