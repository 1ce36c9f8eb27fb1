"""`feira verify --last`: the result that a run elsewhere has stored. The run itself is in feira-verify."""

from typing import Annotated, Any

import typer

from cli.output import print_json

Last = Annotated[
    bool, typer.Option("--last", help="Show the stored result of the last run, such as a Job's.")
]
MARKS = {"holds": "✓", "violated": "✗", "unavailable": "-", "not_judged": "-"}


def add_to(app: typer.Typer) -> None:
    app.command()(verify)


def verify(
    last: Last = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    key: Annotated[str | None, typer.Option("--key", envvar="FEIRA_KEY", help="A key of role ops.")] = None,
) -> None:
    """Show the last result of `feira verify --report`. Exit 0 if all invariants hold, else 1."""
    from cli.errors import StackError

    if not last:
        raise StackError("`feira verify` is not installed here; install feira-verify, or use --last.")
    show_last(key, as_json=as_json)


def show_last(key: str | None, *, as_json: bool) -> None:
    """Print the result; exit 1 unless it holds. Raises ``StackError``, also if there is none."""
    from cli.http_client import get

    found = get("projections", "/v1/verifications/latest", key)
    if as_json:
        print_json(found)
    else:
        _print(found)
    if not found["holds"]:
        raise typer.Exit(1)


def _print(found: dict[str, Any]) -> None:
    from rich.table import Table

    from cli.console import new_console

    console = new_console()
    table = Table("", "check", "compared", "broken", "rule")
    for it in found["checks"]:
        broken = f"{it['violations']:,}" if it["violations"] else ""
        table.add_row(MARKS[it["verdict"]], it["check"], f"{it['compared']:,}", broken, it["rule"])
    console.print(table)
    for verdict in ("violated", "unavailable", "not_judged"):
        if names := [it["check"] for it in found["checks"] if it["verdict"] == verdict]:
            console.print(f"{verdict.replace('_', ' ')}: {', '.join(names)}", soft_wrap=True)
    when, seconds = found["reported_at"][:19].replace("T", " "), found["seconds"]
    what = "all that was judged holds" if found["holds"] else "not all holds"
    console.print(
        f"{what}, reported at {when} UTC by {found['reported_by']} after {seconds:.1f} s", soft_wrap=True
    )
