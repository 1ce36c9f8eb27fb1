"""`feira ledger`: the balances of the money ledger, and the entries of an account."""

from typing import Annotated

import typer

from cli.commands.saga import AsJson


def add_to(app: typer.Typer) -> None:
    app.command("ledger")(show_ledger)


def show_ledger(
    account: Annotated[
        str | None, typer.Option(help="Show the entries of this account, such as clearing.")
    ] = None,
    since: Annotated[str | None, typer.Option("--from", help="The first day, or a time.")] = None,
    until: Annotated[str | None, typer.Option("--to", help="The last day, or a time.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100, help="Maximum number of rows.")] = 50,
    cursor: Annotated[str | None, typer.Option(help="The cursor of the next page.")] = None,
    as_json: AsJson = False,
    key: Annotated[
        str | None, typer.Option("--key", envvar="FEIRA_KEY", help="A key of role analyst or admin.")
    ] = None,
) -> None:
    """Show debit, credit and balance of each account, in minor units; or the entries of one, latest first."""
    from cli.http_client import get
    from cli.ledger_tables import balances_table, entries_table
    from cli.pages import print_page

    query = {"account": account, "from": since, "to": until, "limit": limit, "cursor": cursor}
    found = get("projections", "/v1/analytics/ledger", key, **query)
    print_page(found, entries_table if account else balances_table, as_json=as_json)
