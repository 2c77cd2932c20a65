"""`/api/v1/policy/reload`: the policy directory taken over because somebody asked for it."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from collector.api.deps import Caller, Use, oversees

router = APIRouter(prefix="/api/v1/policy", tags=["policy"])


class ReloadBody(BaseModel):
    """Why the policy changes; it goes into the configuration record with who asks."""

    model_config = ConfigDict(extra="forbid")
    reason: Annotated[str, Field(min_length=1, max_length=500)]


@router.post("/reload", dependencies=[Depends(oversees("reload"))])
async def reload(services: Use, caller: Caller, body: ReloadBody) -> JSONResponse:
    """Take over the policy directory; one with mistakes changes nothing and names them all."""
    # What was begun ends, also when whoever asked does not wait for it.
    result = await asyncio.shield(services.reload(caller.actor, body.reason))
    if not result.error:
        said: dict[str, Any] = {"revision": result.revision, "changed": list(result.changed)}
        return JSONResponse(said)
    answer = {
        "code": "policy_has_mistakes",
        "reason_vi": f"chính sách chưa được nạp, bản đang chạy giữ nguyên: {result.error}",
        "reason_en": f"the policy was not reloaded, the running one stays: {result.error}",
    }
    return JSONResponse(answer, status_code=409)
