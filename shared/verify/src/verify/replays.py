"""Fold the streams of the dataset again, independent of the services' code."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import groupby
from operator import itemgetter
from sqlite3 import Row
from typing import TypeVar

from verify.dataset.dataset import Dataset

R = TypeVar("R")


def replays(dataset: Dataset, facts: str, new: Callable[[], R]) -> Iterator[tuple[Row, R]]:
    """Each row with the replay of its stream, which the caller applies the row to. ``facts``: a query that is
    ordered by stream and version."""
    for _, rows in groupby(dataset.sql.execute(facts), key=itemgetter("stream_id")):
        replay = new()
        for row in rows:
            yield row, replay
