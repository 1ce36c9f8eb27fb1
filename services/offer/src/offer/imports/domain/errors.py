"""The refusals of lines of imported files. Each docstring stands in docs/errors.md."""

from __future__ import annotations

from kernel.domain import FieldPath, Refused


class DuplicateKey(Refused):
    """An earlier line of the file has the same key."""

    code = "DUPLICATE_KEY"


class InvalidLine(Exception):
    """A line of a file is refused by itself, by the code of a request with the same fault."""

    def __init__(self, code: str, field: FieldPath, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.field = field
        self.detail = detail
