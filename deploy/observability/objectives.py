"""Service level objectives, read from ``slo.yaml``.

An objective is measured by requests (errors and total, as rates) or by time (the share of moments in which a
condition is broken). Both become an error ratio between 0 and 1 for each window.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
SLO_FILE = HERE / "slo.yaml"
WINDOWS = {"5m": 300, "30m": 1800, "1h": 3600, "6h": 21_600, "3d": 259_200}
"""Windows of the recording rules, and their lengths in seconds."""
LOWEST_OBJECTIVE = 98.0
"""Percent. Below it the outage of the unit tests would not reach six times the budget in six hours."""


@dataclass(frozen=True)
class TestSeries:
    """One series of the unit tests: its increase (counters) or value (gauges) in each minute."""

    name: str
    well: float
    ill: float


@dataclass(frozen=True)
class Slo:
    name: str
    alert: str
    objective: float
    """Percent."""
    by: tuple[str, ...]
    """Labels that part the objective: each value has a budget of its own."""
    sli: str
    customer: str
    """What a customer sees while it is missed."""
    test_labels: Mapping[str, str]
    test_series: tuple[TestSeries, ...]
    errors: str | None = None
    total: str | None = None
    bad: str | None = None

    @property
    def budget(self) -> float:
        """The share of errors that the objective allows."""
        return round(1 - self.objective / 100, 6)

    @property
    def counts_events(self) -> bool:
        return self.bad is None


@dataclass(frozen=True)
class Objectives:
    days: int
    guard: int
    """Events that the long window of an alert must hold."""
    slos: tuple[Slo, ...]


def read(path: Path = SLO_FILE) -> Objectives:
    """Raises ``ValueError`` for an objective that is too low to be alerted on, or measured in two ways."""
    document = yaml.safe_load(path.read_text())
    return Objectives(document["days"], document["guard"], tuple(map(_slo, document["slos"])))


def _slo(entry: Mapping[str, Any]) -> Slo:
    test = entry["test"]
    fields = {name: value for name, value in entry.items() if name not in {"test", "by"}}
    slo = Slo(
        **fields,
        by=tuple(entry["by"]),
        test_labels=test["labels"],
        test_series=tuple(TestSeries(**it) for it in test["series"]),
    )
    if not LOWEST_OBJECTIVE <= slo.objective < 100:
        raise ValueError(f"{slo.name}: an objective is {LOWEST_OBJECTIVE} to 100 %, not {slo.objective}")
    if (slo.bad is None) != bool(slo.errors and slo.total):
        raise ValueError(f"{slo.name}: measured either by `errors` and `total`, or by `bad`")
    return slo
