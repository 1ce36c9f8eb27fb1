"""Products of subscription plans follow their plans."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from verify.check import run_check
from verify.checks.plans import C6
from verify.dataset.dataset import Dataset

PLAN, OTHER, PRODUCT = "plan", "other plan", "product"
Fact = tuple[str, str, dict[str, Any]]
"""Stream, type and body."""


@pytest.fixture
def dataset() -> Iterator[Dataset]:
    found = Dataset(Path(":memory:"))
    try:
        found.begin()
        yield found
    finally:
        found.close()


def prices(amount: int) -> list[dict[str, Any]]:
    return [{"amount": amount, "currency": "EUR"}]


def plan(amount: int, what: str = "created", plan_id: str = PLAN) -> Fact:
    return plan_id, f"plan.{what}", {"terms": {"prices": prices(amount)}}


def product(amount: int, plan_id: str | None = PLAN, what: str = "created") -> Fact:
    of_plan = {"plan_id": plan_id} if plan_id else {}
    return PRODUCT, f"product.{what}", {"details": {"prices": prices(amount), **of_plan}}


JOINED: Fact = (PLAN, "plan.product_joined", {"product_id": PRODUCT})
LEFT: Fact = (PLAN, "plan.product_left", {"product_id": PRODUCT})


def violations(into: Dataset, *facts: Fact) -> int:
    versions: dict[str, int] = {}
    for position, (stream, type_, body) in enumerate(facts, start=1):
        versions[stream] = versions.get(stream, 0) + 1
        place = "offer", position, stream, versions[stream], str(position)
        message = (*place, "fact", "demo", "topic", stream)
        into.add("log", [(*message, type_, "0", 0.0, b"", None, None, json.dumps(body))])
    return run_check(C6, into).violations


def test_a_product_that_follows_its_plan_is_no_violation(dataset: Dataset) -> None:
    changed = plan(3, "changed"), product(3, what="changed")
    assert violations(dataset, plan(2), product(2), JOINED, *changed) == 0


def test_a_product_that_left_its_plan_is_no_violation(dataset: Dataset) -> None:
    left = product(2, None, "changed"), LEFT, plan(3, "changed")
    assert violations(dataset, plan(2), product(2), JOINED, *left) == 0


@pytest.mark.parametrize(
    "facts",
    [
        [plan(2), product(2), JOINED, plan(3, "changed")],
        [plan(2), product(2)],
        [plan(2), JOINED],
        [plan(2), product(2, None), JOINED],
        [plan(2), plan(2, plan_id=OTHER), product(2, OTHER), JOINED],
    ],
)
def test_a_product_that_does_not_follow_its_plan_is_found(dataset: Dataset, facts: list[Fact]) -> None:
    assert violations(dataset, *facts) == 1
