"""The cart's copy of referrals: which discounts a customer gets after facts of the offer service."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from cart.catalogue.domain.customers import KnownCustomer
from cart.catalogue.domain.excerpt import Wanted
from cart.catalogue.repository import TransactionalCatalogue
from contracts import (
    customer,
    referral_attribution,
    referral_override,
    referral_program,
    referral_rule,
)
from contracts.envelope import Fact
from contracts.referral_rule import ReferralLimits, Reward
from tests.integration.cart.messages import project, stamp
from tests.integration.cart.test_catalogue_cache import MIGRATIONS
from tests.support.database import Pool, migrated_database, service_pool
from tests.support.parts import Parts
from tests.support.scenario import NOW

TEN_PERCENT = Reward(type="percentage", value="10")
FIVE_OFF = Reward(type="fixed_amount", value="500", currency="USD")


@pytest.fixture(scope="module")
async def pool(parts: Parts) -> AsyncIterator[Pool]:
    database = await migrated_database("feira_cart_referrals", parts.postgres_superuser_url, MIGRATIONS)
    async with service_pool(database) as pool:
        yield pool


class Shop:
    """A program with one rule, in which Ann was referred by Bob; each with ids of its own."""

    def __init__(self, **rule: object) -> None:
        self.program_id, self.rule_id, self.attribution_id = uuid4(), uuid4(), uuid4()
        self.ann, self.bob = f"ann-{self.program_id}", f"bob-{self.program_id}"
        self.rule = referral_rule.RuleDetails.model_validate(
            {
                "program_id": self.program_id,
                "trigger": "first_order_paid",
                "referee_reward": TEN_PERCENT,
                **rule,
            }
        )

    @property
    def people(self) -> dict[str, object]:
        return {"program_id": self.program_id, "referee_id": self.ann, "referrer_id": self.bob}

    async def opens(self, pool: Pool) -> None:
        program = referral_program.ProgramDetails(name="Friends")
        await project(
            pool,
            referral_program.Created(**stamp(self.program_id, 1), details=program),
            referral_program.Activated(**stamp(self.program_id, 2)),
            referral_rule.Created(**stamp(self.rule_id, 1), details=self.rule),
            referral_attribution.Created.model_validate({**stamp(self.attribution_id, 1), **self.people}),
            referral_attribution.Confirmed.model_validate({**stamp(self.attribution_id, 2), **self.people}),
        )

    def held(self) -> referral_rule.UseHeld:
        return referral_rule.UseHeld(
            **stamp(self.rule_id, 2), checkout_id=uuid4(), referee_id=self.ann, referrer_id=self.bob
        )

    async def customer(self, pool: Pool, tenant: str = "demo") -> KnownCustomer:
        async with pool.acquire() as connection:
            wanted = Wanted(customers={self.ann})
            excerpt = await TransactionalCatalogue(connection).read(tenant, wanted)
        return excerpt.customers[self.ann]

    async def rewards(self, pool: Pool) -> list[Reward]:
        return [it.reward for it in (await self.customer(pool)).referral_discounts(NOW + timedelta(hours=1))]


async def test_a_confirmed_attribution_gives_the_referee_the_discount_of_each_rule(pool: Pool) -> None:
    shop = Shop()
    await shop.opens(pool)
    (grant,) = (await shop.customer(pool)).referral_discounts(NOW + timedelta(hours=1))
    assert (grant.reward, grant.referral.referrer_id) == (TEN_PERCENT, shop.bob)
    assert grant.promotion.referral == grant.referral
    assert (await shop.customer(pool, "rival")).referrals == ()


async def test_overrides_of_the_customer_and_its_groups_are_known(pool: Pool) -> None:
    shop = Shop()
    await shop.opens(pool)
    profile = customer.ProfileChanged(**stamp(uuid4(), 1), customer_id=shop.ann, segments=("students",))
    override_id = uuid4()
    await project(pool, profile)
    await project(
        pool,
        referral_override.Set(
            **stamp(override_id, 1),
            scope="group",
            subject_id="students",
            program_id=shop.program_id,
            reward=FIVE_OFF,
        ),
        referral_override.Set(
            **stamp(uuid4(), 1),
            scope="group",
            subject_id="staff",
            program_id=shop.program_id,
            block_referrals=True,
        ),
    )
    assert await shop.rewards(pool) == [FIVE_OFF]
    await project(pool, referral_override.Removed(**stamp(override_id, 2)))
    assert await shop.rewards(pool) == [TEN_PERCENT]


@pytest.mark.parametrize("limit", ["total", "per_referrer", "per_referee"])
async def test_uses_are_counted_until_they_are_given_back(pool: Pool, limit: str) -> None:
    shop = Shop(limits=ReferralLimits.model_validate({limit: 1}))
    await shop.opens(pool)
    await project(pool, shop.held())
    assert await shop.rewards(pool) == []
    released = referral_rule.UseReleased(
        **stamp(shop.rule_id, 3), checkout_id=uuid4(), referee_id=shop.ann, referrer_id=shop.bob
    )
    await project(pool, released)
    assert await shop.rewards(pool) == [TEN_PERCENT]


async def test_a_guests_uses_count_for_the_account_that_the_guest_is_linked_with(pool: Pool) -> None:
    shop, guest = Shop(limits=ReferralLimits(per_referee=2)), f"guest-{uuid4()}"
    await shop.opens(pool)
    of_guest = shop.held().model_copy(update={"referee_id": guest})
    await project(pool, shop.held(), of_guest)
    assert await shop.rewards(pool) == [TEN_PERCENT]
    await project(pool, customer.Linked(**stamp(uuid4(), 1), customer_id=shop.ann, guest_id=guest))
    assert await shop.rewards(pool) == []


def use(
    kind: type[referral_rule.UseRedeemed] | type[referral_rule.UseReleased],
    shop: Shop,
    version: int,
    checkout_id: UUID,
    at: datetime = NOW,
) -> Fact:
    who = {"checkout_id": checkout_id, "referee_id": shop.ann, "referrer_id": shop.bob}
    return kind.model_validate({**stamp(shop.rule_id, version), "timestamp": at, **who})


@pytest.mark.parametrize("in_one_batch", [True, False])
async def test_a_cooldown_ends_with_the_release_of_the_use_that_began_it(
    pool: Pool, in_one_batch: bool
) -> None:
    shop, first, second = Shop(cooldown_days=30), uuid4(), uuid4()
    await shop.opens(pool)
    redeemed, released = referral_rule.UseRedeemed, referral_rule.UseReleased
    earlier = NOW - timedelta(days=20)
    uses = [
        use(redeemed, shop, 3, first, earlier),
        use(redeemed, shop, 4, second),
        use(released, shop, 5, second),
    ]
    batches = [uses] if in_one_batch else [[it] for it in uses]
    for batch in batches:
        await project(pool, *batch)
    (candidate,) = (await shop.customer(pool)).referrals
    assert candidate.uses.last_redeemed_at == earlier
    assert await shop.rewards(pool) == []
    await project(pool, use(released, shop, 6, first))
    (candidate,) = (await shop.customer(pool)).referrals
    assert candidate.uses.last_redeemed_at is None
    assert await shop.rewards(pool) == [TEN_PERCENT]


async def test_a_cooldown_that_a_linked_guests_use_began_ends_with_its_release(pool: Pool) -> None:
    shop, guest, checkout_id = Shop(cooldown_days=30), f"guest-{uuid4()}", uuid4()
    await shop.opens(pool)
    await project(pool, customer.Linked(**stamp(uuid4(), 1), customer_id=shop.ann, guest_id=guest))
    redeemed = use(referral_rule.UseRedeemed, shop, 3, checkout_id)
    released = use(referral_rule.UseReleased, shop, 4, checkout_id)
    await project(pool, redeemed.model_copy(update={"referee_id": guest}))
    assert await shop.rewards(pool) == []
    await project(pool, released.model_copy(update={"referee_id": guest}))
    assert await shop.rewards(pool) == [TEN_PERCENT]


async def test_of_uses_redeemed_long_ago_only_the_last_is_kept(pool: Pool) -> None:
    shop, now = Shop(), datetime.now(UTC)
    await shop.opens(pool)
    for version, days in enumerate((90, 80, 70, 10, 5), start=3):
        at = now - timedelta(days=days)
        await project(pool, use(referral_rule.UseRedeemed, shop, version, uuid4(), at))
    async with pool.acquire() as connection:
        kept = await connection.fetch(
            "SELECT redeemed_at FROM catalogue_referral_redeemed WHERE rule_id = $1 ORDER BY 1", shop.rule_id
        )
    assert [(now - row["redeemed_at"]).days for row in kept] == [70, 10, 5]


async def test_a_revoked_attribution_and_a_disabled_rule_give_nothing(pool: Pool) -> None:
    shop, other = Shop(), Shop()
    await shop.opens(pool)
    await other.opens(pool)
    revoked = referral_attribution.Revoked.model_validate({**stamp(shop.attribution_id, 3), **shop.people})
    await project(pool, revoked, referral_rule.Disabled(**stamp(other.rule_id, 2)))
    assert (await shop.customer(pool)).referrals == ()
    assert await other.rewards(pool) == []
    (candidate,) = (await other.customer(pool)).referrals
    assert candidate.is_disabled
