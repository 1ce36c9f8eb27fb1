"""Whatever leaves something behind outside of its process passes a failpoint, or says why it need not."""

from __future__ import annotations

import ast

import pytest

from checkout_saga.application.replies import REPLIES
from contracts import stock
from kernel.faults.places import ALL, PLACES
from kernel.faults.rules import parsed as parsed_rules
from tests.architecture.outward import OTHER_WAYS, Outward, imported, outward, parsed, passed, texts_of
from tests.proofs.failpoints.cases import KINDS, REFUSED_ALIKE, WAYS, every

REASONS: dict[str, tuple[str, ...]] = {
    "It writes within a consumer's batch: see consumer.after_open, .before_commit and .after_commit.": (
        "cart.adapters.catalogue_copy:CatalogueCopy.handle",
        "cart.adapters.product_rows:ProductRows.write",
        "cart.adapters.promotion_rows:PromotionRows.write",
        "cart.adapters.repricing_rows:note_repricing",
        "cart.adapters.tax_rate_rows:TaxRateRows.write",
        "kernel.messaging.opening:open_batch",
        "kernel.messaging.opening:note_versions",
        "kernel.messaging.lagging:fall_behind",
        "kernel.messaging.lagging:catch_up",
        "kernel.messaging.lagging:forget_caught_up",
        "kernel.messaging.parking:park",
        "kernel.messaging.parking:close_gaps",
        "projections.adapters.projector:Projector._load_states",
        "projections.adapters.projector:Projector._store_states",
        "projections.adapters.projector:Projector._add_deltas",
        "projections.adapters.checkpoint:advance_checkpoint",
    ),
    "It is called between append.before_commit and append.after_commit, or by it all is begun there.": (
        "kernel.store.committer:Committer._store_together",
        "kernel.store.event_store:EventStore._once",
        "kernel.store.writing:_store",
        "kernel.store.writing:_append",
        "kernel.store.writing:_answer_taken",
        "kernel.http.writes:Write._first",
    ),
    "It writes within a transaction of the store: see transaction.before_commit and .after_commit.": (
        "cart.adapters.cart_holding:follow_log",
        "cart.adapters.cart_holding:_write",
        "cart.adapters.repricing:Repricing._followed",
        "cart.adapters.repricing:Repricing._look_at",
        "cart.adapters.repricing:Repricing._note",
        "cart.adapters.repricing:Repricing._skip",
        "kernel.http.writes:Write.run_within.first",
        "kernel.messaging.redrive:Redrive._spread",
        "kernel.messaging.redrive:Redrive._decide",
        "kernel.messaging.redrive:Redrive._fail",
        "kernel.messaging.redrive:Redrive._resolve",
        "kernel.messaging.redriving:Redriving.discard",
        "kernel.messaging.redriving:Redriving._held",
        "kernel.messaging.redriving:Redriving._done",
    ),
    "It works within a rebuild's transaction, or on temporary tables: see rebuild.*.": (
        "projections.adapters.rebuild.diff:compare",
        "projections.adapters.rebuild.diff:apply_differences",
        "projections.adapters.rebuild.shadow:Shadow.make",
        "projections.adapters.rebuild.shadow:Shadow.note",
        "projections.adapters.rebuild.shadow:Shadow.apply",
        "projections.adapters.rebuild.shadow:Shadow.analyze",
        "projections.adapters.rebuild.shadow:Shadow.missing_streams",
        "projections.adapters.rebuild.swap:lock_writers",
        "projections.adapters.rebuild.swap:swap",
        "projections.adapters.rebuild.coordinator:RunCoordinator._compared",
        "projections.adapters.rebuild.run:Run.begin",
    ),
    "The end of a run: rebuild.before_verdict, or rebuild.after_swap and .after_commit, stand around it.": (
        "projections.adapters.rebuild.runs:end",
    ),
    "How far a run is, and at which try; the next time tells the same, or counts one more.": (
        "projections.adapters.rebuild.runs:attempt",
        "projections.adapters.rebuild.run:Run.tell",
        "projections.adapters.rebuild.runs:abandon_older",
    ),
    "A lock that ends with its session; rebuild.after_lease and relay.after_take_over follow at once.": (
        "projections.adapters.rebuild.runs:lease",
        "kernel.messaging.relay:Relay._lead",
    ),
    "Its only caller passes relay.after_send before it and relay.after_cursor behind it.": (
        "kernel.messaging.relay_cursor:Cursor.advance",
    ),
    "It only reads, in a role or a transaction that could do nothing else.": (
        "kernel.service_pool:Reader.see_only",
        "kernel.service_pool:ServicePool.fetch_for",
        "projections.adapters.http.checkout_operations:router.checkout_operations",
    ),
    "Every answer leaves here, those to probes too; http.* stand where one follows a commit.": (
        "kernel.http.middleware:Observed.__call__.tell",
        "kernel.http.fair:Fair._have_turn.tell",
    ),
    "It asks a broker who it is before anything is sent to it.": (
        "kernel.messaging.faithful:keep_to.connected",
    ),
    "It runs before any service does, and by a tool that does one thing at a time.": (
        "kernel.migrate:apply",
        "offer.adapters.migrations.0101-skus-folded:fold",
    ),
    "Each batch is a transaction that changes nothing but how a key is wrapped; the next run goes on.": (
        "kernel.rewrapping:rewrap",
        "kernel.rewrapping:_rewrap",
        "kernel.rewrapping:_rewrap_naming_key",
    ),
    "The first to come keeps it, all read what is kept: once or twice is the same.": (
        "kernel.guest_naming:naming_key",
    ),
}
WITHOUT = {where: reason for reason, places in REASONS.items() for where in places}
SEVERAL = {
    "cart.adapters.cart_holding:_write": 2,
    "cart.adapters.repricing:Repricing._note": 2,
    "cart.adapters.promotion_rows:PromotionRows.write": 2,
    "kernel.messaging.relay_cursor:take_over": 3,
    "offer.adapters.migrations.0101-skus-folded:fold": 4,
    "kernel.rewrapping:_rewrap_naming_key": 2,
    "kernel.store.committer:Committer._store_together": 2,
    "kernel.store.settling:settle": 2,
    "kernel.store.writing:_append": 2,
    "kernel.store.writing:_answer_taken": 2,
    "kernel.retention:Retention._batch": 2,
    "kernel.timing.timers:Timers._fire": 2,
    "projections.adapters.projector:Projector._load_states": 2,
    "projections.adapters.http.checkout_operations:router.checkout_operations": 3,
    "projections.adapters.checkpoint:advance_checkpoint": 2,
    "projections.adapters.rebuild.diff:apply_differences": 4,
    "projections.adapters.rebuild.diff:compare": 5,
    "projections.adapters.rebuild.shadow:Shadow.make": 2,
    "projections.adapters.rebuild.shadow:Shadow.missing_streams": 2,
    "projections.adapters.rebuild.swap:lock_writers": 3,
    "projections.adapters.rebuild.swap:swap": 4,
    "projections.adapters.rebuild.coordinator:RunCoordinator._swapped": 2,
}
"""So many outward calls have been looked at there; a function that is not named here has one. One more must
be thought about, too: whether what stands there already stands around it, or whether it needs its own."""

FAULTS = "kernel.faults.failpoints"
"""It wakes up a process that has stopped itself."""
TREES = parsed()
OUTWARD = {it.where: it for module, tree in TREES.items() for it in outward(module, tree, texts_of(TREES))}


@pytest.mark.parametrize("it", OUTWARD.values(), ids=lambda it: it.where)
def test_an_outward_call_stands_at_a_failpoint_or_is_on_the_list_with_a_reason(it: Outward) -> None:
    assert it.passes or it.where in WITHOUT, f"{it.where} (line {it.line}) calls {it.calls}"


@pytest.mark.parametrize("it", OUTWARD.values(), ids=lambda it: it.where)
def test_no_outward_call_hides_behind_the_failpoint_of_another(it: Outward) -> None:
    assert len(it.calls) == SEVERAL.get(it.where, 1), f"{it.where} (line {it.line}) calls {it.calls}"


def test_nobody_goes_out_by_a_way_that_is_not_looked_for() -> None:
    assert [it for it, tree in TREES.items() if it != FAULTS and imported(tree) & OTHER_WAYS] == []


def test_the_list_names_nothing_that_has_a_failpoint_or_is_gone() -> None:
    assert [it for it in WITHOUT if it not in OUTWARD or OUTWARD[it].passes] == []
    assert [it for it in SEVERAL if it not in OUTWARD] == []


def test_the_places_in_the_code_are_those_of_the_list() -> None:
    assert {it for tree in TREES.values() for it in passed(ast.walk(tree))} == set(PLACES)


def test_the_run_with_all_of_them_leaves_nothing_out() -> None:
    cases = list(every())
    for it in cases:
        first, *_ = parsed_rules(f"{it.rule}\n{it.way.along}")
        assert (first.place, first.action, first.times) == (it.place, it.action, it.times)
    taken = {(it.place, it.action, it.times) for it in cases if not it.kind}
    assert taken == {(it.name, action, times) for it in ALL for action in it.actions for times in (1, 2)}
    assert {it.name for it in ALL if it.has_kinds} == set(KINDS)
    assert set(WAYS) <= set(PLACES)
    assert set(KINDS["answer.after_taken"]) | REFUSED_ALIKE == set(REPLIES)
    assert {REPLIES[it].react for it in REFUSED_ALIKE} == {REPLIES[stock.ReservationRefused.TYPE].react}


@pytest.mark.parametrize(
    "call",
    [
        'await pool.execute("INSERT INTO log VALUES (1)")',
        "await connection.fetchval(CHANGE)",
        'await connection.fetch(f"{LOOK}; DELETE FROM log")',
        "await connection.fetch(handed_over)",
        'await connection.execute("SELECT pg_notify($1, $2)", a, b)',
        'await pool.fetch_for(tenant, "SELECT store($1)")',
        "await connection.executemany(LOOK, rows)",
        'await connection.copy_records_to_table("log", records=rows)',
        "async with connection.transaction():\n        pass",
        "await producer.send_and_wait(topic, body)",
        "await self._producer.send_batch(batch, topic, partition=0)",
        "await consumer.commit(offsets)",
        'await self._client.post("/v1/captures", json=body)',
        'httpx.get("https://example.org")',
        "await send(message)",
        "await response(scope, receive, send)",
    ],
)
def test_a_new_outward_call_would_be_found(call: str) -> None:
    new = f'LOOK = "SELECT 1"\nCHANGE = "UPDATE log SET x = 1"\nasync def new():\n    {call}\n'  # noqa: S608  # never run
    (found,) = outward("new", ast.parse(new), {})
    assert (found.where, found.passes) == ("new:new", frozenset())

    hook = 'failpoints.active and await failpoints.reach("x.y")'
    (found,) = outward("new", ast.parse(f"{new}    {hook}\n"), {})
    assert found.passes == {"x.y"}

    (found,) = outward("new", ast.parse(f"{new}    {hook}\n    {call}\n"), {})
    assert len(found.calls) == 2

    inner = f"    async def inner():\n        {hook}\n"
    (found,) = outward("new", ast.parse(new + inner), {})
    assert found.passes == frozenset()


@pytest.mark.parametrize(
    "call",
    [
        "await connection.fetch(LOOK)",
        'await connection.fetch(f"{LOOK} FOR UPDATE SKIP LOCKED")',
        'await pool.fetch_for(tenant, LOOK.format("log"), 1)',
        'found = headers.get("x")',
    ],
)
def test_what_only_looks_needs_none(call: str) -> None:
    new = f'LOOK = "SELECT update_count FROM log"\nasync def new():\n    {call}\n'  # noqa: S608  # never run
    assert list(outward("new", ast.parse(new), {})) == []
