"""One measured figure beside what it is compared with, as people and programs read it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Figure:
    name: str
    per_second: float
    beside: str
    beside_per_second: float

    @property
    def ratio(self) -> float:
        return self.per_second / self.beside_per_second


def as_lines(figures: Iterable[Figure]) -> str:
    return "\n".join(
        f"{it.name:32} {it.per_second:9,.0f}/s  {it.ratio:5.2f} x {it.beside}, {it.beside_per_second:,.0f}/s"
        for it in figures
    )


def as_json(figures: Iterable[Figure]) -> str:
    return json.dumps([asdict(it) | {"ratio": round(it.ratio, 3)} for it in figures], indent=2)
