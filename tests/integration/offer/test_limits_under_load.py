"""Limits that many want at once, on real infrastructure: two replicas, 64 requests or checkouts."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx

from contracts import customer
from contracts.offer import CampaignUse, RedeemPromotions, ReferralUse, ReleasePromotions, ReservePromotions
from contracts.sale import AppliedDiscount, Sale, Totals
from devstack.databases import Database
from pricing.referral import referral_promotion_id
from tests.integration.offer.checkouts import Checkouts, Published
from tests.support.waiting import until

MADE, REFUSED = "redemption.made", "promotion.reservation_refused"
LIMIT = "PROMOTION_LIMIT_REACHED"
AT_ONCE = 64
ATTRIBUTIONS = "/v1/referral/attributions"


async def post(admin: httpx.AsyncClient, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    response = await admin.post(path, json=body)
    assert response.is_success, response.text
    shown: dict[str, Any] = response.json()
    return shown


async def program_of(admin: httpx.AsyncClient) -> str:
    program_id: str = (await post(admin, "/v1/referral/programs", {"name": "Friends"}))["program_id"]
    await post(admin, f"/v1/referral/programs/{program_id}/activate")
    return program_id


def sale(*discounts: AppliedDiscount) -> Sale:
    off = sum(it.amount for it in discounts)
    totals = Totals(subtotal=15_000, discount=off, shipping=0, tax=0, total=15_000 - off)
    return Sale(currency="USD", lines=(), discounts=discounts, totals=totals)


def reserve(checkout_id: UUID, customer_id: str, **wanted: Any) -> ReservePromotions:
    fields = {"promotion_ids": (), **wanted}
    return ReservePromotions(
        checkout_id=checkout_id, step="reserve_promotions", customer_id=customer_id, **fields
    )


def links_of(account: str, *guests: str) -> list[customer.Linked]:
    stream: dict[str, Any] = {"originator_id": uuid4(), "timestamp": datetime.now(UTC)}
    return [
        customer.Linked(**stream, originator_version=version, customer_id=account, guest_id=guest_id)
        for version, guest_id in enumerate(guests, 1)
    ]


async def outcomes(
    checkouts: Checkouts, commands: list[ReservePromotions]
) -> Counter[tuple[str, str | None]]:
    buyers = {it.process_id for it in commands}

    def is_reply(it: Published) -> bool:
        return it.checkout_id in buyers and it.type in {MADE, REFUSED}

    await checkouts.send(*commands)
    replies = await checkouts.until(is_reply, len(commands))
    return Counter((it.type, it.body.get("code")) for it in replies)


async def test_a_code_of_10_uses_is_held_by_10_of_64_checkouts(
    admin: httpx.AsyncClient, checkouts: Checkouts
) -> None:
    code = {"code": f"TEN-{uuid4().hex[:8]}", "kind": "percentage", "value": 10, "limits": {"total": 10}}
    promotion_id = UUID((await post(admin, "/v1/promotions", code))["promotion_id"])
    commands = [reserve(uuid4(), f"c{it}", promotion_ids=(promotion_id,)) for it in range(AT_ONCE)]
    assert await outcomes(checkouts, commands) == {(MADE, None): 10, (REFUSED, LIMIT): 54}


async def test_a_guest_and_the_account_buy_at_once_and_use_a_code_once_together(
    admin: httpx.AsyncClient, checkouts: Checkouts, database: Database
) -> None:
    limits = {"per_customer": 1}
    code = {"code": f"ONE-{uuid4().hex[:8]}", "kind": "percentage", "value": 10, "limits": limits}
    promotion_id = UUID((await post(admin, "/v1/promotions", code))["promotion_id"])
    ids = account, *guests = [f"person-{uuid4()}" for _ in range(4)]
    await checkouts.record(*links_of(account, *guests))
    count = "SELECT count(*) = $2 FROM customer_links WHERE customer_id = $1"
    connection = await asyncpg.connect(database.superuser_url)
    try:
        await until(lambda: connection.fetchval(count, account, len(guests)))
    finally:
        await connection.close()
    commands = [
        reserve(uuid4(), ids[number % len(ids)], promotion_ids=(promotion_id,)) for number in range(AT_ONCE)
    ]
    assert await outcomes(checkouts, commands) == {(MADE, None): 1, (REFUSED, LIMIT): AT_ONCE - 1}


async def test_a_referee_is_attributed_once_by_64_requests(admin: httpx.AsyncClient) -> None:
    body = {"program_id": await program_of(admin), "referee_id": "ann", "referrer_id": "bob"}
    responses = await asyncio.gather(*(admin.post(ATTRIBUTIONS, json=body) for _ in range(AT_ONCE)))
    assert Counter(it.status_code for it in responses) == {201: 1, 409: 63}
    assert {it.json()["reason"] for it in responses if it.status_code == 409} == {"already_attributed"}


async def test_s11_a_referrer_s_5_uses_are_held_by_5_of_64_checkouts_and_each_counts_once(
    admin: httpx.AsyncClient, checkouts: Checkouts
) -> None:
    program_id = await program_of(admin)
    reward = {"type": "percentage", "value": 10}
    rule = {"program_id": program_id, "trigger": "first_order_paid", "referee_reward": reward}
    limits = {"per_referrer": 5}
    rule_id = UUID((await post(admin, "/v1/referral/rules", {**rule, "limits": limits}))["rule_id"])
    referees = [f"referee-{rule_id}-{number}" for number in range(AT_ONCE)]
    people = [{"program_id": program_id, "referee_id": it, "referrer_id": "bob"} for it in referees]
    attributed = await asyncio.gather(*(post(admin, ATTRIBUTIONS, it) for it in people))
    commands = []
    for referee, attribution in zip(referees, attributed, strict=True):
        use = ReferralUse(rule_id=rule_id, attribution_id=UUID(attribution["attribution_id"]))
        key = referral_promotion_id(rule_id, referee)
        discount = AppliedDiscount(promotion_id=key, kind="percentage", amount=1500)
        commands.append(reserve(uuid4(), referee, referrals=(use,), sale=sale(discount)))
    assert await outcomes(checkouts, commands) == {(MADE, None): 5, (REFUSED, LIMIT): 59}

    await checkouts.send(*commands)
    everyone = {it.process_id for it in commands}
    replies = [MADE, REFUSED]
    await checkouts.until(lambda it: it.checkout_id in everyone and it.type in replies, 2 * AT_ONCE)
    assert (await admin.get(f"/v1/referral/rules/{rule_id}")).json()["uses"] == 5

    made = [it.checkout_id for it in checkouts.published if it.type == MADE and it.checkout_id in everyone]
    winner = made[0]
    assert winner is not None
    await checkouts.send(RedeemPromotions(checkout_id=winner, step="redeem_promotions"))
    await checkouts.until(lambda it: it.checkout_id == winner and it.type == "referral.redeemed")
    applied = (await admin.get("/v1/referral/applications", params={"checkout_id": str(winner)})).json()
    (application,) = applied["items"]
    (snapshot,) = application["snapshots"]
    assert (application["status"], snapshot["total_discount"]) == ("redeemed", 1500)
    assert snapshot["referrer_id"] == "bob"


async def test_e16_a_budget_is_held_by_two_of_64_checkouts_and_a_release_makes_room(
    admin: httpx.AsyncClient, checkouts: Checkouts
) -> None:
    budget = {"amount": 3000, "currency": "USD"}
    campaign_id = (await post(admin, "/v1/campaigns", {"name": "Sale", "budget": budget}))["campaign_id"]
    await post(admin, f"/v1/campaigns/{campaign_id}/activate")
    cost = CampaignUse(campaign_id=UUID(campaign_id), amount=1485)
    commands = [reserve(uuid4(), f"c{it}", campaigns=(cost,), sale=sale()) for it in range(AT_ONCE)]
    assert await outcomes(checkouts, commands) == {(MADE, None): 2, (REFUSED, LIMIT): 62}
    shown = (await admin.get(f"/v1/campaigns/{campaign_id}")).json()
    assert (shown["held"]["amount"], shown["remaining"]["amount"], shown["exhausted"]) == (2970, 30, True)

    everyone = {it.process_id for it in commands}
    held = [it.checkout_id for it in checkouts.published if it.type == MADE and it.checkout_id in everyone]
    assert held[0] is not None
    await checkouts.send(ReleasePromotions(checkout_id=held[0], step="reserve_promotions"))
    await checkouts.until(lambda it: it.key == UUID(campaign_id) and it.type == "campaign.reopened")
    shown = (await admin.get(f"/v1/campaigns/{campaign_id}")).json()
    assert (shown["held"]["amount"], shown["exhausted"], shown["running"]) == (1485, False, True)
