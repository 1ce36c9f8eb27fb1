"""Random cases, worked out twice: by the code, and by an oracle that shares nothing with it. On all cores."""

from __future__ import annotations

import multiprocessing
import os
import time
import traceback
from collections.abc import Callable, Iterator
from functools import partial
from random import Random
from typing import TypeVar

from tests.proofs.verdict import Verdict

CHUNK = 250
MOST_SHOWN = 5

Case = TypeVar("Case")


def differences(draw: Callable[[Random], Case], compare: Callable[[Case], None], seeds: range) -> list[str]:
    """The cases of these seeds for which ``compare`` raises, with what it raised."""
    found: list[str] = []
    for seed in seeds:
        case = draw(Random(seed))
        try:
            compare(case)
        except Exception:
            found.append(f"case {seed}: {traceback.format_exc(limit=-2)}\n{case}")
    return found


def prove(name: str, draw: Callable[[Random], Case], compare: Callable[[Case], None], cases: int) -> int:
    """Compare so many cases, and return the exit code of the proof. Both functions are those of a module:
    other processes call them."""
    verdict = Verdict(name)
    began = time.monotonic()
    with multiprocessing.Pool(os.cpu_count()) as pool:
        for found in pool.imap_unordered(partial(differences, draw, compare), _chunks(verdict.seed, cases)):
            verdict.violations += found
            if len(verdict.violations) >= MOST_SHOWN:
                break
    verdict.figures = {"cases": cases, "seconds": round(time.monotonic() - began, 1)}
    return verdict.end()


def _chunks(first: int, cases: int) -> Iterator[range]:
    for start in range(first, first + cases, CHUNK):
        yield range(start, min(start + CHUNK, first + cases))
