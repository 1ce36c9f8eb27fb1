"""Runs of models: asked for and nightly, taken over after a crash, with results that are replaced whole."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import replace
from datetime import UTC, date, timedelta
from typing import Any

import asyncpg
import httpx
import pytest

from devstack.databases import Database
from kernel.observability.health import Heartbeats
from kernel.postgres.service_pool import ServicePool
from kernel.store.clock import database_now
from projections.model_runs import queue, reading, results
from projections.model_runs.fits import fitting
from projections.model_runs.fits.outcome import CustomerSegment, CustomerValue, Outcome
from projections.model_runs.models import CUSTOMER_SEGMENTS, CUSTOMER_VALUE, FORECASTS, VERSIONS
from projections.model_runs.nightly import Nights, parse_times
from projections.model_runs.queue import Taken
from projections.model_runs.reading import read_sales
from projections.model_runs.retention import ended_model_runs
from projections.model_runs.runner import FitOverdue, ModelRunner
from projections.model_runs.sales import Sales
from tests.support.single_service import RunningService
from tests.unit.projections.model_runs.shops import Row, sample_rows

RUN, RUNS = "/v1/analytics/models/run", "/v1/analytics/models/runs"
Caller = Callable[[str], httpx.AsyncClient]
TABLES = ("model_run", "customer_value", "customer_segment", "segment_cut_points", "forecast_point", "sales")
ADD = """
    INSERT INTO sales
        (tenant, customer_id, currency, day, known, orders, units, gross, refunded, discount, tax, shipping)
    SELECT $1, customer, $2, day, day, orders, orders, gross, refunded, 0, 0, 0
    FROM unnest($3::text[], $4::date[], $5::bigint[], $6::bigint[], $7::bigint[])
        AS it (customer, day, orders, gross, refunded)
"""
SHOP = [(f"c{it}", date(2026, 1, 1 + it), 1, 100 * it, 0) for it in range(1, 8)]
FINISHED = "SELECT model, state, reason FROM model_run WHERE tenant = $1 ORDER BY model, asked_at"


@pytest.fixture
async def emptied(pool: ServicePool, database: Database) -> AsyncIterator[ServicePool]:
    """The service's pool, on tables of runs without rows."""
    owner = await asyncpg.connect(database.owner_url)
    try:
        await owner.execute(f"TRUNCATE {', '.join(TABLES)}")
        yield pool
    finally:
        await owner.close()


class NoNights(Nights):
    """Nothing is queued beside what the test asks for."""

    async def queue_due(self) -> None:
        pass


def runner(pool: ServicePool, limit: float = 60) -> ModelRunner:
    return ModelRunner(pool, NoNights(pool, parse_times("02:00")), limit, Heartbeats())


async def sell(pool: ServicePool, rows: Iterable[Row], tenant: str = "demo", currency: str = "USD") -> None:
    columns = [list(it) for it in zip(*rows, strict=True)]
    await pool.execute(ADD, tenant, currency, *columns)


async def ask(pool: ServicePool, tenant: str = "demo", night: date | None = None) -> None:
    async with pool.acquire() as connection, connection.transaction():
        await queue.ask(connection, [tenant], "analyst:test", night)


async def take(pool: ServicePool) -> Taken:
    taken = await queue.take(pool)
    assert taken is not None
    return taken


async def take_only(pool: ServicePool, model: str, tenant: str = "demo") -> Taken:
    """Ask for runs, and take the one of this model."""
    await ask(pool, tenant)
    await pool.execute("DELETE FROM model_run WHERE state = 'queued' AND model <> $1", model)
    return await take(pool)


async def carry_out_all(pool: ServicePool) -> None:
    while await runner(pool).step():
        pass


async def rows_of(pool: ServicePool, table: str) -> list[dict[str, Any]]:
    return [dict(it) for it in await pool.fetch(f"SELECT * FROM {table} ORDER BY 2, 3, 4")]  # noqa: S608


def outcome_of(customer: str, probability: float) -> Outcome:
    value = CustomerValue(customer, 1.0, probability, 0.5, 1234)
    return Outcome(date(2026, 1, 1), date(2026, 1, 31), {}, [value], -1.5, {"auc": 0.8})


async def test_asking_queues_each_model_in_each_currency_once_until_it_has_ended(
    emptied: ServicePool, caller: Caller
) -> None:
    await sell(emptied, SHOP)
    await sell(emptied, SHOP, currency="EUR")
    await sell(emptied, SHOP, tenant="rival", currency="JPY")
    analyst, ops = caller("demo-analyst"), caller("demo-ops")

    first = await analyst.post(RUN, headers={"Idempotency-Key": "models-1"})
    repeated = await analyst.post(RUN, headers={"Idempotency-Key": "models-1"})
    again = await ops.post(RUN)

    assert first.status_code == again.status_code == 202
    runs = first.json()["runs"]
    assert {(it["model"], it["currency"]) for it in runs} == {
        (m, c) for m in VERSIONS for c in ("EUR", "USD")
    }
    assert {(it["state"], it["asked_by"]) for it in runs} == {("queued", "analyst:demo-analyst")}
    assert repeated.json() == first.json()
    assert {it["run_id"] for it in again.json()["runs"]} == {it["run_id"] for it in runs}
    listed = (await ops.get(RUNS, params={"limit": "4"})).json()
    rest = (await ops.get(RUNS, params={"limit": "4", "cursor": listed["next_cursor"]})).json()
    assert [it["run_id"] for it in listed["items"] + rest["items"]] == sorted(
        (it["run_id"] for it in runs), reverse=True
    )
    assert (await caller("rival-analyst").get(RUNS)).json()["items"] == []


async def test_only_analysts_admins_and_operators_run_models(emptied: ServicePool, caller: Caller) -> None:
    for role in ("storefront", "service"):
        assert (await caller(f"demo-{role}").post(RUN)).status_code == 403
        assert (await caller(f"demo-{role}").get(RUNS)).status_code == 403
    for role in ("analyst", "admin", "ops"):
        assert (await caller(f"demo-{role}").post(RUN)).json() == {"runs": []}


async def test_a_shop_is_modelled_from_its_sales_to_its_results(emptied: ServicePool, caller: Caller) -> None:
    await sell(emptied, sample_rows())
    await ask(emptied)

    await carry_out_all(emptied)

    states = {it["model"]: it["state"] for it in await emptied.fetch(FINISHED, "demo")}
    assert states == dict.fromkeys(VERSIONS, "done")
    values = await rows_of(emptied, "customer_value")
    assert len(values) == len(await rows_of(emptied, "customer_segment")) == 2_357
    runs = {it["model"]: it for it in (await caller("demo-analyst").get(RUNS)).json()["items"]}
    assert {str(it["run_id"]) for it in values} == {runs[CUSTOMER_VALUE]["run_id"]}
    assert (runs[CUSTOMER_VALUE]["trained_to"], runs[CUSTOMER_VALUE]["rows"]) == ("1998-06-30", 2_357)
    assert runs[CUSTOMER_VALUE]["errors"]["auc"] > 0.75
    assert runs[FORECASTS]["parameters"]["revenue"]["method"]
    assert {it["name"] for it in await rows_of(emptied, "forecast_point")} >= {"revenue", "new_customers"}
    (cut_points,) = await rows_of(emptied, "segment_cut_points")
    assert cut_points["cut_points"] == runs[CUSTOMER_SEGMENTS]["parameters"]


async def test_a_run_repeated_gives_the_same_numbers(emptied: ServicePool) -> None:
    await sell(emptied, sample_rows())
    found = []
    for _ in range(2):
        await ask(emptied)
        await carry_out_all(emptied)
        values = [{**it, "run_id": None} for it in await rows_of(emptied, "customer_value")]
        found.append((values, await rows_of(emptied, "customer_segment")))

    assert found[0] == found[1]


async def test_a_young_shop_has_too_little_and_the_run_says_what(emptied: ServicePool) -> None:
    await sell(emptied, SHOP)
    await ask(emptied)

    await carry_out_all(emptied)

    ended = {it["model"]: (it["state"], it["reason"]) for it in await emptied.fetch(FINISHED, "demo")}
    assert ended[CUSTOMER_SEGMENTS] == ("done", None)
    assert ended[CUSTOMER_VALUE][0] == ended[FORECASTS][0] == "too_few"
    assert "needs 200 and 100" in str(ended[CUSTOMER_VALUE][1])


async def test_results_are_replaced_whole_and_those_of_others_stay(emptied: ServicePool) -> None:
    for tenant, customer in (("demo", "old"), ("rival", "theirs"), ("demo", "new")):
        await sell(emptied, SHOP, tenant, "USD" if customer != "new" else "EUR")
        run = await take_only(emptied, CUSTOMER_VALUE, tenant)
        assert await results.store(emptied, replace(run, currency="USD"), outcome_of(customer, 0.5))

    found = [(it["tenant"], it["customer_id"]) for it in await rows_of(emptied, "customer_value")]
    assert found == [("demo", "new"), ("rival", "theirs")]


async def test_what_a_worker_writes_that_has_lost_its_run_is_refused(emptied: ServicePool) -> None:
    await sell(emptied, SHOP)
    first = await take_only(emptied, CUSTOMER_VALUE)
    assert await queue.take(emptied) is None
    await emptied.execute("UPDATE model_run SET leased_until = now() - interval '1 second'")
    second = await take(emptied)
    assert (second.run_id, second.attempts) == (first.run_id, 2)

    assert not await results.store(emptied, first, outcome_of("late", 0.1))
    assert await rows_of(emptied, "customer_value") == []
    assert await results.store(emptied, second, outcome_of("right", 0.2))
    assert not await results.store(emptied, first, outcome_of("later", 0.1))
    assert [it["customer_id"] for it in await rows_of(emptied, "customer_value")] == ["right"]


async def test_a_run_that_breaks_off_in_the_middle_leaves_the_results_before_it(emptied: ServicePool) -> None:
    await sell(emptied, SHOP)
    assert await results.store(emptied, await take_only(emptied, CUSTOMER_VALUE), outcome_of("before", 0.3))
    run = await take_only(emptied, CUSTOMER_VALUE)
    broken = outcome_of("half", 0.3)
    broken.results.append(CustomerValue(None, 1.0, 0.1, 0.1, None))  # type: ignore[arg-type]

    with pytest.raises(asyncpg.NotNullViolationError):
        await results.store(emptied, run, broken)

    assert [it["customer_id"] for it in await rows_of(emptied, "customer_value")] == ["before"]
    assert (await emptied.fetchval("SELECT state FROM model_run WHERE run_id = $1", run.run_id)) == "running"


async def test_a_run_over_which_workers_die_fails_at_last(emptied: ServicePool) -> None:
    await sell(emptied, SHOP)
    await ask(emptied)
    await emptied.execute("DELETE FROM model_run WHERE model <> $1", CUSTOMER_VALUE)
    for _ in range(3):
        await take(emptied)
        await emptied.execute("UPDATE model_run SET leased_until = now() - interval '1 second'")

    await carry_out_all(emptied)

    ((_, state, reason),) = await emptied.fetch(FINISHED, "demo")
    assert (state, reason) == ("failed", "the worker has died 3 times over it")


async def test_a_worker_that_is_stopped_gives_its_run_back_at_once(
    emptied: ServicePool, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sell(emptied, SHOP)
    await ask(emptied)
    begun = asyncio.Event()
    loop = asyncio.get_running_loop()

    def endless(*_: object) -> Outcome:
        loop.call_soon_threadsafe(begun.set)
        release.wait(20)
        return outcome_of("never", 0.1)

    release = threading.Event()
    monkeypatch.setattr(fitting, "fit", endless)
    working = asyncio.create_task(runner(emptied).step())
    await begun.wait()
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    release.set()

    states = await emptied.fetch("SELECT state, attempts, leased_until FROM model_run")
    assert {tuple(it) for it in states} == {("queued", 0, None)}


async def test_a_fit_without_end_fails_its_run_and_ends_the_loop(
    emptied: ServicePool, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sell(emptied, SHOP)
    await ask(emptied)
    release = threading.Event()
    monkeypatch.setattr(fitting, "fit", lambda *_: release.wait(20))

    with pytest.raises(FitOverdue):
        await asyncio.wait_for(runner(emptied, limit=0.2).run(), 10)
    release.set()

    ended = await emptied.fetch("SELECT state, reason FROM model_run WHERE state <> 'queued'")
    assert [tuple(it) for it in ended] == [("failed", "it took longer than 0.2 s")]


@pytest.mark.parametrize(
    ("error", "reason"),
    [(MemoryError(), "it needs more memory than the worker may have"), (KeyError("x"), "defect: KeyError")],
    ids=["memory", "a defect"],
)
async def test_a_fit_that_raises_fails_its_run_alone(
    emptied: ServicePool, monkeypatch: pytest.MonkeyPatch, error: Exception, reason: str
) -> None:
    await sell(emptied, SHOP)
    await ask(emptied)

    def fit(model: str, given: Sales, today: date) -> Outcome:
        if model == FORECASTS:
            raise error
        return original(model, given, today)

    original = fitting.fit
    monkeypatch.setattr(fitting, "fit", fit)
    await carry_out_all(emptied)

    ended = {it["model"]: (it["state"], it["reason"]) for it in await emptied.fetch(FINISHED, "demo")}
    assert ended[FORECASTS] == ("failed", reason)
    assert ended[CUSTOMER_SEGMENTS] == ("done", None)


async def test_segments_have_a_row_where_they_changed_and_a_later_run_of_the_day_replaces_it(
    emptied: ServicePool,
) -> None:
    await sell(emptied, SHOP)

    async def segmented(day: date, **scores: int) -> None:
        run = await take_only(emptied, CUSTOMER_SEGMENTS)
        found = [CustomerSegment(name, it, 1, 1, f"s{it}") for name, it in scores.items()]
        assert await results.store(emptied, run, Outcome(day, day, {"r": [1]}, found))

    async def history() -> list[tuple[str, int, str]]:
        query = (
            "SELECT customer_id, extract(day FROM from_day)::int, segment FROM customer_segment ORDER BY 1, 2"
        )
        return [tuple(it) for it in await emptied.fetch(query)]

    await segmented(date(2026, 3, 1), a=1, b=2)
    await segmented(date(2026, 3, 2), a=1, b=3)
    assert await history() == [("a", 1, "s1"), ("b", 1, "s2"), ("b", 2, "s3")]
    await segmented(date(2026, 3, 2), a=4, b=2)
    assert await history() == [("a", 1, "s1"), ("a", 2, "s4"), ("b", 1, "s2")]
    days = await emptied.fetch("SELECT day FROM segment_cut_points ORDER BY day")
    assert [it["day"] for it in days] == [date(2026, 3, 1), date(2026, 3, 2)]


async def test_a_night_is_queued_once_whatever_crashes(emptied: ServicePool) -> None:
    await sell(emptied, SHOP)
    await sell(emptied, SHOP, tenant="rival")

    # each worker begins anew, as after a crash, and two at once
    await asyncio.gather(*(Nights(emptied, parse_times("00:00")).queue_due() for _ in range(2)))
    await emptied.execute("UPDATE model_run SET state = 'done', finished_at = feira_now()")
    await Nights(emptied, parse_times("00:00")).queue_due()

    found = await emptied.fetch("SELECT tenant, model, night, asked_by, state FROM model_run")
    today = (await database_now(emptied)).astimezone(UTC).date()
    assert sorted(it["tenant"] for it in found) == ["demo"] * 3 + ["rival"] * 3
    assert {(it["night"], it["asked_by"], it["state"]) for it in found} == {(today, "nightly", "done")}


async def test_the_moved_clock_brings_the_next_night(emptied: ServicePool, service: RunningService) -> None:
    await sell(emptied, SHOP)
    nights = Nights(emptied, parse_times("00:00"))
    await nights.queue_due()
    await emptied.execute("UPDATE model_run SET state = 'done', finished_at = feira_now()")
    before = (await database_now(emptied)).astimezone(UTC).date()

    shift = await emptied.fetchval("SELECT (1000000 * extract(epoch FROM shift))::bigint FROM clock")
    await emptied.execute("SELECT move_clock($1)", shift + 86_400_000_000)
    await nights.queue_due()

    await emptied.execute("SELECT zero_clock()")

    found = await emptied.fetch("SELECT DISTINCT night FROM model_run ORDER BY night")
    assert [it["night"] for it in found] == [before, before + timedelta(days=1)]


async def test_sales_of_today_and_of_other_currencies_are_in_no_run(emptied: ServicePool) -> None:
    today = date(2026, 2, 1)
    await sell(emptied, [*SHOP, ("c1", today, 1, 999, 0)])
    await sell(emptied, SHOP, currency="EUR")

    found = await read_sales(emptied, "demo", "USD", today)

    assert (found.customers, len(found.day)) == ([f"c{it}" for it in range(1, 8)], 7)
    assert found.gross.tolist() == [100 * it for it in range(1, 8)]


async def test_what_is_known_later_of_a_day_is_added_to_it(emptied: ServicePool) -> None:
    await sell(emptied, SHOP)
    await emptied.execute(
        "INSERT INTO sales"
        " SELECT tenant, customer_id, currency, day, day + 9, -orders, -units, -gross, 0, 0, 0, 0"
        " FROM sales WHERE customer_id = 'c3'"
    )

    found = await read_sales(emptied, "demo", "USD", date(2026, 2, 1))

    assert found.orders.tolist() == [1, 1, 0, 1, 1, 1, 1]
    assert found.order_days.customer.tolist() == [0, 1, 3, 4, 5, 6]


async def test_retention_keeps_the_run_that_the_results_belong_to(emptied: ServicePool) -> None:
    await sell(emptied, SHOP)
    for _ in range(2):
        await ask(emptied)
        await carry_out_all(emptied)
    await ask(emptied)

    rule = ended_model_runs(timedelta())
    await emptied.execute(rule.delete, rule.keep, 1_000)

    kept = await emptied.fetch("SELECT model, state FROM model_run")
    assert Counter(it["model"] for it in kept) == dict.fromkeys(VERSIONS, 2)
    assert Counter(it["state"] for it in kept) == {"queued": 3, "done": 1, "too_few": 2}


async def test_a_database_that_answers_too_late_fails_no_run(
    emptied: ServicePool, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sell(emptied, SHOP)
    await ask(emptied)

    async def late(*_: object) -> Sales:
        raise TimeoutError

    monkeypatch.setattr(reading, "read_sales", late)
    with pytest.raises(TimeoutError):
        await runner(emptied).step()

    assert {it["state"] for it in await emptied.fetch(FINISHED, "demo")} == {"queued", "running"}
