"""The route by which storefronts show offers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Annotated, Any

from fastapi import Path, Query, Response

from contracts.roles import SHOPPERS
from kernel.http.conditional import NOT_MODIFIED, Unless
from kernel.http.dependencies import Read
from kernel.http.requests import OwnerId
from kernel.http.route_tables import Route, RouteTable
from kernel.store.event_store import EventStore
from offer.offers.domain.errors import OfferNotFound
from offer.storefront.memory import Page, Remembered
from offer.storefront.parts import Storefront
from offer.storefront.schemas import PublicOfferView
from offer.storefront.view_writer import View

SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
MAX_AGE_SECONDS = 3600
STALE = "stale-while-revalidate=60"
Session = Annotated[OwnerId | None, Query()]


@dataclass(frozen=True, slots=True)
class StorefrontRoutes:
    store: EventStore
    parts: Storefront

    async def get_public_offer(
        self, slug: Annotated[str, Path()], read: Read, unless: Unless, session_id: Session = None
    ) -> Response:
        """Show a published offer with its price now. A session sees its variant of a running experiment."""
        if not SLUG.fullmatch(slug):
            raise OfferNotFound("There is no such offer.")
        now = await self.store.now()
        found = await self.parts.memory.find(read.context, slug, now)
        experiment, variant = found.offer.experiment, found.offer.variant_for(session_id)
        page = found.page(variant, now)
        self.parts.views.add(
            View(
                context=read.context,
                offer_id=found.offer.offer_id,
                session_id=session_id,
                variant_id=variant.variant_id if variant else None,
                experiment_id=experiment.experiment_id if experiment and experiment.is_running else None,
            )
        )
        headers = {"Cache-Control": "private, no-store"} if session_id else _shared(found, page, now)
        if not unless.is_met_by(headers.get("ETag")):
            return Response(status_code=NOT_MODIFIED, headers=headers)
        return Response(page.body, headers=headers, media_type="application/json")


def _shared(found: Remembered, page: Page, now: datetime) -> dict[str, str]:
    """Headers by which caches keep the response, never beyond the next change of the price."""
    age, stale = MAX_AGE_SECONDS, f", {STALE}"
    if page.price_changes_at is not None:
        left = int((page.price_changes_at - now).total_seconds())
        age, stale = (age, stale) if left > age else (max(0, left), "")
    digest = blake2b(page.body, digest_size=8).hexdigest()
    keys = sorted(str(it) for it in found.depends_on)
    return {
        "Cache-Control": f"public, max-age={age}{stale}",
        "ETag": f'"{found.offer.version}-{digest}"',
        "Vary": "Authorization",
        "Surrogate-Key": " ".join(keys),
    }


UNCHANGED: Mapping[int | str, Any] = {304: {"description": "The caller has it already, by If-None-Match"}}


def table(store: EventStore, parts: Storefront) -> RouteTable:
    do = StorefrontRoutes(store, parts)
    return RouteTable(
        "storefront",
        (
            Route(
                *("GET", "/v1/public/offers/{slug}", do.get_public_offer, SHOPPERS),
                *(PublicOfferView, (OfferNotFound,)),
                responses=UNCHANGED,
            ),
        ),
    )
