"""Operators verify and rebuild read models at the command line while the stack is in use."""

from __future__ import annotations

import json
import re
import subprocess
from typing import Any

import asyncpg

from tests.end_to_end.shop_client import Shop
from tests.support.stack import PROGRAM, RunningStack

PLANT = "UPDATE checkout_conversion SET revenue = revenue + 7 WHERE tenant = 'demo'"


def feira(stack: RunningStack, *arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        (PROGRAM, "projections", *arguments),
        env=stack.environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


async def test_a_wrong_figure_is_found_and_a_rebuild_corrects_it(stack: RunningStack, shop: Shop) -> None:
    shop.buy(shop.cart((shop.product(1234), 1)))
    shop.until(
        lambda: shop.get("projections", "/v1/projections", "ops"),
        lambda found: all(it["lag"]["events"] == 0 for it in found["items"]),
    )
    connection = await asyncpg.connect(stack.addresses.databases["projections"])
    planted = int((await connection.execute(PLANT)).split()[1])
    await connection.close()
    assert planted > 0

    code, printed = feira(stack, "verify", "conversion", "--json")
    assert code == 1
    run: dict[str, Any] = json.loads(printed)["items"][0]["run"]
    assert (run["kind"], run["state"], run["differences"]) == ("verify", "completed", planted)
    for it in run["sample"]:
        assert it["live"]["revenue"] == it["rebuilt"]["revenue"] + 7

    code, printed = feira(stack, "rebuild", "conversion")
    assert code == 0, printed
    assert re.search(r"rebuilt; \d+ rows? differs? from before", printed), printed


def test_the_list_shows_the_lag_in_events_and_seconds(stack: RunningStack) -> None:
    code, printed = feira(stack, "list")
    assert code == 0, printed
    names = [it["name"] for it in json.loads(feira(stack, "list", "--json")[1])["items"]]
    assert all(name in printed for name in names)
    assert len(re.findall(r"[\d,]+ events, [\d.]+ s", printed)) == len(names) > 1


def test_a_refusal_is_printed_as_one_sentence(stack: RunningStack) -> None:
    code, printed = feira(stack, "rebuild", "nothing")
    assert (code, printed.count("\n")) == (1, 1)
    assert "There is no read model named nothing (PROJECTION_NOT_FOUND)" in printed
