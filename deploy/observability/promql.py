"""The metrics and labels that a PromQL expression uses, found by its tokens.

Not a parser: enough to compare rules and panels with the metrics that exist. ``promtool`` refuses what is not
PromQL.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

GROUPING = re.compile(r"\b(?:by|on|without|ignoring|group_left|group_right)\s*\(([^()]*)\)")
SELECTOR = re.compile(r"\b([a-zA-Z_:][\w:]*+)\s*+(?:\{([^{}]*)\}|(?!\())")
MATCHER = re.compile(r"""(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)\"""")
RANGE = re.compile(r"\[[\d$][^\]]*\]")
KEYWORDS = frozenset(
    {"and", "or", "unless", "bool", "offset", "inf", "nan", "by", "on", "without", "ignoring"}
)


@dataclass(frozen=True)
class Selector:
    metric: str
    matchers: tuple[tuple[str, str, str], ...]
    """Label, operator and value of each."""


def selectors(expr: str) -> Iterator[Selector]:
    without_ranges = RANGE.sub(" ", GROUPING.sub(" ", expr))
    for found in SELECTOR.finditer(without_ranges):
        name, matchers = found.group(1), found.group(2) or ""
        if name.lower() not in KEYWORDS:
            yield Selector(name, tuple(MATCHER.findall(matchers)))


def grouping_labels(expr: str) -> frozenset[str]:
    """The labels that the expression groups or joins by."""
    lists = (found.split(",") for found in GROUPING.findall(expr))
    return frozenset(label.strip() for labels in lists for label in labels if label.strip())
