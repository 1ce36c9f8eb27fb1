"""`feira import`: bring a file of products, stock, prices or promotions into the catalogue, or of spend."""

from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.commands.saga import AsJson
from cli.import_parts import OUTCOMES, Part, parts_of
from cli.output import print_json, print_line


class Kind(StrEnum):
    PRODUCTS = "products"
    STOCK = "stock"
    PRICES = "prices"
    PROMOTIONS = "promotions"
    SPEND = "spend"


AdminKey = Annotated[
    str | None,
    typer.Option("--key", envvar="FEIRA_KEY", help="A key of role admin; for spend also of role analyst."),
]


def add_to(app: typer.Typer) -> None:
    app.command("import")(import_file)


def import_file(
    kind: Annotated[Kind, typer.Argument(help="What the lines are.")],
    file: Annotated[Path, typer.Argument(help="CSV with a header, or JSON lines (.ndjson, .jsonl).")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would happen; change nothing.")
    ] = False,
    as_json: AsJson = False,
    key: AdminKey = None,
) -> None:
    """Import a file, in parts if it is large. Repeated, it changes nothing: what is so already stays."""
    parts = parts_of(file)
    total = sum(part.lines for part in parts)
    counts, failing, done = dict.fromkeys(OUTCOMES, 0), [], 0
    for found, lines in _imported(kind, parts, key, dry_run=dry_run):
        done += lines
        for name in OUTCOMES:
            counts[name] += found[name]
        failing += [it for it in found["report"] if it["outcome"] == "failed"]
        if not as_json:
            print_line(f"{done} of {total} lines", stderr=True)
    if as_json:
        print_json({"lines": done, **counts, "failing": failing})
    else:
        _print(counts, failing)
    if failing:
        raise typer.Exit(1)


def _imported(
    kind: Kind, parts: Sequence[Part], key: str | None, *, dry_run: bool
) -> Iterator[tuple[dict[str, Any], int]]:
    for part in parts:
        found = _brought(kind, part, key, dry_run=dry_run)
        for it in found["report"]:
            it["line"] += part.lines_before
        yield found, part.lines


def _brought(kind: Kind, part: Part, key: str | None, *, dry_run: bool) -> dict[str, Any]:
    from cli.http_client import post_file
    from cli.spend_lines import bring

    if kind is Kind.SPEND:
        return bring(part, key, dry_run=dry_run)
    flag = str(dry_run).lower()
    return post_file("offer", f"/v1/imports/{kind}", key, part.content, part.media_type, dry_run=flag)


def _print(counts: dict[str, int], failing: list[dict[str, Any]]) -> None:
    for it in failing:
        where = f" {it['pointer']}" if it["pointer"] else ""
        print_line(f"line {it['line']} ({it['key'] or 'no key'}): {it['code']}{where}: {it['detail']}")
    print_line(", ".join(f"{counts[name]} {name}" for name in OUTCOMES))
