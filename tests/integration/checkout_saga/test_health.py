"""The health endpoint shows checkouts that a parked record of any service blocks, and how many are open."""

from __future__ import annotations

from datetime import datetime, timedelta

import httpx
import pytest

from checkout_saga.checkout.blocked_checkouts import BlockedCheckouts
from checkout_saga.checkout.health import CheckoutHealth
from checkout_saga.settings import CheckoutSettings
from kernel.observability.health import Heartbeats
from kernel.store.clock import database_now
from tests.integration.checkout_saga.neighbours import Neighbours, begin
from tests.integration.checkout_saga.test_ways_to_pay import begin_with
from tests.support.database import Pool


async def blocked(neighbours: Neighbours) -> int:
    """All checkouts that wait for cart or offer at this moment."""
    looking = BlockedCheckouts(neighbours.store, timedelta(0), timedelta(minutes=20))
    return await looking.count(await database_now(neighbours.pool))


async def test_a_checkout_counts_as_blocked_while_cart_or_offer_does_not_answer(
    shop: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    before = await blocked(neighbours)
    checkout_id = await begin(shop, "tok_action")
    assert await blocked(neighbours) == before + 1

    await neighbours.serve(shop, checkout_id, {"requires_action"})
    assert await blocked(neighbours) == before, "it waits for the customer now"


async def test_health_has_the_number_of_open_checkouts_and_the_age_of_the_oldest(
    shop: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    first = await begin(shop)
    before = (await shop.get("/health/checkout")).json()["open"]
    second = await begin(shop)
    after = (await shop.get("/health/checkout")).json()["open"]
    assert after["count"] == before["count"] + 1
    assert 0 < before["oldest_seconds"] < after["oldest_seconds"]
    for checkout_id in (first, second):
        await shop.post(f"/v1/checkouts/{checkout_id}/cancel")
        await neighbours.serve(shop, checkout_id, {"failed"})
    assert (await shop.get("/health/checkout")).json()["open"]["count"] == before["count"] - 1


def own_settings(settings: dict[str, str], **other: float) -> CheckoutSettings:
    return CheckoutSettings.model_validate(
        {
            **{name.removeprefix("FEIRA_").lower(): it for name, it in settings.items()},
            "port": 1,
            "database_url": "postgresql://nobody@nowhere/none",
            **other,
        }
    )


async def test_a_checkout_that_waits_for_a_payment_is_stuck_only_after_its_deadline(
    shop: httpx.AsyncClient,
    neighbours: Neighbours,
    settings: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    health = CheckoutHealth(neighbours.store, own_settings(settings), Heartbeats())

    async def count_in(minutes: int, check: str) -> int:
        async def later(pool: Pool) -> datetime:
            return await database_now(pool) + timedelta(minutes=minutes)

        monkeypatch.setattr("checkout_saga.checkout.health.database_now", later)
        found: int = (await health.report())["checks"][check]["count"]
        return found

    moments = [(39, "stuck_checkouts"), (46, "stuck_checkouts"), (54, "expired_locks"), (56, "expired_locks")]
    before = [await count_in(*it) for it in moments]
    checkout_id = await begin_with(shop, method="pix")
    await neighbours.serve(shop, checkout_id, {"requires_action"})
    after = [await count_in(*it) for it in moments]
    assert [now - then for then, now in zip(before, after, strict=True)] == [0, 1, 0, 1]


async def test_health_is_degraded_within_a_minute_where_a_checkout_is_blocked(
    shop: httpx.AsyncClient, neighbours: Neighbours, settings: dict[str, str]
) -> None:
    await begin(shop)
    own = own_settings(settings, blocked_after_seconds=0.001)
    report = await CheckoutHealth(neighbours.store, own, Heartbeats()).report()
    assert report["checks"]["blocked_checkouts"]["count"] >= 1
    assert report["checks"]["blocked_checkouts"]["status"] == "degraded"
    assert "parked" in report["checks"]["blocked_checkouts"]["message"]
    assert report["status"] in {"degraded", "unhealthy"}
    assert CheckoutSettings.model_fields["blocked_after_seconds"].default <= 55
