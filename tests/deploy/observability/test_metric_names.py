"""Rules and panels use metrics that the services declare, with labels that these have.

An expression over a misspelt metric or label is valid, and never fires. The proof of alerts asks a live
Prometheus the same.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from deploy.observability.dashboards.boards import BOARDS
from deploy.observability.promql import Selector, grouping_labels, selectors
from deploy.observability.rule_files import rules

PAGE = Path(__file__).parents[3] / "docs" / "metrics.md"
"""Made from the declarations of all services, and compared with them by a test."""
ROW = re.compile(r"^\| `(\w+)` \| (\w+) \| ([^|]*) \|", re.MULTILINE)
DECLARED = {
    name: (kind, set(re.findall(r"\w+", labels))) for name, kind, labels in ROW.findall(PAGE.read_text())
}
TARGET = {"job", "service", "instance", "pod", "namespace"}
"""Labels that the scrape adds."""
RECORDED = {it.name for it in rules() if not it.is_alert}
LABELS_OF_RECORDED = {"slo", "service", "model"}
OF_OTHERS = {
    "up": set[str](),
    "process_resident_memory_bytes": set[str](),
    "process_cpu_seconds_total": set[str](),
    "process_start_time_seconds": set[str](),
    "python_gc_collections_total": {"generation"},
    "barman_cloud_cloudnative_pg_io_last_available_backup_timestamp": {"cluster"},
    "certmanager_certificate_expiration_timestamp_seconds": {"name"},
    "strimzi_certificate_expiration_timestamp_ms": {"cluster"},
}
"""Metric of Prometheus, its client library or an operator -> its labels."""
SUFFIXES = ("_bucket", "_sum", "_count")
EXPRESSIONS = {
    **{f"{it.name} {it.labels}": it.expr for it in rules()},
    **{f"{b.uid}: {p.title} {q.legend}": q.expr for b in BOARDS for p in b.panels for q in p.queries},
}


def labels_of(metric: str) -> set[str] | None:
    """The labels that a metric has; None if it does not exist."""
    if metric in OF_OTHERS:
        return OF_OTHERS[metric] | TARGET
    if metric.startswith("feira:"):
        return LABELS_OF_RECORDED if metric in RECORDED else None
    for suffix in ("", *SUFFIXES):
        kind, labels = DECLARED.get(metric.removesuffix(suffix), ("", set()))
        if metric.endswith(suffix) and kind and (kind == "histogram") == bool(suffix):
            return labels | TARGET | ({"le"} if suffix == "_bucket" else set())
    return None


def problems(expr: str) -> list[str]:
    found, labels = list(selectors(expr)), set[str]()
    wrong = []
    for it in found:
        known = labels_of(it.metric)
        labels |= known or set()
        wrong += [f"no metric {it.metric}"] if known is None else _unknown_matchers(it, known)
    wrong += [f"nothing has the label {it}" for it in grouping_labels(expr) - labels]
    return wrong


def _unknown_matchers(selector: Selector, known: set[str]) -> list[str]:
    return [f"{selector.metric} has no {label}" for label, _, _ in selector.matchers if label not in known]


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_an_expression_uses_what_exists(name: str) -> None:
    expr = EXPRESSIONS[name]
    assert list(selectors(expr)) or expr.startswith("vector(")
    assert problems(expr) == []


@pytest.mark.parametrize(
    ("expr", "expected"),
    [
        ("feira_consumer_lag > 1", ["no metric feira_consumer_lag"]),
        ('feira_consumer_lag_seconds{grp="offer"} > 1', ["feira_consumer_lag_seconds has no grp"]),
        ("sum by (part) (feira_consumer_lag_seconds)", ["nothing has the label part"]),
        ("rate(feira_append_duration_seconds[5m])", ["no metric feira_append_duration_seconds"]),
        ("rate(feira_log_appended[5m])", ["no metric feira_log_appended"]),
        ('rate(feira_append_duration_seconds_bucket{le="0.5"}[5m])', []),
        ("feira:sli_errors:ratio_rate2h", ["no metric feira:sli_errors:ratio_rate2h"]),
    ],
)
def test_an_expression_that_can_never_fire_is_found(expr: str, expected: list[str]) -> None:
    assert problems(expr) == expected


def test_the_brackets_of_a_regular_expression_are_no_range() -> None:
    [found] = selectors('sum by (x) (rate(a{le=~"60([.]0)?"}[5m]))')
    assert found == Selector("a", (("le", "=~", "60([.]0)?"),))
