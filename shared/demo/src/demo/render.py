"""Print the result of the demo."""

from collections.abc import Mapping

from rich.console import Console
from rich.table import Table

from cli.console import from_markup
from demo.academy.tables import budget_line, variants_table
from demo.analysis_tables import dashboard_lines, forecast_table, heat_map
from demo.chart import best_products, calendar
from demo.ledger import balances_table
from demo.summary import Outcome, proof_table, reconciliation_table, scenarios_table


def print_outcome(
    console: Console, outcome: Outcome, urls: Mapping[str, str], key: str, *, stay: bool
) -> None:
    """``key``: of an analyst; ``stay``: whether the stack stays."""
    free = f", {outcome.free_orders} of them free" if outcome.free_orders else ""
    summary = (
        f"{outcome.orders:,} purchases{free}, of {outcome.products:,} products, in {outcome.seconds:.1f} s"
    )
    console.print(from_markup(f"\n  {summary}: [bold]{outcome.rate:,.0f} purchases per second[/]"))
    tables = (
        scenarios_table(outcome.attempts),
        reconciliation_table(outcome.settlement),
        calendar(outcome.days),
        best_products(outcome.best),
        heat_map(outcome.cohorts),
        forecast_table(outcome.forecast),
        proof_table(outcome.checks),
        variants_table(outcome.academy),
        proof_table(outcome.academy.checks, "The academy: its figures", "its shoppers"),
        balances_table("The academy: its ledger", outcome.academy.ledger),
        budget_line(outcome.academy),
        _addresses(urls),
    )
    for table in tables:
        console.print()
        console.print(table)
    for problem in outcome.problems():
        console.print(f"✗ {problem}", style="red")
    if not outcome.problems():
        console.print("\nThe read models' revenue is the data set's, to the cent.", style="bold green")
    console.print()
    console.print(dashboard_lines(urls["projections"], key, *outcome.days_of_data, stay=stay))


def _addresses(urls: Mapping[str, str]) -> Table:
    table = Table(title="Addresses of the services", title_justify="left", box=None, show_header=False)
    for name, url in urls.items():
        table.add_row(name, url)
    return table
