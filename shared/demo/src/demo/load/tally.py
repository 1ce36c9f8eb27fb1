"""Counters and latencies of a load run."""

import time
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from rich.text import Text

RECENT = 2_000
MAX_PROBLEMS = 20


@dataclass
class Tally:
    began: float = field(default_factory=time.monotonic)
    outcomes: Counter[str] = field(default_factory=Counter)
    latencies: list[float] = field(default_factory=list)
    """Seconds from the checkout request to its end."""
    recent: deque[float] = field(default_factory=lambda: deque(maxlen=RECENT))
    server_errors: Counter[int] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    under_way: int = 0

    def ended(self, outcome: str, seconds: float) -> None:
        self.outcomes[outcome] += 1
        self.latencies.append(seconds)
        self.recent.append(seconds)

    def went_wrong(self, outcome: str, problem: str) -> None:
        """Count a purchase without a latency, with a problem."""
        self.outcomes[outcome] += 1
        self.complain(problem)

    def complain(self, problem: str) -> None:
        if len(self.wrong) < MAX_PROBLEMS:
            self.wrong.append(problem)

    @property
    def purchases(self) -> int:
        return self.outcomes.total()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.began

    @property
    def rate(self) -> float:
        return self.purchases / max(self.seconds, 1e-6)

    @property
    def ok(self) -> bool:
        return not self.wrong and not self.server_errors

    def line(self) -> Text:
        """The live view: totals, and the latencies of recent purchases."""
        of = quantiles(self.recent)
        ends = ", ".join(f"{name} {count:,}" for name, count in self.outcomes.most_common())
        return Text.assemble(
            f"{self.seconds:5.0f} s  ",
            (f"{self.rate:,.1f}/s  ", "bold cyan"),
            f"p50 {of['p50']:,.0f}  p95 {of['p95']:,.0f}  p99 {of['p99']:,.0f} ms  ",
            (ends, "dim"),
            (f"  {self.server_errors.total()} server errors" if self.server_errors else "", "bold red"),
        )

    def as_json(self, **more: Any) -> dict[str, Any]:
        return {
            "ok": self.ok,
            **more,
            "seconds": round(self.seconds, 2),
            "purchases": self.purchases,
            "purchases_per_second": round(self.rate, 2),
            "outcomes": dict(self.outcomes.most_common()),
            "latency_ms": quantiles(self.latencies),
            "server_errors": {str(status): count for status, count in self.server_errors.items()},
            "wrong": self.wrong,
            "unfinished": self.under_way,
        }


def quantiles(seconds: Iterable[float]) -> dict[str, float]:
    """Quantiles in milliseconds by nearest rank; 0 without measurements."""
    ordered = sorted(seconds)
    marks = {"p50": 50, "p95": 95, "p99": 99, "max": 100}
    if not ordered:
        return dict.fromkeys(marks, 0.0)
    ranks = {name: -(-len(ordered) * percent // 100) for name, percent in marks.items()}
    return {name: round(1000 * ordered[rank - 1], 1) for name, rank in ranks.items()}
