"""A log file is replaced by a new one when it is too large; no line is lost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kernel.observability.log_file import CHECK_SECONDS, LogFile

LINES = 3000
PROGRAM = """
import sys, structlog
from pathlib import Path
from contracts.private_fields import PRIVATE_FIELDS
from kernel.observability import log_file
from kernel.observability.logging import configure, log_fast

log_file.CHECK_SECONDS = 0
configure("info", {"process": "cart"}, PRIVATE_FIELDS, log_file.LogFile(Path(sys.argv[1]), 0.02, 100))
log = structlog.get_logger()
for number in range(0, 3000, 2):
    log.info("slow", number=number)
    log_fast("fast", number=number + 1)
print("the interpreter's own words", file=sys.stderr)
"""


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += CHECK_SECONDS
        return self.now


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cart.log"


@pytest.fixture
def descriptor(path: Path) -> Iterator[int]:
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    yield descriptor
    os.close(descriptor)


def test_every_line_of_a_process_is_in_one_of_its_files(path: Path) -> None:
    with path.open("ab") as output:
        subprocess.run([sys.executable, "-c", PROGRAM, path], stderr=output, check=True)
    texts = [it.read_text() for it in path.parent.iterdir()]
    *lines, last = "".join(sorted(texts, key=_first_number)).splitlines()
    assert last == "the interpreter's own words"
    assert [json.loads(it)["number"] for it in lines] == list(range(LINES))
    assert len(texts) > 10
    assert max(map(len, texts)) < 22_000
    assert "interpreter" in path.read_text()


def _first_number(text: str) -> int:
    first = text.partition("\n")[0]
    return int(json.loads(first)["number"]) if first.startswith("{") else LINES


def test_no_more_files_are_kept_than_were_asked_for(path: Path, descriptor: int) -> None:
    file = LogFile(path, 0.00001, 2, descriptor, Clock())
    for number in range(6):
        file.check()
        os.write(descriptor, b"%d: longer than ten bytes\n" % number)
    assert {it.name: it.read_text()[0] for it in path.parent.iterdir()} == {
        "cart.log": "5",
        "cart.log.1": "4",
        "cart.log.2": "3",
    }


def test_a_small_file_is_left_alone(path: Path, descriptor: int) -> None:
    file = LogFile(path, 1, 2, descriptor, Clock())
    for _ in range(3):
        file.check()
        os.write(descriptor, b"a line\n")
    assert [it.name for it in path.parent.iterdir()] == ["cart.log"]


def test_a_process_that_died_between_two_renames_overwrites_nothing(path: Path, descriptor: int) -> None:
    """The state that a death leaves: the latest predecessor is missing, and the file is still too large."""
    os.write(descriptor, b"the present one\n")
    (path.parent / "cart.log.2").write_text("an older one")
    LogFile(path, 0.00001, 3, descriptor, Clock()).check()
    assert (path.parent / "cart.log.1").read_text() == "the present one\n"
    assert (path.parent / "cart.log.3").read_text() == "an older one"


def test_a_file_that_somebody_has_taken_away_is_made_again(path: Path, descriptor: int) -> None:
    path.unlink()
    LogFile(path, 1, 2, descriptor, Clock()).check()
    os.write(descriptor, b"a line\n")
    assert path.read_text() == "a line\n"


def test_where_no_file_can_be_made_the_lines_go_on_to_the_old_one(path: Path, descriptor: int) -> None:
    file = LogFile(path / "no folder" / "cart.log", 0.00001, 2, descriptor, Clock())
    for _ in range(3):
        file.check()
        os.write(descriptor, b"a longer line\n")
    assert path.read_text() == "a longer line\n" * 3
