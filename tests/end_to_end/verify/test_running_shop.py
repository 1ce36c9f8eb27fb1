# ruff: noqa: S608 - statements put together of our own words
"""`feira verify` on a running shop: it accepts work in progress, and finds planted violations."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import asyncpg
from aiokafka import AIOKafkaProducer

from tests.end_to_end.shop_client import Json, Shop
from tests.end_to_end.verify.conftest import Verify
from tests.support.stack import PROGRAM, RunningStack

BUYERS = 3
PAYMENT = "00000000-0000-4000-8000-000000000001"
ABSENT = "00000000-0000-4000-8000-000000000002"
CAPTURE = f"""
    INSERT INTO payment (merchant, payment_id, checkout_id, status, currency, authorized, captured)
    VALUES ('demo', '{PAYMENT}', '{ABSENT}', 'captured', 'USD', 700, 700);
    INSERT INTO operation (merchant, key, request_hash, operation, payment_id, asked_at, number, performed_at,
                           status, amount, currency)
    SELECT 'demo', 'planted ' || number, '', operation, '{PAYMENT}', now(), number, now(), status, 700, 'USD'
    FROM (VALUES (1000001, 'authorize', 'authorized'), (1000002, 'capture', 'captured'))
         AS entry (number, operation, status)
"""
NO_CAPTURE = f"""
    DELETE FROM operation WHERE payment_id = '{PAYMENT}'; DELETE FROM payment WHERE payment_id = '{PAYMENT}'
"""
A_FACT_AWAY = """
    TRUNCATE snapshots;
    CREATE TABLE hidden AS SELECT * FROM log WHERE type = 'cart.item_added' ORDER BY position LIMIT 1;
    ALTER TABLE log DISABLE TRIGGER USER;
    DELETE FROM log WHERE position IN (SELECT position FROM hidden);
    ALTER TABLE log ENABLE TRIGGER USER
"""
A_FACT_BACK = "INSERT INTO log OVERRIDING SYSTEM VALUE SELECT * FROM hidden; DROP TABLE hidden"
APPLIED_TWICE = "UPDATE read_model_state SET applied_count = applied_count + 1 WHERE name = 'products'"
FIGURE = "UPDATE checkout_conversion SET revenue = revenue + 1"


@contextmanager
def buying(shop: Shop) -> Iterator[None]:
    """Customers who go on buying until the end of the block."""
    product = shop.product(700, on_hand=100_000)
    enough = threading.Event()

    def buy() -> None:
        with shop.of("demo") as own:
            while not enough.is_set():
                own.buy(own.cart((product, 1)), "tok_flaky")

    buyers = [threading.Thread(target=buy) for _ in range(BUYERS)]
    for check in buyers:
        check.start()
    try:
        yield
    finally:
        enough.set()
        for check in buyers:
            check.join()


@asynccontextmanager
async def planted(url: str, plant: str, undo: str) -> AsyncIterator[None]:
    """Change a live database directly, and undo it at the end of the block."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(plant)
        yield
    finally:
        await connection.execute(undo)
        await connection.close()


NOT_PLAYED = {"N1", "R1"}
"""Checks of what the history does not have: mails about carts, which wait until these are abandoned, and
reconciliations."""


def broken(report: Json) -> set[str]:
    return {it["check"] for it in report["checks"] if it["violations"]}


def check(report: Json, name: str) -> Json:
    return next(dict(it) for it in report["checks"] if it["check"] == name)


def test_a_shop_with_every_kind_of_checkout_violates_no_check(history: Shop, verify: Verify) -> None:
    code, report = verify("--settle", "30")
    assert (code, report["holds"], broken(report)) == (0, True, set())
    assert {it["check"] for it in report["checks"] if not it["compared"]} == NOT_PLAYED
    assert report["in_flight"]["open_checkouts"] == 2
    assert report["compared"]["tenants"] == 2


def test_verification_works_during_purchases(history: Shop, verify: Verify) -> None:
    with buying(history):
        code, report = verify("--settle", "0", "--page", "10")
    assert (code, broken(report)) == (0, set())
    assert report["in_flight"]["open_checkouts"] > 2


async def test_exactly_the_manipulated_rows_are_found(
    history: Shop, stack: RunningStack, verify: Verify
) -> None:
    databases = stack.addresses.databases
    async with (
        planted(databases["gateway"], CAPTURE, NO_CAPTURE),
        planted(databases["cart"], A_FACT_AWAY, A_FACT_BACK),
        planted(databases["projections"], APPLIED_TWICE, APPLIED_TWICE.replace("+", "-")),
        planted(databases["projections"], FIGURE, FIGURE.replace("+", "-")),
    ):
        code, report = verify("--settle", "5")
    assert (code, broken(report)) == (1, {"M1", "E3", "E4", "B1", "P1", "P2"})
    (row,) = check(report, "M1")["rows"]
    assert (row["payment_id"], row["amount"]) == (PAYMENT, 700)


def test_without_a_stack_it_prints_one_sentence(tmp_path: Path) -> None:
    environment = {**os.environ, "FEIRA_HOME": str(tmp_path)}
    done = subprocess.run([PROGRAM, "verify"], env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("feira: No stack is up in")


async def test_a_foreign_record_is_found_on_its_topic(
    history: Shop, stack: RunningStack, verify: Verify
) -> None:
    """The last test of the module: a record on a topic stays there."""
    producer = AIOKafkaProducer(bootstrap_servers=stack.addresses.kafka)
    await producer.start()
    try:
        headers = {
            "ce_specversion": "1.0",
            "ce_id": ABSENT,
            "ce_source": "/feira/cart",
            "ce_type": "cart.cleared",
            "ce_subject": ABSENT,
            "ce_time": "2026-03-01T12:00:00Z",
            "ce_dataschema": "urn:feira:cart.cleared:1",
            "ce_recordedtime": "2026-03-01T12:00:00Z",
            "ce_tenant": "demo",
            "ce_correlationid": "none",
            "ce_causationid": "none",
            "ce_version": "1",
        }
        encoded = [(name, value.encode()) for name, value in headers.items()]
        await producer.send_and_wait("cart.events", b"{}", key=ABSENT.encode(), headers=encoded)
    finally:
        await producer.stop()
    code, result = verify("--settle", "5")
    # P1: the read model of carts has noted the stream, which no log has
    assert (code, broken(result)) == (1, {"E4", "P1"})
