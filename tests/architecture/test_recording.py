"""Facts are recorded by the typed ``Aggregate.record``; the untyped method of the library is not used."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]
UNTYPED = "trigger_event"


def test_no_code_records_a_fact_by_untyped_keywords() -> None:
    files = [it for top in ("services", "shared", "tests", "benchmarks") for it in (ROOT / top).rglob("*.py")]
    calls = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in files
        if UNTYPED in (text := path.read_text())
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Attribute) and node.attr == UNTYPED
    ]
    assert len(files) > 500
    assert not calls, f"these call {UNTYPED} instead of record: {', '.join(calls)}"
