"""Unit tests of the burn-rate alerts, for ``promtool test rules``.

Each objective has the same story: six quiet hours, an outage of 45 minutes, then quiet again. Which alerts
fire when follows from the windows alone, for every objective from 98 %.

What fires is read from the series ``ALERTS``: an ``alert_rule_test`` would compare annotations as well, which
contain measured values.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from deploy.observability.burn_rates import BURNS, GROUPS, Burn
from deploy.observability.objectives import Objectives, Slo, TestSeries

WELL, ILL, AFTER = 360, 45, 480
"""Minutes."""
END = WELL + ILL
FAST, SLOW, TICKET = BURNS
FIRING: Mapping[int, tuple[Burn, ...]] = {
    WELL: (),
    END: (FAST, SLOW, TICKET),
    END + 10: (SLOW, TICKET),
    END + 120: (TICKET,),
    END + 420: (),
}
"""Minute of the story -> the alerts that fire then. One ends when its short window holds no error."""


def tests(objectives: Objectives, rule_file: str) -> dict[str, Any]:
    """The content of a test file."""
    cases = [_story(slo) for slo in objectives.slos]
    cases += [_low_traffic(slo, objectives.guard) for slo in objectives.slos if slo.counts_events]
    return {
        "rule_files": [rule_file],
        "evaluation_interval": "5m",
        "group_eval_order": list(GROUPS),
        "tests": cases,
    }


def _story(slo: Slo) -> dict[str, Any]:
    return {
        "name": f"{slo.name}: an outage of {ILL} minutes, after {WELL // 60} quiet hours",
        "interval": "1m",
        "input_series": [{"series": it.name, "values": _values(slo, it)} for it in slo.test_series],
        "promql_expr_test": [_expect(slo, minute, firing) for minute, firing in FIRING.items()],
    }


def _low_traffic(slo: Slo, guard: int) -> dict[str, Any]:
    """The same outage with so few events that the guard holds all alerts back."""
    scale = guard / 2 / sum(max(it.well, it.ill) for it in slo.test_series) / (WELL + ILL)
    series = [TestSeries(it.name, it.well * scale, it.ill * scale) for it in slo.test_series]
    return {
        "name": f"{slo.name}: the same outage with fewer than {guard} events",
        "interval": "1m",
        "input_series": [{"series": it.name, "values": _values(slo, it)} for it in series],
        "promql_expr_test": [_expect(slo, END, ())],
    }


def _values(slo: Slo, it: TestSeries) -> str:
    if not slo.counts_events:
        return f"{it.well:g}x{WELL} {it.ill:g}x{ILL - 1} {it.well:g}x{AFTER}"
    first = f"0+{it.well:.6g}x{WELL}"
    second = f"{it.well * WELL + it.ill:.6g}+{it.ill:.6g}x{ILL - 1}"
    at_end = it.well * WELL + it.ill * ILL
    return f"{first} {second} {at_end + it.well:.6g}+{it.well:.6g}x{AFTER}"


def _expect(slo: Slo, minute: int, firing: tuple[Burn, ...]) -> dict[str, Any]:
    expectation: dict[str, Any] = {
        "expr": f'ALERTS{{alertname="{slo.alert}",alertstate="firing"}}',
        "eval_time": f"{minute}m",
    }
    if firing:
        expectation["exp_samples"] = [{"labels": _series(slo, it), "value": 1} for it in firing]
    return expectation


def _series(slo: Slo, burn: Burn) -> str:
    labels = {
        "alertname": slo.alert,
        "alertstate": "firing",
        "slo": slo.name,
        "severity": burn.severity,
        "long": burn.long,
        "short": burn.short,
        **slo.test_labels,
    }
    return f"ALERTS{{{', '.join(f'{name}={value!r}' for name, value in labels.items())}}}"
