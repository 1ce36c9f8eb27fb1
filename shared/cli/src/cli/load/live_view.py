"""Run the load and show how it goes; Ctrl-C ends it in good order, a second one at once."""

import asyncio
import contextlib
import signal

from rich.console import Console
from rich.live import Live

from cli.load.generator import Generator

REFRESH_INTERVAL_SECONDS = 0.5


async def run_with_live_view(generator: Generator, console: Console) -> None:
    """Raises ``CancelledError`` if it was ended at once."""
    running = asyncio.ensure_future(generator.run())
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, _end, generator, running)
    live = Live(console=console, auto_refresh=False, transient=True) if console.is_terminal else None
    with live or contextlib.nullcontext():
        while not (await asyncio.wait([running], timeout=REFRESH_INTERVAL_SECONDS))[0]:
            if live:
                live.update(generator.tally.line(), refresh=True)
    await running


def _end(generator: Generator, running: "asyncio.Future[None]") -> None:
    if generator.is_stopping:
        running.cancel()
    generator.stop()
