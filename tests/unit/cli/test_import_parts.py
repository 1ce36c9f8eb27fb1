"""A file to import in parts that the service accepts."""

from pathlib import Path

import pytest

from cli import import_parts
from cli.errors import StackError
from cli.import_parts import parts_of


def test_each_part_of_a_csv_file_has_its_header_and_knows_the_lines_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_parts, "MAX_LINES", 2)
    file = tmp_path / "products.csv"
    file.write_bytes(b'\xef\xbb\xbfsku,name\r\n1,"Two\r\nlines"\r\n2,It\r\n3,It')
    parts = parts_of(file)
    assert [it.content for it in parts] == [
        b'sku,name\r\n1,"Two\r\nlines"\r\n2,It\r\n',
        b"sku,name\r\n3,It\r\n",
    ]
    assert [(it.lines, it.lines_before) for it in parts] == [(2, 0), (1, 3)]
    assert {it.media_type for it in parts} == {"text/csv"}


def test_json_lines_are_cut_where_a_part_would_be_too_large(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_parts, "MAX_BYTES", 20)
    file = tmp_path / "products.ndjson"
    file.write_text('{"sku": "1"}\n{"sku": "2"}\n')
    assert [it.content for it in parts_of(file)] == [b'{"sku": "1"}\n', b'{"sku": "2"}\n']


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(StackError, match=r"none\.csv"):
        parts_of(tmp_path / "none.csv")
    wrong = tmp_path / "wrong.csv"
    wrong.write_bytes(b"\xff")
    with pytest.raises(StackError, match="UTF-8"):
        parts_of(wrong)
