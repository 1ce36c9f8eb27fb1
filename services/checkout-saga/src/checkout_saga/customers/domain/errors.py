"""The refusals of customers; the docstrings become docs/errors.md."""

from kernel.domain import FieldPath, Refused


class InvalidEmail(Refused):
    """The text is not an e-mail address."""

    code = "INVALID_EMAIL"

    def __init__(self, field: FieldPath, detail: str) -> None:
        super().__init__(detail, field=field)
