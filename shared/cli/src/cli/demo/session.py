"""The demo as a whole: a stack comes up, the demo is played in it, the result is told, the stack goes."""

import asyncio
import contextlib
from collections.abc import Callable, Mapping

from rich.console import Console

from cli.demo import dataset
from cli.demo.own_stack import OwnStack, own_stack
from cli.demo.run import run_demo
from cli.demo.summary import Outcome
from cli.stack.errors import StackError

Report = Callable[[Outcome, Mapping[str, str]], None]


async def run_session(
    console: Console,
    environment: Mapping[str, str],
    tell: Report,
    *,
    most: int | None,
    parallel: int,
    stay: bool,
) -> None:
    """Raises ``StackError`` when anything is not as it should be."""
    purchases = dataset.read(most)
    console.print(f"Feira's demo, in {environment['FEIRA_HOME']}")
    async with own_stack(environment, console.print, keep_home=stay) as (
        stack,
        addresses,
    ):
        outcome = await run_demo(addresses.urls, purchases, parallel, console)
        tell(outcome, addresses.urls)
        if stay:
            await _stay(stack, console)
        if problems := outcome.problems():
            told = "; ".join(problems)
            raise StackError(f"The demo did not come out right: {told}; see {stack.home.logs}.")


async def _stay(stack: OwnStack, console: Console) -> None:
    console.print(f"\nIt stays up until Ctrl-C; look into it with FEIRA_HOME={stack.home.path}")
    # being told to end is how staying ends
    with contextlib.suppress(asyncio.CancelledError):
        await stack.ended()
