"""The routes of attributions, and of what checkouts applied of referrals."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from contracts.roles import ADMINS, SERVICES
from kernel.http.dependencies import Read, Write
from kernel.http.handlers import create, execute, show
from kernel.http.lists import list_by_key, owners
from kernel.http.paging import Page, Paged
from kernel.http.requests import PathId, UntrimmedText
from kernel.http.route_tables import Route, RouteTable
from offer.customers.domain import Customers
from offer.referral.domain.application import ReferralApplication
from offer.referral.domain.attribution import ReferralAttribution
from offer.referral.domain.errors import ReferralNotFound, ReferralRefused
from offer.referral.schemas.requests import NewAttribution
from offer.referral.schemas.views import (
    AttributionView,
    ReferralApplicationView,
    show_application,
    show_attribution,
)
from offer.referral.use_cases import applications, attributions
from offer.referral.use_cases.attributions import Attribute, find_attribution

CustomerId = Annotated[UntrimmedText | None, Query(description="Those of this referee.")]
OrderId = Annotated[UUID | None, Query(description="That of this order.")]
CheckoutId = Annotated[UUID | None, Query(description="That of this checkout.")]


@dataclass(frozen=True, slots=True)
class AttributionRoutes:
    customers: Customers

    async def create_attribution(self, body: NewAttribution, write: Write) -> Response:
        """Attribute a customer to the one who referred them. The first attribution in a program stays."""
        command = Attribute(body.program_id, body.referee_id, body.referrer_id, body.source)
        use_case = partial(attributions.attribute, command, customers=self.customers)
        return await create(write, use_case, show_attribution)

    async def list_attributions(self, read: Read, paging: Paged) -> Response:
        """List attributions, the oldest first."""
        return await list_by_key(
            read, paging, attributions.LISTED, owners(ReferralAttribution), show_attribution
        )

    async def get_attribution(self, attribution_id: PathId, read: Read) -> Response:
        """Get an attribution."""
        return await show(read, find_attribution, attribution_id, show_attribution)

    async def confirm_attribution(self, attribution_id: PathId, write: Write) -> Response:
        """Let the attribution count from now on."""
        confirm = partial(attributions.confirm_attribution, attribution_id)
        return await execute(write, find_attribution, attribution_id, confirm, show_attribution)

    async def revoke_attribution(self, attribution_id: PathId, write: Write) -> Response:
        """Revoke the attribution for good; the referee can be attributed again."""
        revoke = partial(attributions.revoke_attribution, attribution_id)
        return await execute(write, find_attribution, attribution_id, revoke, show_attribution)

    async def list_referral_applications(
        self,
        read: Read,
        paging: Paged,
        customer_id: CustomerId = None,
        order_id: OrderId = None,
        checkout_id: CheckoutId = None,
    ) -> Response:
        """List what checkouts applied of referrals, the oldest first."""
        index, prefix = applications.index_for(customer_id, order_id, checkout_id)

        def keep(it: ReferralApplication) -> bool:
            return applications.matches(it, customer_id, order_id, checkout_id)

        found = owners(ReferralApplication)
        return await list_by_key(read, paging, index, found, show_application, prefix=prefix, keep=keep)


ALL, BY_ID = "/v1/referral/attributions", "/v1/referral/attributions/{attribution_id}"
NOT_FOUND = (ReferralNotFound,)
REFUSED = (ReferralNotFound, ReferralRefused)


def table(customers: Customers) -> RouteTable:
    do = AttributionRoutes(customers)
    return RouteTable(
        "referral attributions",
        (
            Route("POST", ALL, do.create_attribution, SERVICES, AttributionView, REFUSED, status=201),
            Route("GET", ALL, do.list_attributions, SERVICES, Page[AttributionView]),
            Route("GET", BY_ID, do.get_attribution, SERVICES, AttributionView, NOT_FOUND),
            Route("POST", f"{BY_ID}/confirm", do.confirm_attribution, SERVICES, AttributionView, REFUSED),
            Route("POST", f"{BY_ID}/revoke", do.revoke_attribution, SERVICES, AttributionView, NOT_FOUND),
            Route(
                *("GET", "/v1/referral/applications", do.list_referral_applications, ADMINS),
                view=Page[ReferralApplicationView],
            ),
        ),
    )
