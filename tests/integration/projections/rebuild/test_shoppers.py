"""Read models of carts, offers, referrals and campaigns: from facts on Kafka to their tables, and rebuilt."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from contracts import campaign, experiment, offer, referral, reward
from contracts import referral_attribution as attribution
from contracts.experiment import ExperimentDetails, Variant
from contracts.referral import Snapshot
from contracts.sale import Exposure, Money
from kernel.postgres.service_pool import ServicePool
from kernel.projections.counters import CounterModel
from projections.models.campaign_costs.model import CAMPAIGN_COSTS
from projections.models.carts.model import CARTS
from projections.models.experiment_variants.model import EXPERIMENT_VARIANTS
from projections.models.labels.model import LABELS
from projections.models.offer_activity.model import OFFER_ACTIVITY
from projections.models.referrals.model import REFERRALS
from tests.integration.projections.conftest import Reader
from tests.integration.projections.rebuild.conftest import Operator
from tests.integration.projections.test_figures_over_http import Publish
from tests.integration.projections.test_projector import apply, shuffled, stored
from tests.support.shoppers import CartStory, Story, named
from tests.unit.projections.expected_rows import tables

EVENING = datetime(2009, 3, 31, 22, tzinfo=UTC)
MODELS: tuple[CounterModel[Any, Any], ...] = (CARTS, OFFER_ACTIVITY, REFERRALS, CAMPAIGN_COSTS)
SEEN = Exposure(experiment_id=named("test"), variant_id=named("b"), exposure_id=named("s-1 exposed"))


def carts(tenant: str) -> Sequence[Story]:
    """One for each outcome."""
    bought, left, lost, guest = (
        CartStory(name, EVENING, tenant) for name in ("bought", "left", "lost", "guest")
    )
    bought.add(offer_id=named("course"), experiment=SEEN)
    bought.offer_upsells((named("course"), named("bump")))
    bought.add("pen", offer_id=named("course"), upsell_id=named("bump"))
    bought.apply("TENTH")
    bought.start()
    bought.lock()
    bought.give_back()
    bought.buy()
    for story in (left, lost):
        story.add()
        story.later(hours=3)
        story.abandon()
        story.later(hours=1)
        story.remind(1)
    left.buy(900)
    lost.expire()
    guest.add()
    guest.merge_into(lost)
    return bought, left, lost, guest


def shop(tenant: str) -> Story:
    """What happened beside the carts, to an offer, its experiment, a campaign and a program."""
    story = Story(EVENING, tenant)
    seen = {"offer_id": named("course"), "experiment_id": named("test"), "variant_id": named("b")}
    for number in range(3):
        story.tell(
            offer.Viewed, named(f"view {number}"), offer_id=named("course"), session_id=f"s-{number % 2}"
        )
        story.later(hours=1)
    story.tell(offer.VariantSelected, named("s-1 exposed"), **seen, session_id="s-1")
    story.tell(offer.VariantConverted, named("s-1 exposed"), **seen, session_id="s-1", order_id=named("o"))
    variants = tuple(Variant(variant_id=named(it), name=it, weight=1) for it in ("a", "b"))
    details = ExperimentDetails(name="Price", variants=variants)
    story.tell(experiment.Created, named("test"), offer_id=named("course"), details=details)
    budget = campaign.CampaignDetails(name="Sale", budget=Money(amount=10_000, currency="USD"))
    story.tell(campaign.Created, named("sale"), details=budget)
    story.tell(campaign.BudgetUsed, named("sale"), checkout_id=named("c"), amount=300)
    people = {"program_id": named("program"), "referee_id": "e", "referrer_id": "r"}
    story.tell(attribution.Created, named("attribution"), **people)
    snapshot = Snapshot(
        at=EVENING,
        customer_id="e",
        attribution_id=named("attribution"),
        referrer_id="r",
        program_id=named("program"),
        rule_ids=(),
        discounts=(),
        order_id=named("o"),
        currency="USD",
        subtotal=1_000,
        total_discount=100,
        total=900,
    )
    reply: dict[str, Any] = {"checkout_id": named("c"), "step": "redeem_promotions"}
    story.tell(referral.Redeemed, named("application"), **reply, stage="payment", snapshots=(snapshot,))
    ids = {it: named(it) for it in ("rule_id", "attribution_id", "order_id")}
    amounts: dict[str, Any] = {"base": 900, "amount": 90, "currency": "USD", "line_ids": ()}
    story.tell(reward.Granted, named("reward"), **people, **ids, **amounts, confirm_at=EVENING)
    story.later(days=1)
    story.tell(reward.Reversed, named("reward"), amount=40)
    return story


@pytest.mark.parametrize("model", MODELS, ids=lambda it: it.name)
@pytest.mark.parametrize("seed", range(3))
async def test_the_tables_are_the_same_for_every_order_and_every_batch_size(
    model: CounterModel[Any, Any], seed: int, pool: ServicePool
) -> None:
    rng = random.Random(seed)
    stories = [*carts(f"shuffled {seed}"), shop(f"shuffled {seed}")]
    remaining = [event.received(offset) for offset, event in enumerate(shuffled(stories, rng))]
    while remaining:
        size = rng.randint(1, 9)
        await apply(model, remaining[:size], pool)
        remaining = remaining[size:]
    in_order = [event for story in stories for event in story.happened]
    expected = tables(model, in_order)
    assert await stored(model, f"shuffled {seed}", pool) == expected and all(expected.values())


async def test_facts_on_kafka_reach_the_tables_and_a_rebuild_finds_the_same(
    publish: Publish, reader: Reader, operator: Operator, pool: ServicePool
) -> None:
    facts = [event for story in (*carts("shoppers"), shop("shoppers")) for event in story.happened]
    await publish(facts)
    await reader.caught_up()
    for model in MODELS:
        assert await stored(model, "shoppers", pool) == tables(model, facts)
    assert await pool.fetchval("SELECT name FROM labels WHERE tenant = 'shoppers'") == "Sale"
    weights = "SELECT weight FROM experiment_variants WHERE tenant = 'shoppers' ORDER BY position"
    assert [row["weight"] for row in await pool.fetch(weights)] == [1, 1]
    for name in (it.name for it in (*MODELS, LABELS, EXPERIMENT_VARIANTS)):
        # other tests put rows of their own beside those of facts: the first rebuild takes them away
        await operator.complete("rebuild", name)
        assert (await operator.complete("verify", name))["differences"] == 0
