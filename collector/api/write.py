"""`/api/v1/write`: samples by Prometheus remote write 1.0, with the token of a source."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse

from collector.api.deps import Use
from collector.source_tokens import WRITE_PATH, token_of

router = APIRouter(tags=["samples"])
CONTENT_TYPE = "application/x-protobuf"
V2 = "io.prometheus.write.v2"
_BODY = {"required": True, "content": {CONTENT_TYPE: {"schema": {"type": "string"}}}}


@router.post(WRITE_PATH, status_code=204, openapi_extra={"requestBody": _BODY})
async def write(request: Request, services: Use) -> Response:
    """Take the samples of a request; 204 when all are durable, 400 when some are not taken."""
    headers = request.headers
    token = token_of(headers.get("authorization", ""))
    source = services.sources.of(token, "samples", services.now()) if token else None
    if source is None:
        reason = "send the token of a source that may bring samples"
        return PlainTextResponse(reason, 401, {"WWW-Authenticate": "Bearer"})
    kind = headers.get("content-type", CONTENT_TYPE)
    if not kind.startswith(CONTENT_TYPE) or V2 in kind:
        return PlainTextResponse(f"send {CONTENT_TYPE} of remote write 1.0", 415)
    if headers.get("content-encoding", "snappy") != "snappy":
        return PlainTextResponse("Content-Encoding must be snappy", 415)
    said = await services.samples_door.take(source, await request.body())
    if said.status == 204:
        return Response(status_code=204)
    wait = said.retry_after_seconds
    more = {} if wait is None else {"Retry-After": str(wait)}
    return PlainTextResponse(said.reason, said.status, more)
