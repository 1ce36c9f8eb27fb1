"""A stack whose disk is full waits, says so, and goes on by itself as soon as there is space again."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from tests.end_to_end.shop_client import Shop
from tests.support.small_disk import CannotMount, fill, release, small_disk
from tests.support.stack import RunningStack, running_stack

MEGABYTES = 640
FULL_FOR = 5.0
BACK_WITHIN = 30.0


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    try:
        with small_disk(tmp_path / "disk", MEGABYTES) as where:
            yield where
    except CannotMount as why:
        pytest.skip(f"NOT TESTED: a full disk needs one of its own, and this user may not mount any ({why})")


@pytest.fixture
def stack(disk: Path) -> Iterator[RunningStack]:
    with running_stack(disk / "home") as running:
        yield running
        release(disk)


def test_processes_recover_soon_after_a_full_disk_has_space_and_no_request_gets_500(
    disk: Path, stack: RunningStack
) -> None:
    with Shop(stack.addresses.urls) as shop:
        product = shop.sold(1000, on_hand=100)
        assert fill(disk) > 0
        statuses = answers_of_a_full_disk(shop, disk)
        for name in ("kafka", "cart", "postgres"):
            pid = stack.process(name)["pid"]
            if pid is not None:  # it may have died of the full disk already
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        statuses |= answers_of_a_full_disk(shop, disk)
        release(disk)
        freed = time.monotonic()
        stack.until(lambda: stack.status()["state"] == "ready", BACK_WITHIN)
        cart = shop.cart((product, 1))
        assert time.monotonic() - freed < BACK_WITHIN
        assert shop.buy(cart)["status"] == "completed"
    assert 503 in statuses
    assert statuses <= {200, 201, 202, 404, 409, 422, 503}
    assert "state_file_written_again" in stack.log()


def answers_of_a_full_disk(shop: Shop, disk: Path) -> set[int]:
    """The statuses of requests that are sent while the disk stays full."""
    statuses = set()
    until = time.monotonic() + FULL_FOR
    while time.monotonic() < until:
        fill(disk)
        for service, path, role, body in (
            ("cart", "/v1/carts", "storefront", {"session_id": "s", "currency": "USD"}),
            ("offer", "/v1/products", "admin", a_product()),
        ):
            try:
                answer = shop.call("POST", service, path, role, body)
            except httpx.TransportError:
                continue
            statuses.add(answer.status_code)
            if answer.status_code >= 500:
                assert answer.headers["content-type"] == "application/problem+json"
                assert answer.json()["code"] == "UNAVAILABLE", answer.json()
        time.sleep(0.2)
    return statuses


def a_product() -> dict[str, object]:
    price = {"amount": 100, "currency": "USD"}
    sku = f"sku-{time.monotonic_ns()}"
    return {"sku": sku, "name": "A thing", "type": "physical_product", "prices": [price]}
