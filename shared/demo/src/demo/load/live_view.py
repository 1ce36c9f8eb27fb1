"""Run the load with a live view. Ctrl-C stops it gracefully, a second one cancels it."""

import asyncio
import contextlib
import signal

from rich.console import Console
from rich.live import Live

from demo.load.generator import Generator

REFRESH_INTERVAL_SECONDS = 0.5


async def run_with_live_view(generator: Generator, console: Console) -> None:
    """Run until done or stopped. Raises ``CancelledError`` after a second signal."""
    running = asyncio.ensure_future(generator.run())
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, _on_signal, generator, running)
    live = Live(console=console, auto_refresh=False, transient=True) if console.is_terminal else None
    with live or contextlib.nullcontext():
        while not (await asyncio.wait([running], timeout=REFRESH_INTERVAL_SECONDS))[0]:
            if live:
                live.update(generator.tally.line(), refresh=True)
    await running


def _on_signal(generator: Generator, running: "asyncio.Future[None]") -> None:
    if generator.is_stopping:
        running.cancel()
    generator.stop()
