"""Find and end what an earlier stack of the same home has left running."""

import contextlib
import signal
from pathlib import Path

import psutil

MARKER = "FEIRA_STACK_HOME"
TERMINATE_TIMEOUT_SECONDS = 5.0


def terminate_all(home: Path) -> list[str]:
    """End every process that bears this home's mark, and tell which."""
    found = find_all(home)
    names = []
    for process in found:
        with contextlib.suppress(psutil.Error):
            names.append(f"{process.name()} ({process.pid})")
            # PostgreSQL reads SIGTERM as: wait for the clients to go
            process.send_signal(signal.SIGINT if process.name() == "postgres" else signal.SIGTERM)
    _, alive = psutil.wait_procs(found, timeout=TERMINATE_TIMEOUT_SECONDS)
    for process in alive:
        with contextlib.suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(alive, timeout=TERMINATE_TIMEOUT_SECONDS)
    return names


def find_all(home: Path) -> list[psutil.Process]:
    """All processes that were started for this home; what they have started themselves bears the mark too."""
    return [process for process in psutil.process_iter() if _bears(process, home)]


def _bears(process: psutil.Process, home: Path) -> bool:
    try:
        return process.environ().get(MARKER) == str(home)
    except (psutil.Error, OSError):
        return False
