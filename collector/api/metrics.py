"""`/metrics`: what the injected registry holds, in Prometheus' text format."""

from fastapi import APIRouter, Depends
from fastapi.responses import Response
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from collector.api.deps import Use, whole_province

router = APIRouter(tags=["metrics"])


@router.get("/metrics", dependencies=[Depends(whole_province)])
async def metrics(services: Use) -> Response:
    """Return every metric of this process; needs the token, as any other route does."""
    return Response(generate_latest(services.registry), media_type=CONTENT_TYPE_LATEST)
