"""`feira load`: generate load on the running stack by purchases."""

from typing import Annotated, Any

import typer

from cli.output import print_json

CONCURRENCY = 16
SECONDS = 30.0
KILLED_EXIT_CODE = 130


def add_to(app: typer.Typer) -> None:
    app.command()(load)


def load(
    concurrency: Annotated[
        int, typer.Option(min=1, max=1_000, help="Maximum number of concurrent buyers.")
    ] = CONCURRENCY,
    rate: Annotated[
        float | None, typer.Option(min=0.01, help="Purchases started per second. Default: unlimited.")
    ] = None,
    seconds: Annotated[
        float | None, typer.Option(min=0.1, help="Duration. Default: 30, unless --orders is given.")
    ] = None,
    orders: Annotated[int | None, typer.Option(min=1, help="Maximum number of purchases.")] = None,
    mix: Annotated[
        str | None, typer.Option(help="Payment tokens with weights: tok_ok=90,tok_declined=10.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed; equal seeds give equal purchases.")] = 1,
    tenant: Annotated[str, typer.Option(help="The tenant: demo or rival.")] = "demo",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Run purchases on the running stack. Exit 1 if a checkout ended unexpectedly, or a service failed."""
    import asyncio

    from cli import addresses
    from cli.console import new_console
    from demo.load.generator import Generator, Plan
    from demo.load.live_view import run_with_live_view
    from demo.load.mix import DEFAULT, Mix

    urls = addresses.running().urls
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

    summary, is_killed = asyncio.run(run())
    if as_json:
        print_json(summary)
    else:
        _show(summary)
    if is_killed:
        raise typer.Exit(KILLED_EXIT_CODE)
    if not summary["ok"]:
        raise typer.Exit(1)


def _show(summary: dict[str, Any]) -> None:
    from cli.console import new_console

    of = summary["latency_ms"]
    console = new_console()
    console.print(
        f"{summary['purchases']:,} purchases in {summary['seconds']:.1f} s: "
        f"{summary['purchases_per_second']:,.1f} per second{', interrupted' * summary['interrupted']}",
        style="bold",
    )
    console.print(
        f"checkout latency: p50 {of['p50']:,.0f}, p95 {of['p95']:,.0f}, "
        f"p99 {of['p99']:,.0f}, max {of['max']:,.0f} ms"
    )
    for outcome, count in summary["outcomes"].items():
        console.print(f"  {outcome:24} {count:,}")
    for status, count in summary["server_errors"].items():
        console.print(f"✗ {count:,} responses had status {status}", style="red")
    for problem in summary["wrong"]:
        console.print(f"✗ {problem}", style="red")
