"""The routes of the links in messages about abandoned carts. They need no key: the token names the tenant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, TypeAlias

from fastapi import Path, Request, Response

from cart.carts.domain.errors import CartNotActive, CartNotFound
from cart.carts.schemas.recovered import RecoveredCartView, recovered_view
from cart.carts.use_cases.abandonment import BY_LINK, RecoverCart, recover_cart, show_open_cart
from cart.carts.use_cases.cart_access import PricedCart
from cart.carts.use_cases.policy import Policy
from cart.catalogue.domain.excerpt import Catalogue
from kernel.context import Context
from kernel.domain import UTC_MIN
from kernel.http.handlers import UseCase
from kernel.http.results import Result
from kernel.http.route_tables import OPEN, Route, RouteTable
from kernel.ids import new_id
from kernel.security.link_tokens import MAX_TOKEN_LENGTH, LinkToken, read_link_token
from kernel.store.event_store import EventStore
from kernel.unit_of_work import UnitOfWork

LinkTokenInPath: TypeAlias = Annotated[str, Path(max_length=MAX_TOKEN_LENGTH)]

ACTOR = "link"
HTML = "text/html"
PREFETCHES = ("sec-purpose", "purpose", "x-purpose", "x-moz")
"""Headers of browsers that fetch a page before it is opened."""
PREFETCHING = ("prefetch", "prerender", "preview")
PRIVATE = {"Cache-Control": "private, no-store", "Referrer-Policy": "no-referrer"}
"""The address contains the token."""


@dataclass(frozen=True, slots=True)
class _Handlers:
    store: EventStore
    catalogue: Catalogue
    policy: Policy
    keys: Sequence[bytes]
    storefronts: Mapping[str, str]

    async def follow_link(self, token: LinkTokenInPath, request: Request) -> Response:
        """Make the cart of a recovery link active again, and show it. A browser is redirected to the
        storefront, if one is set. HEAD, and a request that only prefetches, change nothing."""
        link = self._signed(token)

        async def act(work: UnitOfWork) -> PricedCart:
            _check_expiry(link, work.now)
            if _is_prefetch(request):
                return await show_open_cart(link.subject_id, work, self.catalogue)
            command = RecoverCart(link.subject_id, BY_LINK, link.attempt)
            return await recover_cart(command, work, self.catalogue, self.policy)

        return self._respond(link, request, *await self._run(link, request, act))

    def _signed(self, token: str) -> LinkToken:
        """Raises CartNotFound."""
        link = read_link_token(self.keys, token, UTC_MIN)
        if link is None:
            raise CartNotFound("There is no such cart.")
        return link

    async def _run(
        self, link: LinkToken, request: Request, act: UseCase[PricedCart]
    ) -> tuple[PricedCart, datetime]:
        context = Context(
            tenant=link.tenant,
            correlation_id=request.state.correlation_id,
            causation_id=str(new_id()),
            actor=ACTOR,
            traceparent=request.state.traceparent,
        )

        async def run(work: UnitOfWork) -> tuple[PricedCart, datetime]:
            return await act(work), work.now

        return await self.store.run(context, run)

    def _respond(self, link: LinkToken, request: Request, priced: PricedCart, now: datetime) -> Response:
        storefront = self.storefronts.get(link.tenant)
        if storefront and HTML in request.headers.get("accept", ""):
            location = storefront.replace("{cart_id}", str(link.subject_id))
            return Response(status_code=303, headers={"Location": location, **PRIVATE})
        response = Result(recovered_view(priced, now), priced.version).serialize().response()
        response.headers.update(PRIVATE)
        return response


def _check_expiry(link: LinkToken, now: datetime) -> None:
    """Raises CartNotFound."""
    if link.expires_at <= now:
        raise CartNotFound("There is no such cart.")


def _is_prefetch(request: Request) -> bool:
    """Scanners of mails ask for the head of each link."""
    if request.method == "HEAD":
        return True
    values = (request.headers.get(name, "").lower() for name in PREFETCHES)
    return any(word in value for value in values for word in PREFETCHING)


REFUSALS = (CartNotFound, CartNotActive)
STOREFRONT: Mapping[int | str, Any] = {303: {"description": "To the storefront, for a browser"}}


def table(
    store: EventStore,
    catalogue: Catalogue,
    policy: Policy,
    keys: Sequence[bytes],
    storefronts: Mapping[str, str],
) -> RouteTable:
    """``storefronts``: by tenant, a URL with ``{cart_id}``."""
    do = _Handlers(store, catalogue, policy, keys, storefronts)
    path = "/v1/recover/{token}"
    return RouteTable(
        "recovery links",
        (
            Route(
                *("GET", path, do.follow_link, OPEN),
                view=RecoveredCartView,
                refusals=REFUSALS,
                responses=STOREFRONT,
                answers_head=True,
            ),
        ),
    )
