"""A service whose password is wrong waits, and says why; it goes on by itself when the password is right."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import httpx

from tests.support.secured_kafka import SecuredKafka
from tests.support.single_service import created_database, running_service
from tests.support.waiting import until


async def test_a_service_with_a_wrong_password_waits_and_goes_on_when_it_is_right(
    secured: SecuredKafka, postgres: str, tmp_path: Path
) -> None:
    database = await created_database("feira_offer", postgres)
    right = "the next password"
    settings = {**secured.settings("offer"), "FEIRA_KAFKA_PASSWORD": right}
    log = tmp_path / "offer.log"
    try:
        async with (
            running_service("offer", database, settings, log, once="/livez") as service,
            httpx.AsyncClient(base_url=service.url) as client,
        ):

            async def is_ready() -> bool:
                return (await client.get("/readyz")).status_code == 200

            await until(lambda: "consumer_interrupted" in log.read_text())
            assert not await is_ready()
            assert (await client.get("/livez")).status_code == 200

            await secured.set_password("offer", right)
            await until(is_ready, limit=60)
    finally:
        await secured.set_password("offer", secured.connection("offer").password)

    said = log.read_text()
    assert "Authentication failed" in said
    assert right not in said
    interrupted = Counter(
        (line["event"], line.get("group"))
        for line in map(json.loads, said.splitlines())
        if line["event"] in ("consumer_interrupted", "relay_interrupted")
    )
    # offer has two consumer groups and a relay; each pauses for longer after each attempt
    assert set(interrupted) == {
        ("consumer_interrupted", "offer"),
        ("consumer_interrupted", "offer.shoppers"),
        ("relay_interrupted", None),
    }
    assert max(interrupted.values()) < 15
