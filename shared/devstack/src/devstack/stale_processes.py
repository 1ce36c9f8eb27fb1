"""Find and terminate processes that a crashed stack left running in a state directory."""

import contextlib
import signal
from pathlib import Path

import psutil

MARKER = "FEIRA_STACK_HOME"
TERMINATE_TIMEOUT_SECONDS = 5.0


def terminate_all(home: Path) -> list[str]:
    """Terminate all processes of this state directory, and return their names with pids."""
    found = find_all(home)
    names = []
    for process in found:
        with contextlib.suppress(psutil.Error):
            names.append(f"{process.name()} ({process.pid})")
            # for PostgreSQL SIGTERM means to wait until all clients have disconnected
            process.send_signal(signal.SIGINT if process.name() == "postgres" else signal.SIGTERM)
    _, alive = psutil.wait_procs(found, timeout=TERMINATE_TIMEOUT_SECONDS)
    for process in alive:
        with contextlib.suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(alive, timeout=TERMINATE_TIMEOUT_SECONDS)
    return names


def find_all(home: Path) -> list[psutil.Process]:
    """All processes whose environment names this state directory; child processes inherit the variable."""
    return [process for process in psutil.process_iter() if _has_marker(process, home)]


def _has_marker(process: psutil.Process, home: Path) -> bool:
    try:
        return process.environ().get(MARKER) == str(home)
    except (psutil.Error, OSError):
        return False
