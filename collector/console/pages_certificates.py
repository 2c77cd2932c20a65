"""The page of certificates and signing tokens: who has to renew what, and by when."""

from fastapi import APIRouter, Request, Response

from collector.api.certificates import Unit
from collector.api.deps import Looking, Search, Use
from collector.certificates.book import CertificateLine
from collector.console.render import page
from incidents.certificates import EXPIRED, STEPS
from incidents.vietnamese import search_of, sort_key

router = APIRouter(include_in_schema=False)
LISTS = (EXPIRED, *reversed(STEPS))


@router.get("/certificates")
async def certificates_page(
    request: Request, services: Use, viewer: Looking, q: Search = "", unit: Unit = None
) -> Response:
    """Show the lists of 7, 14, 30 and 60 days, then what is good for longer."""
    found = services.certificates.lines(services.targets, viewer, services.now(), search_of(q))
    units = {one.unit: one.unit_name for one in found}
    shown = [one for one in found if not unit or one.unit == unit]
    return page(
        request,
        services,
        "certificates",
        lists=[(step, rows) for step in LISTS if (rows := _of(shown, step))],
        later=[one for one in shown if one.step is None and not one.is_replaced],
        replaced=[one for one in shown if one.is_replaced],
        units=sorted(units.items(), key=lambda pair: sort_key(pair[1])),
        unit=unit or "",
        q=q,
        count=len(shown),
    )


def _of(lines: list[CertificateLine], step: int) -> list[CertificateLine]:
    return [one for one in lines if one.step == step]
