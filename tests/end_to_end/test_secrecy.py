"""Secrets of customers and callers are in no log, no table and no topic."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import asyncpg
import psutil
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from cli import api_keys
from cli.new_api_key import new_key
from contracts.topology import PARTITIONS, TOPIC_NAMES
from devstack import stale_processes
from tests.end_to_end.shop_client import Json, Shop
from tests.support.stack import PROGRAM, RunningStack

MARK = uuid4().hex[:12]
EMAIL = f"ann.{MARK}@example.com"
NAME = f"Ann{MARK} Lovelace"
STREET = f"{MARK} Hidden Lane"
TOKEN = f"tok_{MARK}"
IDEMPOTENCY_KEY = f"once-{MARK}"
CHAIN = f"chain-{MARK}"
TOKENS = (TOKEN, "tok_ok", "tok_flaky", "tok_capture_fails", "tok_insufficient_funds")
TABLES = """
    SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
    WHERE schemaname NOT IN ('pg_catalog', 'information_schema')
"""


def card_number() -> str:
    """A card number that passes Luhn's check and is not in use."""
    digits = "411111" + str(uuid4().int)[:9]
    total = sum(sum(divmod(int(it) * (2 - n % 2), 10)) for n, it in enumerate(digits))
    return digits + str(-total % 10)


CARD = card_number()


@pytest.fixture(scope="module")
def confidential(stack: RunningStack, shop: Shop) -> list[str]:
    """Send secrets in every kind of request, valid and invalid. Returns the secrets."""
    new = new_key("demo", "storefront", "the shop window")
    asyncio.run(api_keys.create(stack.addresses.databases, new))
    key = new.secret
    unknown = f"feira_demo_{MARK}{uuid4().hex}"
    product = shop.product(1000)
    ended = [_checkout(shop, key, shop.cart((product, 1)), n) for n in range(len(TOKENS))]
    shop.until(lambda: {"status": _status(shop, key)}, lambda it: it["status"] == 404)
    _refusals(shop, key, unknown, shop.cart((product, 1)))
    for checkout in ended:
        shop.settled(checkout["checkout_id"])
    secrets = json.loads((stack.home / "secrets.json").read_text())
    return [
        key,
        unknown,
        EMAIL,
        NAME,
        STREET,
        TOKEN,
        CARD,
        _apart(CARD, " "),
        _apart(CARD, "-"),
        *secrets.values(),
    ]


def _status(shop: Shop, key: str) -> int:
    path = f"/v1/carts/{uuid4()}"
    return shop.call("GET", "cart", path, Authorization=f"Bearer {key}").status_code


def _body(cart_id: str, token: str) -> Json:
    address = {
        "name": NAME,
        "line1": STREET,
        "city": STREET,
        "region": "NY",
        "postal_code": "12345",
        "country": "US",
    }
    return {
        "cart_id": cart_id,
        "customer": {"email": EMAIL, "name": NAME},
        "payment": {"method": "card", "token": token},
        "billing_address": address,
        "shipping_address": address,
    }


def _checkout(shop: Shop, key: str, cart: Json, number: int) -> Json:
    body = _body(cart["cart_id"], TOKENS[number])
    answer = shop.until(
        lambda: shop.call(
            "POST",
            "checkout-saga",
            "/v1/checkouts",
            body=body,
            Authorization=f"Bearer {key}",
            Idempotency_Key=f"{IDEMPOTENCY_KEY}-of-{number}",
            X_Correlation_Id=CHAIN,
        ).json(),
        lambda it: it.get("code") != "UNAUTHENTICATED",
    )
    assert "checkout_id" in answer, answer
    return answer


def _refusals(shop: Shop, key: str, unknown: str, cart: Json) -> None:
    good = _body(cart["cart_id"], "tok_ok")
    payment = {"method": "card"}
    wrong: list[Json] = [
        _body(str(uuid4()), TOKEN),
        good | {"payment": payment | {"token": CARD}},
        good | {"payment": payment | {"token": _apart(CARD, " ")}},
        good | {"payment": payment | {"token": _apart(CARD, "-")}},
        good | {"customer": {"email": NAME, "name": [STREET]}},
        good | {"customer": {"email": EMAIL, "phone": STREET}},
        good | {EMAIL: NAME},
        good | {"cart_id": EMAIL},
        {"email": EMAIL, "card": CARD},
    ]
    for number, body in enumerate(wrong):
        assert _post(shop, key, json.dumps(body), f"{IDEMPOTENCY_KEY}-{number}") >= 400
    for raw in (f'{{"customer": {{"email": "{EMAIL}"', f'"{NAME}"', f'{{"a": NaN, "b": "{CARD}"}}'):
        assert _post(shop, key, raw, f"{IDEMPOTENCY_KEY}-raw") == 422
    assert _post(shop, unknown, json.dumps(good), f"{IDEMPOTENCY_KEY}-unknown") == 401
    for path in (f"/v1/carts/{EMAIL}", f"/v1/carts/{TOKEN}", f"/{EMAIL}/{CARD}", f"/v1/carts/x?key={key}"):
        confidential = {"Authorization": f"Bearer {key}", "Cookie": f"session={TOKEN}"}
        assert shop.call("GET", "cart", path, **confidential).status_code in {404, 422}
    assert shop.call("GET", "checkout-saga", f"/v1/orders?customer_id={EMAIL}", "service").status_code == 200


def _post(shop: Shop, key: str, content: str, idempotency_key: str) -> int:
    confidential = {
        "Authorization": f"Bearer {key}",
        "Content-Type": "application/json",
        "Idempotency-Key": idempotency_key,
    }
    return shop.send("checkout-saga", "/v1/checkouts", content, confidential).status_code


def _apart(number: str, sign: str) -> str:
    return sign.join(number[n : n + 4] for n in range(0, len(number), 4))


def hits(needles: Iterable[str], hay: bytes, where: str) -> list[tuple[str, str]]:
    return [(where, it) for it in needles if it.encode() in hay]


def test_no_log_has_a_secret(stack: RunningStack, confidential: list[str]) -> None:
    logs = {it.name: it.read_bytes() for it in Path(stack.home / "logs").iterdir()}

    assert {"cart.log", "checkout-saga.log", "gateway.log", "postgres.log", "kafka.log"} <= logs.keys()
    assert CHAIN.encode() in logs["checkout-saga.log"], "the request was not logged"
    searched = [*confidential, IDEMPOTENCY_KEY]
    assert [hit for name, text in logs.items() for hit in hits(searched, text, name)] == []


def test_neither_status_nor_metrics_nor_command_lines_have_a_secret(
    stack: RunningStack, shop: Shop, confidential: list[str]
) -> None:
    shown = [("status", subprocess.check_output((PROGRAM, "status", "--json"), env=dict(stack.environment)))]
    shown += [(it, shop.call("GET", it, "/metrics").content) for it in stack.addresses.urls]
    for process in stale_processes.find_all(stack.home):
        with suppress(psutil.Error):
            shown.append((process.name(), "\0".join(process.cmdline()).encode()))

    assert len(shown) > 10
    assert [hit for where, text in shown for hit in hits(confidential, text, where)] == []


OWN_SECRETS = {
    "postgres": set[str](),
    "kafka": set[str](),
    "cart": {"feira_cart", "clock_secret", "link_key"},
    "offer": {"feira_offer", "clock_secret"},
    "checkout-saga": {"feira_checkout", "clock_secret", "link_key", "master_key", "gateway_secret"},
    "projections": {"feira_projections", "clock_secret", "link_key"},
    "projections-worker": {"feira_projections", "link_key"},
    "gateway": {"feira_gateway", "clock_secret", "gateway_secret"},
}
"""By their names in the home. All services share the secret with which one moves the others' clocks; cart,
checkout-saga and projections share the key of links, of the sessions of pages, and of reports' addresses. The
owners' passwords are for migrations, the superuser's for the stack."""


def test_each_process_has_only_its_own_secrets(stack: RunningStack) -> None:
    secrets = json.loads((stack.home / "secrets.json").read_text())
    found = {}
    for it in stack.status()["processes"]:
        confidential = "\n".join(psutil.Process(it["pid"]).environ().values())
        found[it["name"]] = {name for name, secret in secrets.items() if secret in confidential}
    assert found == OWN_SECRETS


async def test_no_database_keeps_a_secret_in_clear(stack: RunningStack, confidential: list[str]) -> None:
    found, seen = [], 0
    for name, url in stack.addresses.databases.items():
        connection = await asyncpg.connect(url)
        for (table,) in await connection.fetch(TABLES):
            rows = await connection.fetch(f"SELECT t::text AS row, to_jsonb(t) AS parts FROM {table} t")  # noqa: S608  # its own name
            text = "\n".join(f"{row['row']}\n{_opened(row['parts'])}" for row in rows).encode()
            found += hits(confidential, text, f"{name} {table}")
            seen += CHAIN.encode() in text
        await connection.close()

    assert found == []
    assert seen >= 3, "the logs of all services have the chain"


def _opened(parts: str) -> str:
    """Decode the hexadecimal text in which PostgreSQL shows bytes."""
    columns = json.loads(parts).values()
    raw = (bytes.fromhex(it[2:]) for it in columns if isinstance(it, str) and it.startswith("\\x"))
    return "\n".join(it.decode(errors="replace") for it in raw)


async def test_no_topic_carries_a_secret(stack: RunningStack, confidential: list[str]) -> None:
    found, seen = [], 0
    reader = AIOKafkaConsumer(bootstrap_servers=stack.addresses.kafka)
    await reader.start()
    try:
        places = [TopicPartition(it, part) for it in TOPIC_NAMES for part in range(PARTITIONS)]
        reader.assign(places)
        await reader.seek_to_beginning()
        ends = await reader.end_offsets(places)
        while any([await reader.position(it) < ends[it] for it in places]):
            for place, records in (await reader.getmany(timeout_ms=500)).items():
                for it in records:
                    whole = b"\n".join([it.key or b"", it.value or b"", *(value for _, value in it.headers)])
                    found += hits(confidential, whole, f"{place.topic} {it.offset}")
                    seen += CHAIN.encode() in whole
    finally:
        await reader.stop()

    assert found == []
    assert seen > 10
