"""The state file of a stack, which `feira status` and other commands read."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from devstack.state_dir import StateDir

RETRY_DELAY_SECONDS = 1.0

log = logging.getLogger(__name__)


class StateFile:
    """Writes the state file; a failed write (a full disk, say) is retried in the background. Callers must not
    fail because of it: they supervise processes."""

    def __init__(self, home: StateDir, describe: Callable[[], dict[str, Any]]) -> None:
        self._home = home
        self._describe = describe
        self._retry: asyncio.TimerHandle | None = None

    def write(self) -> None:
        was_retrying = self._cancel_retry()
        try:
            self._home.write_state(self._describe())
        except OSError as problem:
            if not was_retrying:
                log.warning("state_file_not_written: %s", problem)
            self._retry = asyncio.get_running_loop().call_later(RETRY_DELAY_SECONDS, self.write)
        else:
            if was_retrying:
                log.info("state_file_written_again")

    def remove(self) -> None:
        self._cancel_retry()
        self._home.remove_state()

    def _cancel_retry(self) -> bool:
        if self._retry is None:
            return False
        self._retry.cancel()
        self._retry = None
        return True
