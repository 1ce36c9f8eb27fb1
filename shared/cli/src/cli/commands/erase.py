"""`feira erase`: make a person's data unreadable, for good."""

from typing import Annotated
from urllib.parse import quote

import typer

from cli.commands.saga import AsJson
from cli.output import print_json

Reason = Annotated[str, typer.Option(help="The reason, recorded for ever: without personal data.")]
AdminKey = Annotated[str | None, typer.Option("--key", envvar="FEIRA_KEY", help="A key of role admin.")]


def add_to(app: typer.Typer) -> None:
    app.command("erase")(erase)


def erase(
    customer: Annotated[str, typer.Argument(metavar="CUSTOMER", help="The customer's id.")],
    reason: Reason,
    as_json: AsJson = False,
    key: AdminKey = None,
) -> None:
    """Destroy the keys of a person's data, under all ids of the person, and show the receipt."""
    from cli.console import new_console
    from cli.errors import StackError
    from cli.http_client import post

    path = f"/v1/customers/{quote(customer, safe='')}/erase"
    receipt = post("checkout-saga", path, key, {"reason": reason})
    if as_json:
        print_json(receipt)
    else:
        line = (
            f"{receipt['facts']} facts in {receipt['streams']} streams were encrypted for the person;"
            f" {receipt['readable']} of them can be read. Erased at {receipt['erased_at']}."
        )
        new_console().print(line, soft_wrap=True)
    if receipt["readable"]:
        raise StackError("A part of the data can still be read.")
