"""Random carts, priced twice: ``python -m tests.proofs.prices``, on all cores."""

from __future__ import annotations

import multiprocessing
import os
import sys
import time
import traceback
from collections.abc import Iterator
from random import Random

from tests.proofs.verdict import Verdict, number
from tests.unit.pricing.oracle.carts import draw_cart
from tests.unit.pricing.oracle.comparison import compare

CARTS = 20_000
CHUNK = 250
MOST_SHOWN = 5


def differences(seeds: range) -> list[str]:
    """The carts of these seeds for which pricing and the oracle differ."""
    found: list[str] = []
    for seed in seeds:
        cart = draw_cart(Random(seed))
        try:
            compare(cart)
        except Exception:
            found.append(f"cart {seed}: {traceback.format_exc(limit=-2)}\n{cart}")
    return found


def chunks(first: int, carts: int) -> Iterator[range]:
    for start in range(first, first + carts, CHUNK):
        yield range(start, min(start + CHUNK, first + carts))


def main() -> int:
    carts = number("CARTS", CARTS)
    verdict = Verdict("prices")
    began = time.monotonic()
    with multiprocessing.Pool(os.cpu_count()) as pool:
        for found in pool.imap_unordered(differences, chunks(verdict.seed, carts)):
            verdict.violations += found
            if len(verdict.violations) >= MOST_SHOWN:
                break
    verdict.figures = {"carts": carts, "pricing_seconds": round(time.monotonic() - began, 1)}
    return verdict.end()


if __name__ == "__main__":
    sys.exit(main())
