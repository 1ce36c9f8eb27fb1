"""The clock of one service's database."""

from __future__ import annotations

from collections.abc import Callable, Collection

from kernel.clock.state import ClockState, Question
from kernel.postgres.service_pool import ServicePool

STATE = "SELECT * FROM clock_state($1, $2, $3)"
STATE_BUT_RECURRING = "SELECT * FROM clock_state($1, $2, $3, $4)"
MOVE = "SELECT move_clock($1)"
RESET = "SELECT reset_clock()"


class ServiceClock:
    """In production the database refuses to move it."""

    def __init__(self, pool: ServicePool, recurring: Collection[str] = ()) -> None:
        """``recurring``: kinds of timers that set themselves again and again. A move does not stop at them;
        those that it passes fire once."""
        self._pool = pool
        self._recurring = sorted(recurring)
        self._on_move: list[Callable[[], None]] = []

    def on_move(self, *callbacks: Callable[[], None]) -> None:
        """Call these after each move, so that the loops of this process do not wait for their next poll."""
        self._on_move += callbacks

    async def state(self, question: Question) -> ClockState:
        if self._recurring:
            rows = await self._pool.fetch(STATE_BUT_RECURRING, *question, self._recurring)
        else:
            rows = await self._pool.fetch(STATE, *question)
        return ClockState.model_validate(dict(rows[0]))

    # failpoint: none needed (stack-clock)
    async def move(self, shift: int) -> None:
        """Set the shift, in microseconds, unless it is larger already."""
        await self._pool.execute(MOVE, shift)
        self._moved()

    # failpoint: none needed (stack-clock)
    async def reset(self) -> bool:
        """Show the machine's time again. False, and nothing is changed, if anything is recorded."""
        done: bool = await self._pool.fetchval(RESET)
        self._moved()
        return done

    def _moved(self) -> None:
        for callback in self._on_move:
            callback()
