"""Prometheus rules of the objectives: error ratios over five windows, and multi-window burn-rate alerts.

An alert needs a long window, so that it is worth acting, and a short one, so that it ends soon after the
cause (Site Reliability Workbook, chapter 5).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from deploy.observability.objectives import WINDOWS, Objectives, Slo

BAD = "feira:slo_bad"
RATIO = "feira:sli_errors:ratio_rate"
OBJECTIVE = "feira:slo_objective:ratio"
BUDGET_LEFT = "feira:slo_budget_left:ratio"


class Burn(NamedTuple):
    """An alert fires while the budget burns ``factor`` times too fast in both windows."""

    factor: float
    long: str
    short: str
    severity: str


BURNS = (
    Burn(14.4, "1h", "5m", "page"),
    Burn(6, "6h", "30m", "page"),
    Burn(1, "3d", "6h", "ticket"),
)


SLI_GROUP, BUDGET_GROUP, ALERT_GROUP = GROUPS = "feira-sli", "feira-slo-budgets", "feira-burn-rates"
"""In the order in which they depend on one another."""


def groups(objectives: Objectives) -> dict[str, Any]:
    """The content of a rule file."""
    recording = [rule for slo in objectives.slos for rule in _ratios(slo)]
    budgets = [rule for slo in objectives.slos for rule in _budgets(slo, objectives.days)]
    alerts = [_alert(slo, burn, objectives.guard) for slo in objectives.slos for burn in BURNS]
    return {
        "groups": [
            {"name": SLI_GROUP, "rules": recording},
            {"name": BUDGET_GROUP, "interval": "5m", "rules": budgets},
            {"name": ALERT_GROUP, "rules": alerts},
        ]
    }


def _ratios(slo: Slo) -> Iterator[dict[str, Any]]:
    labels = {"slo": slo.name}
    if slo.bad:
        yield {"record": BAD, "expr": slo.bad, "labels": labels}
    for window in WINDOWS:
        yield {"record": f"{RATIO}{window}", "expr": _ratio(slo, window), "labels": labels}


def _ratio(slo: Slo, window: str) -> str:
    if slo.errors and slo.total:
        errors, total = (it.replace("$window", window) for it in (slo.errors, slo.total))
        # without an error there may be no series of errors
        return f"(\n{errors}\nor\n0 * {total}\n)\n/\n({total} > 0)"
    return f'avg_over_time({BAD}{{slo="{slo.name}"}}[{window}])'


def _budgets(slo: Slo, days: int) -> Iterator[dict[str, Any]]:
    labels = {"slo": slo.name}
    yield {"record": OBJECTIVE, "expr": f"vector({slo.objective / 100:g})", "labels": labels}
    spent = f'avg_over_time({RATIO}5m{{slo="{slo.name}"}}[{days}d])'
    yield {"record": BUDGET_LEFT, "expr": f"1 - {spent} / {slo.budget:g}", "labels": labels}


def _alert(slo: Slo, burn: Burn, guard: int) -> dict[str, Any]:
    threshold = f"({burn.factor:g} * {slo.budget:g})"
    ratios = [f'{RATIO}{it}{{slo="{slo.name}"}} > {threshold}' for it in (burn.long, burn.short)]
    expr = "\nand ".join(ratios)
    if slo.total:
        events = f"{slo.total.replace('$window', burn.long)} * {WINDOWS[burn.long]} > {guard}"
        matching = f"on ({', '.join(slo.by)})"
        expr += f"\nand {matching} {events}"
    whose = "".join(f" of {{{{ $labels.{it} }}}}" for it in slo.by)
    return {
        "alert": slo.alert,
        "expr": expr,
        "labels": {"severity": burn.severity, "long": burn.long, "short": burn.short},
        "annotations": {
            "summary": f"The error budget of {slo.name}{whose} burns {burn.factor:g} times too fast.",
            "description": (
                f"Objective: {slo.objective:g} % of {slo.sli}. Over the last {burn.long} "
                "{{ $value | humanizePercentage }} were not."
            ),
            "runbook_url": f"runbooks/{slo.alert}.md",
        },
    }
