"""Plant bugs, one at a time, in a copy of the tree, and show who catches each: see ``make planted``."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict

import orjson

from tests.proofs.planted.bug import Bug, bugs
from tests.proofs.planted.catching import Trial, catch, control, end_all
from tests.proofs.planted.choosing import chosen
from tests.proofs.planted.table import heading, line, summary
from tests.proofs.simulation.many import cores
from tests.proofs.verdict import say

ALONE = "race", "verify", "crash"
"""With servers of their own, whose turns they are about; the simulation runs on all cores."""
SIMULATION = "simulation"


def tried(wanted: Sequence[Bug]) -> Iterator[Trial]:
    """The controls first: each catcher that is used on the tree as it is. A bug that the simulation does not
    find goes on to those that come behind it."""
    names = {it.name for bug in wanted for it in bug.catchers}
    left: list[Bug] = [it for it in wanted if it.catchers[0].name != SIMULATION]
    simulated = [it for it in wanted if it not in left]
    with ThreadPoolExecutor(cores()) as pool:
        try:
            controlled = [pool.submit(control, it) for it in (SIMULATION,) if it in names]
            verdicts = pool.map(lambda it: catch(it, {SIMULATION}), simulated)
            yield from (it.result() for it in controlled)
            for bug, verdict in zip(simulated, verdicts, strict=True):
                if verdict.is_caught or len(bug.catchers) == 1:
                    yield verdict
                else:
                    left.append(bug)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            end_all()
            raise
    yield from (control(it) for it in ALONE if it in names)
    yield from (catch(it, set(ALONE)) for it in left)


def main() -> int:
    arguments = argparse.ArgumentParser(prog="python -m tests.proofs.planted", description=__doc__)
    arguments.add_argument("names", nargs="*", help="only these bugs")
    arguments.add_argument("--commit", default="", help="choose by this commit's hash")
    arguments.add_argument("--count", type=int, default=0, help="how many, of those that are chosen from")
    arguments.add_argument("--json", action="store_true", help="for programs")
    it = arguments.parse_args()
    all_of_them = bugs()
    known = {bug.name for bug in all_of_them}
    if strange := sorted(set(it.names) - known):
        arguments.error(f"no such bug: {', '.join(strange)}")
    wanted = [bug for bug in all_of_them if not it.names or bug.name in it.names]
    if it.count:
        wanted = chosen(wanted, it.commit, it.count)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    verdicts = []
    for text in () if it.json else heading(wanted):
        say(text)
    for verdict in tried(wanted):
        verdicts.append(verdict)
        if not it.json:
            say(line(verdict))
    if it.json:
        say(orjson.dumps([asdict(each) for each in verdicts], option=orjson.OPT_INDENT_2).decode())
    else:
        say(summary(verdicts))
    return 0 if all(each.is_right for each in verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())
