"""`/api/v1/plan`: what an agent is to measure, for whoever holds its key; without a log-in."""

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from nacl.exceptions import BadSignatureError

from agents.probe_plan import PLAN_PATH, to_json
from agents.report import SIGNATURE_HEADER
from collector.api.deps import Use
from collector.identity.enrol_wire import read_plan_request, signature_of
from collector.limits import retry_after
from collector.wire_json import RejectedReport

router = APIRouter(tags=["enrolment"])


@router.post(PLAN_PATH)
async def plan(request: Request, services: Use) -> Response:
    """Return the probes of an agent's plan; its tag is in the answer to every report."""
    body = await request.body()
    try:
        said = read_plan_request(body)
    except RejectedReport as rejected:
        return _refusal(rejected.status, "invalid", str(rejected))
    host = services.plans.host(said.agent)
    if host is None:
        return _refusal(401, "unknown_key", "this agent is not enrolled here")
    try:
        signature = signature_of(request.headers.get(SIGNATURE_HEADER, ""))
        host.verify(body, signature, services.now)
    except (BadSignatureError, ValueError):
        return _refusal(401, "bad_signature", "the signature is not of this agent's key")
    if host.quarantined_at is not None:
        return _refusal(409, "quarantined", "this key is used by two machines")
    if (wait_seconds := services.plans.wait_seconds(host)) > 0:
        return _refusal(503, "rate_limited", "too many requests", wait_seconds)
    return JSONResponse(to_json(services.plans.of(host)))


def _refusal(status: int, code: str, reason: str, wait_seconds: float = 0.0) -> Response:
    body: dict[str, Any] = {"code": code, "reason_vi": reason, "reason_en": reason}
    headers = {"Retry-After": str(retry_after(wait_seconds))} if wait_seconds else {}
    return JSONResponse(body, status_code=status, headers=headers)
