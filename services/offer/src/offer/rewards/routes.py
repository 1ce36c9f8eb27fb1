"""The list of referrers' rewards."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from contracts.roles import ADMINS
from kernel.http.dependencies import Read
from kernel.http.lists import list_by_key, owners
from kernel.http.paging import Page, Paged
from kernel.http.requests import UntrimmedText
from kernel.http.route_tables import Route, RouteTable
from offer.rewards.domain.reward import Reward
from offer.rewards.schemas.views import ReferrerRewardView, show_reward
from offer.rewards.use_cases import index

ReferrerId = Annotated[UntrimmedText | None, Query(description="Those of this referrer.")]
OrderId = Annotated[UUID | None, Query(description="That of this order.")]


async def list_referral_rewards(
    read: Read, paging: Paged, referrer_id: ReferrerId = None, order_id: OrderId = None
) -> Response:
    """List the rewards of referrers, the oldest first."""
    key, prefix = index.index_for(referrer_id, order_id)

    def keep(it: Reward) -> bool:
        return index.matches(it, referrer_id, order_id)

    return await list_by_key(read, paging, key, owners(Reward), show_reward, prefix=prefix, keep=keep)


ROUTES = RouteTable(
    "referral rewards",
    (
        Route(
            *("GET", "/v1/referral/rewards", list_referral_rewards, ADMINS),
            view=Page[ReferrerRewardView],
        ),
    ),
)
