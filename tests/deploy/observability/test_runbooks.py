"""Each alert has a page that says what to do, with commands that exist."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.core import TyperGroup

from cli.main import new_app
from deploy.observability.rule_files import RULES, alert_names

PAGES = sorted((RULES.parent / "runbooks").glob("*.md"))
SECTIONS = (
    "**What it means.**",
    "**What customers see.**",
    "**First look.**",
    "**What to do.**",
    "**When to escalate.**",
)
IN_BLOCK = re.compile(r"^feira .*?(?=\s+#|$)", re.MULTILINE)
IN_TEXT = re.compile(r"`(feira [^`]+)`")
BLOCK = re.compile(r"^```\n(.*?)^```", re.MULTILINE | re.DOTALL)
NEEDS_DATABASES = re.compile(
    r"feira (?:verify(?!.*--last)|events|recover-log|backup|restore|topics|databases|saga export|keys rewrap)"
)
COMMANDS = typer.main.get_command(new_app())


def commands(page: str) -> list[str]:
    return [*IN_BLOCK.findall(page), *(" ".join(it.split()) for it in IN_TEXT.findall(page))]


def unknown(command: str) -> str | None:
    """What of a command the CLI does not know: a sub-command, or an option."""
    found: Any = COMMANDS
    rest = shlex.split(command)[1:]
    while isinstance(found, TyperGroup):
        if not rest or rest[0] not in found.commands:
            return f"no command {rest[:1]}"
        found = found.commands[rest.pop(0)]
    known = {option for it in found.params for option in (*it.opts, *it.secondary_opts)} | {"--help"}
    missing = [it for it in rest if it.startswith("-") and it not in known]
    return f"no options {missing}" if missing else None


def test_each_alert_has_a_runbook_and_each_runbook_an_alert() -> None:
    assert {it.stem for it in PAGES} == alert_names()


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_a_runbook_has_all_sections(page: Path) -> None:
    text = page.read_text()
    places = [text.find(it) for it in SECTIONS]
    assert -1 not in places
    assert places == sorted(places)


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_the_commands_of_a_runbook_exist(page: Path) -> None:
    found = commands(page.read_text())
    assert {command: problem for command in found if (problem := unknown(command))} == {}


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_a_page_for_a_cluster_asks_nothing_that_needs_its_databases(page: Path) -> None:
    assert [*of_one_machine(page.read_text())] == []


def of_one_machine(page: str) -> Iterator[str]:
    """Commands that a context refuses, without a word of it or without another way on Kubernetes."""
    for block in BLOCK.findall(page):
        for line in block.splitlines():
            if NEEDS_DATABASES.match(line) and ("one machine" not in line or "kubectl" not in block):
                yield line


def test_a_command_that_needs_databases_is_found() -> None:
    assert [*of_one_machine("```\nfeira verify\nfeira verify --last\n```")] == ["feira verify"]
    assert [*of_one_machine("```\nfeira events tail   # one machine\n```")] != []
    assert [*of_one_machine("```\nfeira verify  # one machine\nkubectl get jobs\n```")] == []


def test_commands_are_found_and_wrong_ones_refused() -> None:
    assert commands("```\nfeira status   # why\n```\nthen `feira saga\nshow ID`") == [
        "feira status",
        "feira saga show ID",
    ]
    assert unknown("feira parked lits") == "no command ['lits']"
    assert unknown("feira parked list --al") == "no options ['--al']"
    assert unknown("feira parked list --json") is None
    assert sum(len(commands(it.read_text())) for it in PAGES) > 30
