"""Play a journey in a stack of its own, prove it by `feira verify`, and report its figures."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType

from rich.console import Console

from cli.errors import StackError
from demo.journeys import elearning, marketplace, saas
from demo.journeys.stage import Stage
from demo.journeys.story import Story
from demo.own_stack import FEIRA, own_stack, stay_until_interrupted
from demo.shopping.api import Api, Refusal, client
from demo.shopping.desk import Desk

TENANT = "demo"
JOURNEYS: Mapping[str, Callable[[Stage], Awaitable[None]]] = MappingProxyType(
    {"elearning": elearning.play, "marketplace": marketplace.play, "saas": saas.play}
)
VERIFIED_WITHIN_SECONDS = 300.0
Report = Callable[[str, Story], None]


async def play_in_own_stack(
    console: Console, environment: Mapping[str, str], report: Report, *, name: str, stay: bool
) -> None:
    """Raises ``StackError`` for an unknown name, or if anything differs from what had to be."""
    if name not in JOURNEYS:
        raise StackError(f"There is no journey {name!r}: choose one of {', '.join(JOURNEYS)}.")
    console.print(f"Feira's journey {name}, in {environment['FEIRA_HOME']}")
    async with own_stack(environment, console.print, keep_home=stay) as (stack, addresses):
        story = await play(name, addresses.urls)
        await _verify(story, environment)
        report(name, story)
        if stay:
            await stay_until_interrupted(stack, console.print)
        if problems := story.problems():
            raise StackError(f"The journey failed: {'; '.join(problems)}; see {stack.home.logs}.")


async def play(name: str, urls: Mapping[str, str]) -> Story:
    """Play it at the shop of the demo's tenant, which must have sold nothing before."""
    story = Story()
    async with client() as http:
        api = Api(http, urls, TENANT)
        try:
            await JOURNEYS[name](Stage(api, Desk(api), story))
        except (Refusal, TimeoutError) as failure:
            story.check("the next step", "goes on", f"{type(failure).__name__} {failure}".strip())
    return story


async def _verify(story: Story, environment: Mapping[str, str]) -> None:
    process = await asyncio.create_subprocess_exec(
        *(*FEIRA, "verify", "--json"),
        env=dict(environment),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(VERIFIED_WITHIN_SECONDS):
        output, _ = await process.communicate()
    story.begin("feira verify")
    checks = json.loads(output)["checks"] if output else []
    violated = [it["check"] for it in checks if it["violations"]]
    story.check("violated rules", "none", ", ".join(violated) or "none")
    story.check("exit code", 0, process.returncode)
