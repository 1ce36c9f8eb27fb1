"""Random subscriptions and orders, billed twice: ``python -m tests.proofs.billing``, on all cores."""

from __future__ import annotations

import multiprocessing
import os
import sys
import time
import traceback
from collections.abc import Iterator
from random import Random

from tests.proofs.verdict import Verdict, number
from tests.unit.billing.oracle.cases import draw_case
from tests.unit.billing.oracle.comparison import compare

CASES = 20_000
CHUNK = 250
MOST_SHOWN = 5


def differences(seeds: range) -> list[str]:
    """The cases of these seeds for which billing and the oracle differ."""
    found: list[str] = []
    for seed in seeds:
        case = draw_case(Random(seed))
        try:
            compare(case)
        except Exception:
            found.append(f"case {seed}: {traceback.format_exc(limit=-2)}\n{case}")
    return found


def chunks(first: int, cases: int) -> Iterator[range]:
    for start in range(first, first + cases, CHUNK):
        yield range(start, min(start + CHUNK, first + cases))


def main() -> int:
    cases = number("CASES", CASES)
    verdict = Verdict("billing")
    began = time.monotonic()
    with multiprocessing.Pool(os.cpu_count()) as pool:
        for found in pool.imap_unordered(differences, chunks(verdict.seed, cases)):
            verdict.violations += found
            if len(verdict.violations) >= MOST_SHOWN:
                break
    verdict.figures = {"cases": cases, "billing_seconds": round(time.monotonic() - began, 1)}
    return verdict.end()


if __name__ == "__main__":
    sys.exit(main())
