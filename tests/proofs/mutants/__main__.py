"""Apply mutants, one at a time, to copies of the tree, and say which proof catches each: ``make mutants``."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict

import orjson

from tests.proofs.mutants.mutant import Mutant, mutants
from tests.proofs.mutants.selection import selected
from tests.proofs.mutants.table import heading, line, summary
from tests.proofs.mutants.trial import Trial, end_all, try_mutant, try_unchanged
from tests.proofs.simulation.many import cores
from tests.proofs.verdict import say

SERVER_CATCHERS = "race", "verify", "crash"
"""They start servers, so they run one at a time."""
PURE_CATCHERS = "tests", "figures", "statistics", "simulation"
"""They need nothing but a core each."""


def trials(wanted: Sequence[Mutant]) -> Iterator[Trial]:
    """Controls first: each catcher that is used, on the unchanged tree. A mutant that the pure ones do not
    catch goes on to its next catchers."""
    names = {catcher.name for mutant in wanted for catcher in mutant.catchers}
    remaining = [mutant for mutant in wanted if mutant.catchers[0].name not in PURE_CATCHERS]
    quick = [mutant for mutant in wanted if mutant not in remaining]
    with ThreadPoolExecutor(cores()) as pool:
        try:
            controls = [pool.submit(try_unchanged, name) for name in PURE_CATCHERS if name in names]
            results = pool.map(lambda mutant: try_mutant(mutant, set(PURE_CATCHERS)), quick)
            yield from (control.result() for control in controls)
            for mutant, trial in zip(quick, results, strict=True):
                if trial.is_caught or {it.name for it in mutant.catchers} <= set(PURE_CATCHERS):
                    yield trial
                else:
                    remaining.append(mutant)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            end_all()
            raise
    yield from (try_unchanged(name) for name in SERVER_CATCHERS if name in names)
    yield from (try_mutant(mutant, set(SERVER_CATCHERS)) for mutant in remaining)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.proofs.mutants", description=__doc__)
    parser.add_argument("names", nargs="*", help="only these mutants")
    parser.add_argument("--commit", default="", help="select by this commit's hash")
    parser.add_argument("--count", type=int, default=0, help="how many to select")
    parser.add_argument("--json", action="store_true", help="print JSON")
    arguments = parser.parse_args()
    known = mutants()
    if unknown := sorted(set(arguments.names) - {mutant.name for mutant in known}):
        parser.error(f"There is no mutant {', '.join(unknown)}.")
    wanted = [mutant for mutant in known if not arguments.names or mutant.name in arguments.names]
    if arguments.count:
        wanted = selected(wanted, arguments.commit, arguments.count)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    results = []
    for text in () if arguments.json else heading(wanted):
        say(text)
    for trial in trials(wanted):
        results.append(trial)
        if not arguments.json:
            say(line(trial))
    if arguments.json:
        say(orjson.dumps([asdict(trial) for trial in results], option=orjson.OPT_INDENT_2).decode())
    else:
        say(summary(results))
    return 0 if all(trial.is_right for trial in results) else 1


if __name__ == "__main__":
    sys.exit(main())
