"""Measure the hot paths, each figure beside a peer or a limit of the same run.

``python -m benchmarks [NAME ...] [--json FILE]``; without names all of them, in this order.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import importlib
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import cast

import orjson
import uvloop

from benchmarks.figures import Figure
from kernel.service.bootstrap import GC_THRESHOLD

NAMES = (
    "appends",
    "visible",
    "reading",
    "projecting",
    "applying",
    "commanding",
    "adding",
    "public_offers",
    "importing",
    "repricing",
    "checkout",
    "saga",
    "rebuilding",
    "exporting",
    "dashboard",
    "pricing",
    "modelling",
    "growth",
    "disk",
    "memory",
    "starting",
)
"""Modules with a function ``figures(home)``, which yields each figure as soon as it is measured."""

Benchmark = Callable[[Path], AsyncIterator[Figure]]


async def run(names: list[str], report: Path | None) -> None:
    found: list[dict[str, object]] = []
    for name in names:
        figures = cast("Benchmark", importlib.import_module(f"benchmarks.{name}").figures)
        print(f"\n{name}", flush=True)
        began = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="feira-bench-") as home:
            async for figure in figures(Path(home)):
                print(f"  {figure.as_line()}", flush=True)
                found.append({"benchmark": name, **figure.as_row()})
        print(f"  ({time.monotonic() - began:,.0f} s)", flush=True)
        gc.collect()
    if report:
        await asyncio.to_thread(report.write_bytes, orjson.dumps(found, option=orjson.OPT_INDENT_2))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(NAMES))
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures to this file, too")
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - set(NAMES):
        parser.error(f"There is no benchmark {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}.")
    # as in the services
    gc.set_threshold(GC_THRESHOLD)
    uvloop.run(run(arguments.names or list(NAMES), arguments.json))


if __name__ == "__main__":
    main()
