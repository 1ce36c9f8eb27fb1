"""`feira up` with short pauses between restarts of a killed process, and between tries of an unanswered call.

Run by path: alone it is the supervisor; with a module it becomes that service. The eight tries after which an
operator is needed take eight seconds instead of three minutes.
"""

from __future__ import annotations

import runpy
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

COMMAND = (sys.executable, str(Path(__file__)))
LONGEST_PAUSE = timedelta(seconds=1)


def become(module: str, *arguments: str) -> None:
    from kernel.scheduling import retries

    retries.MAX_PAUSE = LONGEST_PAUSE
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def supervise_all() -> None:
    from rich.console import Console

    from devstack import process, settings
    from devstack.report import Report
    from devstack.services import SERVICES
    from devstack.supervisor import supervise

    process.MAX_RESTART_DELAY_SECONDS = process.MIN_RESTART_DELAY_SECONDS
    services = tuple(
        replace(it, command=(*COMMAND, it.command[-1])) if it.name == "checkout-saga" else it
        for it in SERVICES
    )
    supervise(settings.read(()), Report(Console()), services=services)


if __name__ == "__main__":
    match sys.argv[1:]:
        case [module, *arguments]:
            become(module, *arguments)
        case _:
            supervise_all()
