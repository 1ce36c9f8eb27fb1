"""Show a person what the demo has found out."""

from collections.abc import Mapping

from rich.console import Console
from rich.table import Table

from cli.console import from_markup
from cli.demo.chart import best_products, calendar
from cli.demo.summary import Outcome, proof_table, reconciliation_table, scenarios_table


def print_outcome(console: Console, it: Outcome, urls: Mapping[str, str]) -> None:
    free = f", {it.free_orders} of them free" if it.free_orders else ""
    played = f"{it.orders:,} purchases{free}, of {it.products:,} products, in {it.seconds:.1f} s"
    console.print(from_markup(f"\n  {played}: [bold]{it.rate:,.0f} purchases per second[/]"))
    tables = (
        scenarios_table(it.attempts),
        reconciliation_table(it.settlement),
        calendar(it.days),
        best_products(it.best),
        proof_table(it.checks),
        _addresses(urls),
    )
    for table in tables:
        console.print()
        console.print(table)
    for problem in it.problems():
        console.print(f"✗ {problem}", style="red")
    if not it.problems():
        console.print("\nThe read models' revenue is the data set's, to the cent.", style="bold green")


def _addresses(urls: Mapping[str, str]) -> Table:
    table = Table(title="Where the services listen", title_justify="left", box=None, show_header=False)
    for name, url in urls.items():
        table.add_row(name, url)
    return table
