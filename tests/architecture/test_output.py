"""Commands write through `cli.output` and `cli.console` alone: both escape control characters."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import cli
import demo
import devstack
import verify

ROOTS = [Path(str(it.__file__)).parent for it in (cli, demo, devstack, verify)]
WRITERS = {"output.py", "console.py"}
BARE = {"print", "Console", "get_console", "typer.echo", "typer.secho", "click.echo", "click.secho"}
STREAMS = {"sys.stdout", "sys.stderr"}


def bare(tree: ast.AST) -> Iterator[str]:
    """Places that write directly to the terminal, or switch the escaping off."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and (name := ast.unparse(node.func)) in BARE:
            yield f"{node.lineno}: {name}"
        elif isinstance(node, ast.Attribute) and ast.unparse(node) in STREAMS:
            yield f"{node.lineno}: {ast.unparse(node)}"
        elif isinstance(node, ast.keyword) and node.arg in {"markup", "ensure_ascii"}:
            yield f"{node.lineno}: {node.arg}"


def test_commands_write_only_through_output_and_console() -> None:
    found = {
        str(path.relative_to(root.parent)): past
        for root in ROOTS
        for path in root.rglob("*.py")
        if path.name not in WRITERS and (past := list(bare(ast.parse(path.read_text()))))
    }
    assert found == {}


def test_direct_writes_are_found() -> None:
    code = "print(a); typer.echo(b); Console().print(c); sys.stdout.write(d); dumps(e, ensure_ascii=False)"
    assert len(list(bare(ast.parse(code)))) == 5
