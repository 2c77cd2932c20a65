"""`/metrics`: what the injected registry holds, in Prometheus' text format."""

from fastapi import APIRouter
from fastapi.responses import Response
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from collector.api.deps import Use

router = APIRouter(tags=["metrics"])


@router.get("/metrics")
async def metrics(services: Use) -> Response:
    """Return every metric of this process; needs the token, as any other route does."""
    return Response(generate_latest(services.registry), media_type=CONTENT_TYPE_LATEST)
