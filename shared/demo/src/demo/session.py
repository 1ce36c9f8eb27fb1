"""The demo with its stack: start, run, report, stop."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from rich.console import Console

from cli.errors import StackError
from demo import dataset
from demo.own_stack import OwnStack, own_stack, stay_until_interrupted
from demo.run import run_demo
from demo.sample_replay import play_rest
from demo.summary import Outcome

Report = Callable[[Outcome, Mapping[str, str]], None]


async def run_session(
    console: Console,
    environment: Mapping[str, str],
    report: Report,
    *,
    limit: int | None,
    parallel: int,
    stay: bool,
) -> None:
    """Raises ``StackError`` if the stack does not start or any check of the demo fails."""
    everything = dataset.spread()
    purchases = everything[:limit]
    console.print(f"Feira's demo, in {environment['FEIRA_HOME']}")
    async with own_stack(environment, console.print, keep_home=stay) as (
        stack,
        addresses,
    ):
        outcome = await run_demo(addresses.urls, purchases, parallel, console)
        report(outcome, addresses.urls)
        if stay:
            rest = everything[len(purchases) : dataset.SAMPLE_PURCHASES]
            filling = play_rest(addresses.urls, purchases, rest, parallel, console)
            await _stay(stack, console, filling)
        if problems := outcome.problems():
            text = "; ".join(problems)
            raise StackError(f"The demo failed: {text}; see {stack.home.logs}.")


async def _stay(stack: OwnStack, console: Console, meanwhile: Coroutine[Any, Any, None]) -> None:
    task = asyncio.create_task(meanwhile)
    try:
        await stay_until_interrupted(stack, console.print)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
