"""`feira load`: a load generator that buys in the running stack."""

from typing import Annotated, Any

import typer

from cli.output import print_json

CONCURRENCY = 16
SECONDS = 30.0
AT_ONCE = 130


def add_to(app: typer.Typer) -> None:
    app.command()(load)


def load(
    concurrency: Annotated[
        int, typer.Option(min=1, max=1_000, help="How many buy at once, at most.")
    ] = CONCURRENCY,
    rate: Annotated[
        float | None, typer.Option(min=0.01, help="How many begin a second. Default: as many as can.")
    ] = None,
    seconds: Annotated[
        float | None, typer.Option(min=0.1, help="How long. Default: 30, unless --orders is given.")
    ] = None,
    orders: Annotated[int | None, typer.Option(min=1, help="How many at most.")] = None,
    mix: Annotated[
        str | None, typer.Option(help="Payment tokens and how often: tok_ok=90,tok_declined=10.")
    ] = None,
    seed: Annotated[int, typer.Option(help="The same purchases again.")] = 1,
    tenant: Annotated[str, typer.Option(help="Whose shop: demo or rival.")] = "demo",
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Buy in the running stack; exit 1 if a checkout did not end as it should, or a service failed."""
    import asyncio

    from cli.console import new_console
    from cli.load.generator import Generator, Plan
    from cli.load.live_view import run_with_live_view
    from cli.load.mix import DEFAULT, Mix
    from cli.stack import client

    urls = client.running().urls
    plan = Plan(
        concurrency=concurrency,
        mix=Mix.of(DEFAULT if mix is None else mix),
        seed=seed,
        tenant=tenant,
        rate=rate,
        orders=orders,
        seconds=SECONDS if seconds is None and orders is None else seconds,
    )

    async def run() -> tuple[dict[str, Any], bool]:
        generator = Generator(plan, urls)
        try:
            await run_with_live_view(generator, new_console(stderr=True))
        except asyncio.CancelledError:
            return generator.tally.as_json(seed=seed, interrupted=True), True
        return generator.tally.as_json(seed=seed, interrupted=generator.is_stopping), False

    told, at_once = asyncio.run(run())
    if as_json:
        print_json(told)
    else:
        _show(told)
    if at_once:
        raise typer.Exit(AT_ONCE)
    if not told["ok"]:
        raise typer.Exit(1)


def _show(told: dict[str, Any]) -> None:
    from cli.console import new_console

    of = told["latency_ms"]
    console = new_console()
    console.print(
        f"{told['purchases']:,} purchases in {told['seconds']:.1f} s: "
        f"{told['purchases_per_second']:,.1f} a second{', interrupted' * told['interrupted']}",
        style="bold",
    )
    console.print(
        f"from the request to the end: p50 {of['p50']:,.0f}, p95 {of['p95']:,.0f}, "
        f"p99 {of['p99']:,.0f}, longest {of['max']:,.0f} ms"
    )
    for outcome, count in told["outcomes"].items():
        console.print(f"  {outcome:24} {count:,}")
    for status, count in told["server_errors"].items():
        console.print(f"✗ {count:,} answers were {status}", style="red")
    for what in told["wrong"]:
        console.print(f"✗ {what}", style="red")
