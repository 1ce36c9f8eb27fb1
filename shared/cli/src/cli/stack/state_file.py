"""The stack's state as others read it in its home."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from cli.stack.state_dir import StateDir

RETRY_DELAY_SECONDS = 1.0

log = logging.getLogger(__name__)


class StateFile:
    """What cannot be written now, for want of space say, is written as soon as it can be: those who change
    the state have something more important to do than to fail for that."""

    def __init__(self, home: StateDir, describe: Callable[[], dict[str, Any]]) -> None:
        self._home = home
        self._describe = describe
        self._next_try: asyncio.TimerHandle | None = None

    def write(self) -> None:
        was_late = self._forget_next_try()
        try:
            self._home.write_state(self._describe())
        except OSError as problem:
            if not was_late:
                log.warning("the state cannot be written (%s) and will be as soon as it can", problem)
            self._next_try = asyncio.get_running_loop().call_later(RETRY_DELAY_SECONDS, self.write)
        else:
            if was_late:
                log.info("the state is written again")

    def remove(self) -> None:
        self._forget_next_try()
        self._home.remove_state()

    def _forget_next_try(self) -> bool:
        if self._next_try is None:
            return False
        self._next_try.cancel()
        self._next_try = None
        return True
