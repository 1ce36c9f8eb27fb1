"""Every function with an outward call (commit, publish, request) has a failpoint or states an exemption."""

from __future__ import annotations

import ast
from functools import cache

import pytest

from checkout_saga.checkout.workflow import CHECKOUTS
from contracts import stock
from kernel.faults.registry import all_failpoints
from kernel.faults.rules import parse_rules
from tests.architecture.exemptions import REASONS, complaints, reasons_in
from tests.architecture.outward import (
    OTHER_WAYS,
    SOURCES,
    imported,
    module_of,
    outward,
    parsed,
    passed,
    texts_of,
)
from tests.proofs.failpoints.cases import KINDS, REFUSED_ALIKE, WAYS, every

FAULTS = "kernel.faults.failpoints"
"""Continues a process that has stopped itself."""


@cache
def texts() -> dict[str, list[str]]:
    return texts_of(parsed())


def test_an_outward_call_stands_at_a_failpoint_or_has_an_exemption_with_a_reason() -> None:
    found = {path: list(complaints(module_of(path), path.read_text(), texts())) for path in SOURCES}
    assert {path: wrong for path, wrong in found.items() if wrong} == {}


def test_every_reason_is_in_use_and_names_failpoints_that_exist() -> None:
    assert {reason for path in SOURCES for reason in reasons_in(path.read_text())} == set(REASONS)
    assert {name for reason in REASONS.values() for name in reason.covered_by} <= set(all_failpoints())


def test_no_module_for_other_outward_calls_is_imported() -> None:
    assert [it for it, tree in parsed().items() if it != FAULTS and imported(tree) & OTHER_WAYS] == []


def test_the_failpoints_in_the_code_are_those_of_the_list() -> None:
    assert {it for tree in parsed().values() for it in passed(ast.walk(tree))} == set(all_failpoints())


def test_the_proof_covers_every_failpoint() -> None:
    cases = list(every())
    for it in cases:
        first, *_ = parse_rules(f"{it.rule}\n{it.way.along}")
        assert (first.failpoint, first.action, first.times) == (it.place, it.action, it.times)
    taken = {(it.place, it.action, it.times) for it in cases if not it.kind}
    assert taken == {
        (it.name, action, times)
        for it in all_failpoints().values()
        for action in it.actions
        for times in (1, 2)
    }
    assert {it.name for it in all_failpoints().values() if it.has_kinds} == set(KINDS)
    assert set(WAYS) <= set(all_failpoints())
    assert set(KINDS["answer.after_taken"]) | REFUSED_ALIKE == set(CHECKOUTS.workflow.outcomes)
    kinds = {it: outcome.kind for it, outcome in CHECKOUTS.workflow.outcomes.items()}
    assert {kinds[it] for it in REFUSED_ALIKE} == {kinds[stock.ReservationRefused.TYPE]}


WRITES = 'await pool.execute("INSERT INTO log VALUES (1)")'
READS = "await pool.fetch('SELECT 1')"
HOOK = 'failpoints.active and await failpoints.hit("x.y")'


@pytest.mark.parametrize(
    ("comment", "body"),
    [
        ("", [HOOK, WRITES]),
        ("", [READS]),
        ("# failpoint: none needed (migration)", [WRITES]),
        ("# failpoint: none needed (migration), 2 calls", [WRITES, WRITES]),
        ("# failpoint: 2 calls", [HOOK, WRITES, WRITES]),
        ("# failpoint: none needed (migration)\n    @decorated", [WRITES]),
        ("# failpoint: none needed (migration)\n    # Another comment.", [WRITES]),
    ],
)
def test_a_failpoint_or_a_fitting_exemption_is_accepted(comment: str, body: list[str]) -> None:
    assert _complaints(comment, body) == []


@pytest.mark.parametrize(
    ("comment", "body", "said"),
    [
        ("", [WRITES], "passes no failpoint"),
        ("", [HOOK, WRITES, WRITES], "2 outward calls (pool.execute, pool.execute), and 1 are stated"),
        ("# failpoint: 2 calls", [WRITES, WRITES], "passes no failpoint"),
        ("# failpoint: 3 calls", [HOOK, WRITES, WRITES], "and 3 are stated"),
        ("# failpoint: none needed (migration)", [WRITES, WRITES], "and 1 are stated"),
        ("# failpoint: none needed (migration)", [HOOK, WRITES], "Delete 'none needed (migration)'"),
        ("# failpoint: none needed (migration)", [READS], "makes no outward call"),
        ("# failpoint: none needed (tuesday)", [WRITES], "REASON is one of consumer-batch, "),
        ("# failpoint: none", [WRITES], "REASON is one of consumer-batch, "),
        ("# failpoint: none needed (migration)\n    # failpoint: 2 calls", [WRITES], "cannot be read"),
        ("# failpoint: none needed (migration)\n    held = 1", [HOOK, WRITES], "stands above no function"),
    ],
)
def test_a_missing_unknown_or_unneeded_exemption_is_refused_with_what_to_write(
    comment: str, body: list[str], said: str
) -> None:
    assert any(said in it for it in _complaints(comment, body))


def _complaints(comment: str, body: list[str]) -> list[str]:
    lines = "\n".join(f"        {line}" for line in body)
    text = f"class Store:\n    {comment}\n    async def write(self):\n{lines}\n"
    return list(complaints("new", text, {}))


@pytest.mark.parametrize(
    "call",
    [
        'await pool.execute("INSERT INTO log VALUES (1)")',
        "await connection.fetchval(CHANGE)",
        'await connection.fetch(f"{LOOK}; DELETE FROM log")',
        "await connection.fetch(handed_over)",
        'await connection.execute("SELECT pg_notify($1, $2)", a, b)',
        'await pool.fetch_for_tenant(tenant, "SELECT store($1)")',
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

    hook = 'failpoints.active and await failpoints.hit("x.y")'
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
        'await pool.fetch_for_tenant(tenant, LOOK.format("log"), 1)',
        'found = headers.get("x")',
    ],
)
def test_a_read_needs_no_failpoint(call: str) -> None:
    new = f'LOOK = "SELECT update_count FROM log"\nasync def new():\n    {call}\n'  # noqa: S608  # never run
    assert list(outward("new", ast.parse(new), {})) == []
