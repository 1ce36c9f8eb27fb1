"""Figures as a catcher: stories of shoppers, whose figures are compared with a plain count of their facts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from random import Random
from types import MappingProxyType
from typing import Any, TypeAlias

from contracts import cart, checkout, offer
from contracts.envelope import Fact
from projections.models.carts.model import CARTS
from projections.models.offer_activity.model import OFFER_ACTIVITY
from projections.models.offer_activity.state import MEASURES, SESSIONS
from tests.proofs.mutants.findings import Findings, Violation
from tests.support.purchases import Happening
from tests.support.shoppers import CartStory, Story, named
from tests.unit.projections.expected_rows import of_one_tenant

SEEDS, SHOPPERS, VIEWS = 100, 5, 12
BOUGHT = 0.6
"""Share of the carts."""
EVENING = datetime(2026, 1, 1, 22, tzinfo=UTC)
Days: TypeAlias = "Counter[date]"


def figures(rules: Sequence[str]) -> Findings:
    """Without ``rules`` it plays all the seeds, and any rule counts."""
    found: dict[str, Violation] = {}
    for seed in range(1, SEEDS + 1):
        facts = [fact for story in _stories(Random(seed)) for fact in story.happened]
        for rule, (count, expect) in RULES.items():
            counted, expected = count(facts), expect(facts)
            if counted != expected:
                what = f"seed {seed}: {dict(counted)} instead of {dict(expected)}"
                found.setdefault(rule, Violation(rule, what))
        if any(rule in found for rule in rules):
            return Findings(f"{seed} seeds", [found[rule] for rule in rules if rule in found])
    return Findings(f"{SEEDS} seeds", list(found.values()))


def _stories(chance: Random) -> Iterable[Story]:
    """Some are recorded late, as those of an import are."""
    for number in range(SHOPPERS):
        story = CartStory(f"cart {number}", EVENING, late=timedelta(hours=chance.choice((0, 30))))
        story.add()
        for attempt in range(chance.randint(0, 4)):
            story.later(hours=chance.randint(1, 20))
            if attempt:
                story.remind(attempt)
            else:
                story.abandon()
                story.recover()
                story.later(hours=chance.randint(1, 20))
                story.abandon()
        story.later(hours=chance.randint(1, 20))
        if chance.random() < BOUGHT:
            story.buy()
        yield story
    views = Story(EVENING)
    for number in range(VIEWS):
        session = f"session {chance.randint(1, VIEWS // 2)}"
        views.tell(offer.Viewed, named(f"view {number}"), offer_id=named("offer"), session_id=session)
        views.later(minutes=chance.randint(1, 60))
    yield views


def _of_carts(
    table: str, measure: int, attempts: Sequence[int] = ()
) -> Callable[[Sequence[Happening]], Days]:
    """A measure by the first key of the rows, their day; of these attempts alone, if any are given."""

    def count(facts: Sequence[Happening]) -> Days:
        rows: Mapping[Any, Any] = of_one_tenant(CARTS, facts, table)
        days: Days = Counter()
        for key, measures in rows.items():
            if not attempts or key[2] in attempts:
                days[key[0]] += measures[measure]
        return +days

    return count


def _sessions(facts: Sequence[Happening]) -> Days:
    rows: Mapping[Any, Any] = of_one_tenant(OFFER_ACTIVITY, facts)
    days: Days = Counter()
    for (_, _, day), measures in rows.items():
        days[day] += measures[MEASURES.index(SESSIONS)]
    return +days


def _first_days(facts: Sequence[Happening], kind: type[Fact]) -> dict[Any, date]:
    """Of each cart that has such a fact."""
    days: dict[Any, date] = {}
    for it in facts:
        if isinstance(it.fact, kind):
            days.setdefault(it.fact.originator_id, it.occurred_at.date())
    return days


def _created(facts: Sequence[Happening]) -> Days:
    return Counter(_first_days(facts, cart.Created).values())


def _left(facts: Sequence[Happening]) -> Days:
    return Counter(_first_days(facts, cart.Abandoned).values())


def _come_back(facts: Sequence[Happening]) -> Days:
    bought = {it.fact.cart_id for it in facts if isinstance(it.fact, checkout.Completed)}
    return Counter(day for cart_id, day in _first_days(facts, cart.Abandoned).items() if cart_id in bought)


def _people(facts: Sequence[Happening]) -> Days:
    first: dict[object, date] = {}
    for it in facts:
        if isinstance(it.fact, offer.Viewed):
            first.setdefault(it.fact.session_id, it.occurred_at.date())
    return Counter(first.values())


RULES: Mapping[str, tuple[Callable[[Sequence[Happening]], Days], Callable[[Sequence[Happening]], Days]]] = (
    MappingProxyType(
        {
            "funnel": (_of_carts("funnel", 0), _created),
            "abandoned": (_of_carts("abandonment", 0, (0,)), _left),
            "recovered": (_of_carts("abandonment", 1), _come_back),
            "sessions": (_sessions, _people),
        }
    )
)
"""What is counted by day, and what it has to be."""
