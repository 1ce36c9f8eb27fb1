"""Send foreign and corrupted records to all topics of a running stack while customers buy.

`python -m tests.proofs.inputs.records`; RECORDS is their number, SEED selects them.
"""

from __future__ import annotations

import asyncio
import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

import httpx

from contracts.topology import SERVICE_NAMES
from kernel.messaging.clients import KafkaProducer
from tests.end_to_end.shop_client import Json, Shop
from tests.proofs.inputs import offsets
from tests.proofs.inputs.bodies import some_id
from tests.proofs.inputs.foreign_records import TOPICS, strange_records
from tests.support.kafka_records import Sent, received_stock
from tests.support.raw_batches import send_with_header_name
from tests.support.stack import RunningStack, running_stack

SEEDS, PURCHASES = 3, 20
AT_ONCE = 500
SETTLED_WITHIN = 240.0


def main() -> int:
    count, seed = int(os.environ.get("RECORDS") or 10_000), int(os.environ.get("SEED") or 1)
    print(f"{count} records, seed {seed}", flush=True)
    with (
        tempfile.TemporaryDirectory(prefix="feira-proof-", ignore_cleanup_errors=True) as name,
        running_stack(Path(name)) as stack,
        Shop(stack.addresses.urls, end_within=SETTLED_WITHIN) as shop,
    ):
        return asyncio.run(_prove(stack, shop, count, seed))


async def _prove(stack: RunningStack, shop: Shop, count: int, seed: int) -> int:
    # a rebuild at the start, which metrics of consumers do not count, must not read what is sent here
    shop.until(lambda: shop.get("projections", "/v1/projections", "ops"), _all_are_live, SETTLED_WITHIN)
    product = shop.sold(1999, on_hand=100_000)
    over = [shop.buy(shop.cart((product, 1))) for _ in range(SEEDS)]
    known = [it[name] for it in over for name in ("checkout_id", "cart_id", "order_id")]
    began = time.monotonic()
    buying = asyncio.create_task(asyncio.to_thread(_buy, shop))
    await _send(stack.addresses.kafka, strange_records(count, known, seed), random.Random(seed))
    sent = time.monotonic() - began
    bought = await buying
    behind = await offsets.until_read(stack, SETTLED_WITHIN)
    seconds = time.monotonic() - began
    consumed = _consumed(stack)
    wrong = [*_dead(stack), *behind, *await offsets.unaccounted(stack, consumed)]
    if (dealt_with := sum(consumed.values())) < count:
        wrong.append(
            f"{count} records were sent, and only {dealt_with} were handled, skipped, dropped or parked"
        )
    put_aside = await offsets.parked(stack)
    if not put_aside:
        wrong.append("nothing was parked: the records were all readable")
    wrong += [f"a purchase ended as {it['status']}: {it.get('failure')}" for it in bought if not _well(it)]
    for line in put_aside:
        print(line)
    print(f"{len(bought)} people have bought meanwhile, {sum(_well(it) for it in bought)} well")
    print(
        f"{count} records sent in {sent:.0f} s, all read after {seconds:.0f} s; {len(wrong)} things are wrong"
    )
    print("\n".join(wrong))
    return int(bool(wrong))


def _all_are_live(found: Json) -> bool:
    return all(it["state"] == "live" for it in found["items"])


def _buy(shop: Shop) -> list[Json]:
    products = [shop.sold(500, on_hand=100) for _ in range(2)]
    return [shop.buy(shop.cart(*((it, 1) for it in products))) for _ in range(PURCHASES)]


def _well(checkout: Json) -> bool:
    return bool(checkout["status"] == "completed")


async def _send(bootstrap: str, records: Iterator[Sent], chance: random.Random) -> None:
    packed = KafkaProducer(bootstrap_servers=bootstrap, compression_type="gzip")
    plain = KafkaProducer(bootstrap_servers=bootstrap, max_request_size=1_048_576)
    async with plain, packed:
        while some := list(islice(records, AT_ONCE)):
            await _send_some(plain if chance.random() < 0.8 else packed, some)
            stranger = received_stock(some_id(chance), 1)
            unreadable = replace(stranger, topic=chance.choice(TOPICS))
            await send_with_header_name(bootstrap, chance.randrange(6), b"\xff\xfe", unreadable)


async def _send_some(producer: KafkaProducer, records: Iterable[Sent]) -> None:
    sent = [
        await producer.send(it.topic, it.value, key=it.key, headers=list(it.headers))
        for it in records
        if it.key is not None or it.value is not None  # the client refuses a record without key and value
    ]
    await asyncio.gather(*sent)


def _dead(stack: RunningStack) -> list[str]:
    urls = stack.addresses.urls
    dead = [
        name
        for name in SERVICE_NAMES
        if httpx.get(f"{urls[name]}/livez", trust_env=False, timeout=60).status_code != 200
    ]
    died = [it["name"] for it in stack.status()["processes"] if it["restarts"]]
    return [*(f"{it} does not live" for it in dead), *(f"{it} has died" for it in died)]


def _consumed(stack: RunningStack) -> Counter[str]:
    """Records that each group has handled, skipped, dropped or parked, by its metrics."""
    found: Counter[str] = Counter()
    for name in SERVICE_NAMES:
        figures = httpx.get(f"{stack.addresses.urls[name]}/metrics", trust_env=False, timeout=60).text
        for line in figures.splitlines():
            if line.startswith("feira_consumer_records_total{"):
                labels, _, value = line.rpartition(" ")
                found[labels.split('group="')[1].split('"')[0]] += int(float(value))
    return found


if __name__ == "__main__":
    sys.exit(main())
