"""A log is copied and emptied under a program that goes on to write."""

import os
import shutil
from pathlib import Path
from typing import BinaryIO

import pytest

from devstack.log_rotation import KEEP, rotate


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "kafka.log"


def write(log: Path, text: str) -> None:
    with log.open("a") as opened:
        opened.write(text)


def test_a_log_up_to_the_size_stays(log: Path) -> None:
    write(log, "0123456789")
    rotate(log, 10)
    assert [(it.name, it.read_text()) for it in log.parent.iterdir()] == [("kafka.log", "0123456789")]


def test_a_program_writes_on_at_the_begin_of_the_same_file(log: Path) -> None:
    with log.open("ab", buffering=0) as program:
        for number in range(3):
            program.write(b"line %d\n" % number)
            rotate(log, 1)
        program.write(b"the last\n")
        assert os.path.samestat(os.fstat(program.fileno()), log.stat())
    assert log.read_text() == "the last\n"
    assert [log.with_name(f"kafka.log.{it}").read_text() for it in (1, 2, 3)] == [
        "line 2\n",
        "line 1\n",
        "line 0\n",
    ]


def test_what_is_written_while_the_log_is_copied_is_kept(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(log, "before\n")
    copy, late = shutil.copyfileobj, ["meanwhile\n"]

    def copied(source: BinaryIO, target: BinaryIO) -> None:
        copy(source, target)
        if late:
            write(log, late.pop())

    monkeypatch.setattr(shutil, "copyfileobj", copied)
    rotate(log, 1)
    assert log.with_name("kafka.log.1").read_text() == "before\nmeanwhile\n"
    assert log.read_text() == ""


def test_only_the_latest_are_kept(log: Path) -> None:
    for number in range(KEEP + 3):
        write(log, f"line {number}\n")
        rotate(log, 1)
    assert {it.name for it in log.parent.iterdir()} == {
        "kafka.log",
        *(f"kafka.log.{it}" for it in range(1, KEEP + 1)),
    }
    assert log.with_name(f"kafka.log.{KEEP}").read_text() == "line 3\n"


def test_a_log_that_cannot_be_copied_grows_on(log: Path) -> None:
    log.with_name("kafka.log.0").mkdir()
    write(log, "line\n")
    rotate(log, 1)
    assert log.read_text() == "line\n"
    rotate(log.with_name("missing.log"), 1)
