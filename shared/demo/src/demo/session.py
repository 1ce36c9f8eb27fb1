"""The demo with its stack: start, run, report, stop."""

import asyncio
import contextlib
from collections.abc import Callable, Mapping

from rich.console import Console

from cli.errors import StackError
from demo import dataset
from demo.own_stack import OwnStack, own_stack
from demo.run import run_demo
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
    purchases = dataset.read(limit)
    console.print(f"Feira's demo, in {environment['FEIRA_HOME']}")
    async with own_stack(environment, console.print, keep_home=stay) as (
        stack,
        addresses,
    ):
        outcome = await run_demo(addresses.urls, purchases, parallel, console)
        report(outcome, addresses.urls)
        if stay:
            await _stay(stack, console)
        if problems := outcome.problems():
            text = "; ".join(problems)
            raise StackError(f"The demo failed: {text}; see {stack.home.logs}.")


async def _stay(stack: OwnStack, console: Console) -> None:
    console.print(f"\nThe stack runs until Ctrl-C; use it with FEIRA_HOME={stack.home.path}.")
    # cancelled by Ctrl-C
    with contextlib.suppress(asyncio.CancelledError):
        await stack.ended()
