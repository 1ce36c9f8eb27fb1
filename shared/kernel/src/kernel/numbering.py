"""Series of numbers without gaps, such as the law wants of some documents.

A number is drawn by the commit, in the transaction that stores the facts that carry it: a transaction that
fails uses none, and numbers ascend in the order of the log. Until then a fact carries a placeholder.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from kernel import ids

PLACEHOLDER = re.compile(rb"number-to-draw:[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Series:
    statement: str
    """Raises the series' last number by ``$1`` and returns it; ``arguments`` are the further parameters."""
    arguments: tuple[Any, ...]
    show: Callable[[int], str] = field(compare=False)
    """A number as facts carry it: without characters that JSON escapes."""


class Draw(NamedTuple):
    placeholder: str
    series: Series


def new_draw(series: Series) -> Draw:
    return Draw(f"number-to-draw:{ids.new_id().hex}", series)
