"""What strangers have written is shown to an operator, and gives no orders to the terminal."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.table import Table
from rich.text import Text

from cli.console import SafeConsole
from cli.dead_letters import parked_table
from cli.output import escape_control, print_json, print_line
from cli.tail import Message
from verify.check import Result
from verify.render import print_report
from verify.report import Report

CLEARS = "\x1b[2J"
TITLE = "\x1b]0;owned\x07"
C1 = "\x9b31m"
BIDI = "\u202egnp.exe\u2066"
UNSEEN = "a\u200bb\ufeffc\u2028d\U000e0041"
MARKUP = "[link=http://evil.example]click[/link] [bold]"
EVIL = f"{CLEARS}{MARKUP}{TITLE}{C1}{BIDI}{UNSEEN}\r\x08"
ORDERS = "\x1b\x07\x08\r\x9b\u202e\u2066\u200b\ufeff\u2028\U000e0041"


def shown(draw: Callable[[SafeConsole], object]) -> str:
    """On a terminal with colours: what we ourselves order is taken out again."""
    out = io.StringIO()
    console = SafeConsole(
        file=out, force_terminal=True, color_system=None, width=400, markup=False, emoji=False
    )
    draw(console)
    return out.getvalue()


def test_control_characters_are_escaped() -> None:
    assert escape_control(CLEARS) == r"\x1b[2J"
    assert escape_control(C1) == r"\x9b31m"
    assert escape_control(BIDI) == r"\u202egnp.exe\u2066"
    assert escape_control(UNSEEN) == r"a\u200bb\ufeffc\u2028d\U000e0041"


def test_ordinary_text_is_unchanged() -> None:
    text = "Zoë Müller, 東京, Ελλάδα, 👩, two\nlines\tand a tab"
    assert escape_control(text) == text


@given(st.text())
def test_no_invisible_character_remains(text: str) -> None:
    assert all(it.isprintable() or it in "\n\t" or it.isspace() for it in escape_control(text))


DRAWN: dict[str, Callable[[SafeConsole], object]] = {
    "a line": lambda it: it.print(EVIL),
    "a text": lambda it: it.print(Text(EVIL)),
    "a cell": lambda it: it.print(table(EVIL)),
    "a text in a cell": lambda it: it.print(table(Text(EVIL))),
    "a title": lambda it: it.print(Table("a", title=EVIL, width=300)),
    "a record of the tail": lambda it: it.print(
        Message("cart.events", 0, 1, EVIL, {"ce_type": EVIL, "ce_tenant": EVIL}, EVIL.encode()).as_line()
    ),
    "a violation": lambda it: print_report(report(), it),
    "a parked record": lambda it: it.print(parked_table([parked()])),
}


def table(cell: str | Text) -> Table:
    character = Table("what")
    character.add_row(cell)
    return character


def parked() -> dict[str, Any]:
    names = ("id", "reason", "type", "key", "parked_at", "error")
    return dict.fromkeys(names, EVIL) | {"resolution": None, "attempts": 1}


def report() -> Report:
    found = Result(EVIL, "a rule", violations=1, rows=[{"what": EVIL, "key": EVIL}])
    return Report({}, {}, [found], 1.0)


@pytest.mark.parametrize("what", DRAWN)
def test_console_output_contains_no_control_characters(what: str) -> None:
    output = shown(DRAWN[what])
    assert [it for it in ORDERS if it in output] == []
    assert r"\x1b[2J" in output
    assert "[link=http" in output, "what looks like markup is text"


def test_printed_lines_contain_no_control_characters(capsys: pytest.CaptureFixture[str]) -> None:
    print_line(EVIL)
    print_json({"key": EVIL})
    output = capsys.readouterr().out
    assert [it for it in ORDERS if it in output] == []
    assert json.loads("".join(output.splitlines()[-3:]))["key"] == EVIL
