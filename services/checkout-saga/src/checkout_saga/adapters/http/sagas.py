"""HTTP: what operators see of checkouts that are under way."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Response

from checkout_saga.adapters.http.views import CheckoutView, show_checkout
from checkout_saga.application.names import OPEN
from checkout_saga.domain.checkout import Checkout
from kernel.http.answers import Answer
from kernel.http.auth import OPERATORS
from kernel.http.calls import Read, reading
from kernel.http.paging import Page, Paging
from kernel.http.requests import StrictRoute
from kernel.service_pool import ServicePool
from kernel.store.claims import list_claims
from kernel.work import Work

Operator = Annotated[Read, reading(*OPERATORS)]
Status = Literal["processing", "requires_action", "compensating", "needs_operator"]


def router(pool: ServicePool) -> APIRouter:
    routes = APIRouter(prefix="/v1", route_class=StrictRoute, tags=["operations"])

    @routes.get("/sagas", response_model=Page[CheckoutView])
    async def list_sagas(
        read: Operator,
        paging: Annotated[Paging, Depends()],
        status: Annotated[Status | None, Query()] = None,
    ) -> Response:
        """The tenant's checkouts that have not ended, oldest first. With ``status`` a page may be short and
        still have a next one."""
        after = paging.after(str)
        names = await list_claims(pool, read.tenant, OPEN, after=after[0] if after else "", limit=paging.more)

        async def act(work: Work) -> Answer:
            checkouts = await work.open_many(Checkout, (it.holder for it in names))
            page = paging.page(names, key=lambda it: (it.value,), show=lambda it: checkouts[it.holder])
            shown = [show_checkout(it) for it in page.items if status in {None, it.status}]
            return Answer(Page(items=shown, next_cursor=page.next_cursor))

        return await read.run(act)

    return routes
