"""`feira up` whose supervisor restarts processes without growing pauses, for runs that kill all the time."""

from __future__ import annotations

import sys

from cli.main import run
from devstack import process

COMMAND = (sys.executable, "-m", "tests.proofs.up_without_backoff", "up")

if __name__ == "__main__":
    process.MAX_RESTART_DELAY_SECONDS = process.MIN_RESTART_DELAY_SECONDS
    run()
