"""Result of the demo as tables and as JSON."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from rich.table import Table
from rich.text import Text

from demo import analysis_tables
from demo.academy import tables
from demo.academy.figures import Figures
from demo.analysis import Cohort, Forecast
from demo.figures import Day, Product, dollars
from demo.proof import Check
from demo.reconciliation import Reconciliation
from demo.scenarios import SCENARIOS, Attempt, Scenario


@dataclass(frozen=True)
class Outcome:
    """The complete result of the demo."""

    orders: int
    free_orders: int
    products: int
    seconds: float
    stock_is_right: bool
    attempts: Sequence[Attempt]
    settlement: Reconciliation
    days: Mapping[date, Day]
    best: Sequence[Product]
    checks: Sequence[Check]
    lost: Sequence[str]
    academy: Figures
    cohorts: Sequence[Cohort]
    forecast: Forecast
    days_of_data: tuple[date, date]
    """The first and the last day of the purchases."""

    @property
    def rate(self) -> float:
        return self.orders / max(self.seconds, 1e-6)

    def problems(self) -> list[str]:
        """The failed checks, as text."""
        found = [f"a purchase failed: {it}" for it in self.lost[:3]]
        found += [
            f"{it.what}: {_shown(it, it.found)} instead of {_shown(it, it.wanted)}"
            for it in self.checks
            if not it.holds
        ]
        wrong = Counter(
            f"{it.scenario.token} ended as {_end(it)}" for it in self.attempts if not it.as_expected
        )
        found += list(wrong)
        if not self.settlement.is_even:
            found.append(f"stock or money of failed purchases is not reconciled: {self.settlement}")
        if not self.stock_is_right:
            found.append("the stock of the best-selling products differs from the data set")
        return found + self.academy.problems()


def scenarios_table(attempts: Iterable[Attempt]) -> Table:
    """Scenarios with their ends and compensations."""
    table = Table(title="Failure scenarios", title_justify="left", box=None, pad_edge=False)
    for heading in ("token", "meaning", "ended as", "compensated"):
        table.add_column(heading, no_wrap=heading == "token")
    known = list(attempts)
    for scenario in SCENARIOS:
        its = [it for it in known if it.scenario == scenario]
        ends = ", ".join(f"{times} {end}" for end, times in Counter(_end(it) for it in its).items())
        steps = Counter(step for it in its for step in it.taken_back)
        table.add_row(scenario.token, scenario.meaning, ends, ", ".join(steps) or "-")
    return table


def _end(attempt: Attempt) -> str:
    return f"{attempt.status} {attempt.code}" if attempt.code else attempt.status


def reconciliation_table(found: Reconciliation) -> Table:
    table = Table(title="Reconciliation", title_justify="left", box=None, pad_edge=False)
    for heading, justify in (("", "left"), ("expected", "right"), ("found", "right"), ("", "left")):
        table.add_column(heading, justify="right" if justify == "right" else "left")
    table.add_row("units on hand, without those sold", *map(str, found.on_hand), _tick(*found.on_hand))
    table.add_row("units still reserved", "0", str(found.reserved), _tick(0, found.reserved))
    table.add_row("uses of the discount code", *map(str, found.discount_uses), _tick(*found.discount_uses))
    table.add_row("captured, by orders and by the gateway", *map(dollars, found.money), _tick(*found.money))
    table.add_row(
        "authorized and still held", "$0.00", dollars(found.balance.held), _tick(0, found.balance.held)
    )
    table.add_row("authorized and voided", "", dollars(found.balance.voided), "")
    return table


def proof_table(checks: Iterable[Check], title: str = "The proof", wanted: str = "data set") -> Table:
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    table.add_column("")
    table.add_column(wanted, justify="right")
    table.add_column("Feira", justify="right")
    table.add_column("")
    for check in checks:
        table.add_row(
            check.what,
            _shown(check, check.wanted),
            _shown(check, check.found),
            _tick(check.wanted, check.found),
        )
    return table


def _shown(check: Check, figure: int) -> str:
    return dollars(figure) if check.is_money else f"{figure:,}"


def _tick(expected: int, found: int) -> Text:
    return Text("✓", "green") if expected == found else Text("✗", "bold red")


def as_json(outcome: Outcome, urls: Mapping[str, str]) -> dict[str, Any]:
    return {
        "ok": not outcome.problems(),
        "problems": outcome.problems(),
        "orders": outcome.orders,
        "free_orders": outcome.free_orders,
        "products": outcome.products,
        "seconds": round(outcome.seconds, 2),
        "purchases_per_second": round(outcome.rate, 1),
        "proof": [
            {"what": c.what, "wanted": c.wanted, "found": c.found, "holds": c.holds} for c in outcome.checks
        ],
        "trials": [_scenario(scenario, outcome.attempts) for scenario in SCENARIOS],
        "settled": outcome.settlement.is_even,
        "conversion": [
            {"day": day.isoformat(), "checkouts": d.checkouts, "completed": d.completed, "revenue": d.revenue}
            for day, d in sorted(outcome.days.items())
        ],
        "best_products": [
            {"sku": p.sku, "name": p.name, "times_sold": p.times_sold, "revenue": p.revenue}
            for p in outcome.best
        ],
        **analysis_tables.as_json(outcome.cohorts, outcome.forecast),
        "academy": tables.as_json(outcome.academy),
        "urls": dict(urls),
    }


def _scenario(scenario: Scenario, attempts: Iterable[Attempt]) -> dict[str, Any]:
    its = [it for it in attempts if it.scenario == scenario]
    taken_back = sorted({step for it in its for step in it.taken_back})
    return {"token": scenario.token, "ends": dict(Counter(map(_end, its))), "taken_back": taken_back}
