"""Operators at the command line: status, dead letters, checkouts, load."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from contracts.topology import PUBLISHERS, SERVICE_NAMES
from tests.end_to_end.shop_client import STRANGER, Json, Shop
from tests.proofs.simulation.decisions import decisions
from tests.proofs.simulation.exported import load
from tests.support.kafka_records import Sent, send, unlock_cart
from tests.support.stack import PROGRAM, RunningStack

FIXED = {"state", "processes", "urls", "kafka", "postgres"}


class Feira:
    """The command, in the stack's environment."""

    def __init__(self, stack: RunningStack) -> None:
        self.stack = stack

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [PROGRAM, *arguments],
            env=self.stack.environment,
            check=False,
            capture_output=True,
            text=True,
            timeout=120,
        )

    def json(self, *arguments: str, code: int = 0) -> Any:
        done = self.run(*arguments, "--json")
        assert done.returncode == code, done.stdout + done.stderr
        return json.loads(done.stdout)


@pytest.fixture(scope="module")
def feira(stack: RunningStack) -> Feira:
    return Feira(stack)


def junk(key: str) -> Sent:
    """Another producer's record under the key of one of ours."""
    return replace(unlock_cart(uuid4()), topic="offer.commands", key=key.encode(), headers=STRANGER)


def parked_in_offer(shop: Shop) -> list[Json]:
    found: list[Json] = shop.get("offer", "/v1/parked?limit=100", "ops")["items"]
    return found


def open_checkouts(shop: Shop) -> int:
    return len(shop.get("checkout-saga", "/v1/sagas?limit=100", "ops")["items"])


def all_have_answered(status: Json) -> bool:
    """A part may be slower than the time limit of the status on a busy machine."""
    lag = status["lag"]
    known = (status["checkouts"], status["versions"]["postgres"], lag["consumers"], lag["read_models"])
    figures = (*lag["relays"].values(), *status["parked"].values())
    return None not in known and None not in figures


def test_the_status_has_versions_lag_checkouts_and_parked_records(feira: Feira, shop: Shop) -> None:
    report = shop.until(lambda: dict(feira.json("status")), all_have_answered, 90)
    assert report.keys() == FIXED | {"versions", "missing", "lag", "checkouts", "parked"}
    assert set(report["versions"]["feira"].values()) == {version("kernel")}
    assert all(report["versions"][part] for part in ("python", "postgres", "kafka"))
    assert report["lag"]["relays"].keys() == set(PUBLISHERS)
    lanes = {"projections.conversion", "projections.products", "projections.checkout_operations"}
    assert report["lag"]["consumers"].keys() >= {"cart.commands", "offer", "checkout-saga", *lanes}
    assert {it["name"] for it in report["lag"]["read_models"]} >= {"conversion", "products"}
    assert report["parked"].keys() == set(SERVICE_NAMES)


def test_a_command_behind_a_parked_record_is_handled_after_the_record_is_resolved(
    feira: Feira, shop: Shop
) -> None:
    product = shop.product(2500, on_hand=5)
    checkout = shop.buy(shop.cart((product, 2)), "tok_action")
    checkout_id = checkout["checkout_id"]
    before = len(parked_in_offer(shop))
    asyncio.run(send(feira.stack.addresses.kafka, junk(checkout_id)))
    feira.stack.until(lambda: len(parked_in_offer(shop)) == before + 1)

    shop.post("checkout-saga", f"/v1/checkouts/{checkout_id}/confirm-action")
    feira.stack.until(lambda: len(parked_in_offer(shop)) == before + 2)
    head, behind = feira.json("parked", "list", "--service", "offer")["items"][-2:]
    assert (head["reason"], head["tenant"], head["key"]) == ("headers", None, None)
    assert (behind["reason"], behind["type"]) == ("behind", "offer.confirm_stock")
    open_still = shop.get("checkout-saga", f"/v1/checkouts/{checkout_id}")
    assert (open_still["status"], open_still["phase"]) == ("processing", "confirm_stock")

    refused = feira.run("parked", "retry", behind["id"])
    assert refused.returncode == 1
    assert "PARKED_BEHIND" in refused.stderr
    assert feira.json("parked", "retry", head["id"], code=1)["record"]["attempts"] == 1

    done = feira.json("parked", "discard", head["id"], "--reason", "its origin is unknown")
    assert (done["handled"], done["failed"], done["waiting"]) == (1, 0, 0)
    assert shop.settled(checkout_id)["status"] == "completed"
    assert shop.stock(product) == (3, 0)
    acts = feira.json("parked", "show", head["id"])["acts"]
    assert [(it["act"], it["actor"]) for it in acts] == [
        ("retry", "ops:demo-ops"),
        ("discard", "ops:demo-ops"),
    ]


def test_compensating_a_checkout_by_command_releases_its_stock(feira: Feira, shop: Shop) -> None:
    product = shop.product(1500, on_hand=5)
    checkout_id = shop.buy(shop.cart((product, 1)), "tok_action")["checkout_id"]
    why = ("--reason", "a test")
    refused = feira.run("saga", "resolve", checkout_id, "--outcome", "done", *why)
    assert refused.returncode == 1
    assert "SAGA_NOT_RESOLVABLE" in refused.stderr
    assert feira.json("saga", "compensate", checkout_id, *why)["failure"]["code"] == "CHECKOUT_CANCELLED"
    assert shop.settled(checkout_id)["status"] == "failed"
    assert shop.stock(product) == (5, 0)


def test_the_stream_of_a_checkout_and_its_steps_are_shown(feira: Feira, shop: Shop) -> None:
    checkout = shop.buy(shop.cart((shop.product(1500), 1)))
    stream = feira.run("events", "show", checkout["checkout_id"], "--json")
    rows = [json.loads(line) for line in stream.stdout.splitlines()]
    assert [it["version"] for it in rows] == [*range(1, len(rows) + 1)]
    assert {it["service"] for it in rows} == {"checkout-saga"}
    assert (rows[0]["type"], rows[-1]["type"]) == ("checkout.started", "checkout.completed")
    assert len({it["traceparent"].split("-")[1] for it in rows}) == 1

    shown = feira.run("saga", "show", checkout["checkout_id"]).stdout.splitlines()
    workflow = rows[0]["body"]["definition"]
    assert shown[0] == f"checkout {checkout['checkout_id']}: completed, workflow {workflow}"
    steps = [line.split() for line in shown if line.startswith("│")]
    assert {it["name"] for it in checkout["steps"]} <= {words[1] for words in steps if len(words) > 1}

    unknown = feira.run("events", "show", str(uuid4()))
    assert unknown.returncode == 1
    assert "No service has recorded anything of" in unknown.stderr


def test_an_exported_checkout_has_no_personal_data_and_the_same_state_in_the_simulation(
    feira: Feira, shop: Shop, tmp_path: Path
) -> None:
    product = shop.product(1500, on_hand=5)
    shown = shop.buy(shop.cart((product, 1)), "tok_action")
    file = tmp_path / "saga.json"
    done = feira.run("saga", "export", shown["checkout_id"], "-o", str(file))
    assert done.returncode == 0, done.stderr
    assert not [it for it in ("tok_action", "@", str(shown.get("customer_id"))) if it in file.read_text()]
    saga = load(file)
    assert (saga.checkout().status, saga.checkout().phase) == (shown["status"], shown["phase"])
    (customers,) = [it.then for it in decisions(saga) if it.when == "the customer has been to the gateway"]
    assert any(it.startswith("sets confirm") for it in customers)
    piped = json.loads(feira.run("saga", "export", shown["checkout_id"]).stdout)
    assert piped["messages"] == json.loads(file.read_text())["messages"]
    unknown = feira.run("saga", "export", str(uuid4()))
    assert (unknown.returncode, unknown.stdout) == (1, "")


def test_the_ledger_is_shown_by_account_and_by_entry(feira: Feira, shop: Shop) -> None:
    checkout_id = shop.buy(shop.cart((shop.sold(2000), 1)))["checkout_id"]
    entries = ("ledger", "--account", "sales.items", "--limit", "100", "--key", "demo-admin")

    def sold() -> Json:
        items = feira.json(*entries)["items"]
        return {"credits": [it["credit"]["amount"] for it in items if it["checkout_id"] == checkout_id]}

    assert shop.until(sold, lambda it: it["credits"])["credits"] == [2000]
    balances = feira.json("ledger", "--limit", "100", "--key", "demo-admin")["items"]
    assert sum(it["balance"]["amount"] for it in balances if it["currency"] == "USD") == 0
    assert "sales.items" in feira.run("ledger", "--key", "demo-admin").stdout
    assert checkout_id in feira.run(*entries).stdout


def test_offers_and_promotions_are_listed_with_their_prices_and_uses(feira: Feira, shop: Shop) -> None:
    slug = f"kit-{uuid4().hex}"
    offer = {
        "slug": slug,
        "name": "A kit",
        "type": "bundle",
        "products": [{"product_id": shop.product(2000)["product_id"]}],
        "price": {"base": {"amount": 1900, "currency": "USD"}},
    }
    offer_id = shop.post("offer", "/v1/offers", "admin", offer)["offer_id"]
    listed = shop.until(lambda: dict(feira.json("offers", "list", "--words", slug)), lambda it: it["items"])
    assert [it["offer_id"] for it in listed["items"]] == [offer_id]
    assert "base 1900 USD, now 1900 USD" in feira.run("offers", "show", offer_id).stdout
    code = shop.code(10)
    (promotion,) = feira.json("promotions", "list", "--code", code)["items"]
    assert (promotion["code"], promotion["uses"]) == (code, 0)
    refused = feira.run("promotions", "list", "--key", "demo-storefront")
    assert refused.returncode == 1
    assert "FORBIDDEN" in refused.stderr


def test_a_cart_is_shown_as_it_is_and_was_and_open_carts_get_the_current_prices(
    feira: Feira, shop: Shop
) -> None:
    cart_id = shop.cart((shop.sold(2000), 2), code=shop.code(10))["cart_id"]
    explained = feira.run("carts", "show", cart_id, "--explain").stdout
    assert "total 3600 USD: subtotal 4000, discount 400" in explained
    assert feira.json("carts", "show", cart_id, "--version", "1")["items"] == []
    run = feira.json("carts", "sync", "--max-age-hours", "1", "--key", "demo-admin")
    assert (run["status"], run["errors"]) == ("completed", 0)
    assert run["processed"] >= 1


def test_foreign_control_characters_do_not_reach_the_terminal(feira: Feira, shop: Shop) -> None:
    evil = f"\x1b[2J\x9b31m\u202e[bold]{uuid4().hex[:8]}"
    record = replace(junk(evil), headers=(("ce_type", evil.encode()),))
    known = {it["parked_id"] for it in parked_in_offer(shop)}
    asyncio.run(send(feira.stack.addresses.kafka, record))

    def found() -> list[str]:
        """It has no tenant, hence no key to know it by."""
        return [f"offer/{it['parked_id']}" for it in parked_in_offer(shop) if it["parked_id"] not in known]

    feira.stack.until(lambda: bool(found()))
    report = "".join(
        feira.run(*it).stdout
        for it in (
            ("events", "tail", "--topic", record.topic, "--limit", "100"),
            ("parked", "list"),
            *(("parked", "show", it) for it in found()),
            ("verify",),
        )
    )
    for it in found():
        feira.run("parked", "discard", it, "--reason", "a test")
    assert evil[-8:] in report
    assert [it for it in "\x1b\x9b\u202e" if it in report] == []


def test_load_makes_purchases_with_each_outcome(feira: Feira) -> None:
    mix = "tok_ok=5,tok_declined=2,tok_action=1,tok_capture_fails=1"
    report = feira.json("load", "--orders", "12", "--concurrency", "4", "--mix", mix, "--seed", "7")
    assert (report["ok"], report["purchases"], report["unfinished"]) == (True, 12, 0)
    assert sum(report["outcomes"].values()) == 12
    assert report["outcomes"]["completed"] and report["outcomes"]["PAYMENT_DECLINED"]
    latency = report["latency_ms"]
    assert 0 < latency["p50"] <= latency["p95"] <= latency["p99"] <= latency["max"]


def test_interrupted_load_waits_for_its_checkouts(feira: Feira, shop: Shop) -> None:
    open_before = open_checkouts(shop)
    load = subprocess.Popen(
        [PROGRAM, "load", "--seconds", "600", "--concurrency", "4", "--json"],
        env=feira.stack.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    feira.stack.until(lambda: open_checkouts(shop) > open_before or load.poll() is not None, 60)
    load.send_signal(signal.SIGINT)
    written, complaints = load.communicate(timeout=60)
    report = json.loads(written)
    assert (load.returncode, complaints) == (0, "")
    assert (report["ok"], report["interrupted"], report["unfinished"]) == (True, True, 0)


def test_rewrap_leaves_keys_that_are_wrapped_by_the_current_master_key(feira: Feira, shop: Shop) -> None:
    shop.buy(shop.cart((shop.sold(1000, on_hand=1), 1)))
    report = feira.json("keys", "rewrap")
    assert report["seen"] == report["total"] > 0
    assert (report["rewrapped"], report["unreadable"]) == (0, 0), "there is only one master key"
