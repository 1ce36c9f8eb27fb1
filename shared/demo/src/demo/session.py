"""The demo with its stack: start, run, report, stop."""

from collections.abc import Callable, Mapping

from rich.console import Console

from cli.errors import StackError
from demo import dataset
from demo.own_stack import own_stack, stay_until_interrupted
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
            await stay_until_interrupted(stack, console.print)
        if problems := outcome.problems():
            text = "; ".join(problems)
            raise StackError(f"The demo failed: {text}; see {stack.home.logs}.")
