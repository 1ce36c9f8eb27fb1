"""The fields of a form that a browser has sent."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl

from starlette.requests import Request

from kernel.http.problems import Problem, card_number, invalid
from kernel.security.card_numbers import holds_card_number

MEDIA_TYPE = "application/x-www-form-urlencoded"
MAX_FIELDS = 20
MALFORMED: Problem = invalid("The form cannot be read.", "")


async def read_form(request: Request) -> Mapping[str, str]:
    """Raises a ``Problem`` for what is no form, has a field twice, or holds a card number."""
    try:
        pairs = parse_qsl(
            (await request.body()).decode(),
            keep_blank_values=True,
            strict_parsing=True,
            errors="strict",
            max_num_fields=MAX_FIELDS,
        )
    except ValueError:
        raise MALFORMED from None
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise MALFORMED
    for name, value in fields.items():
        if holds_card_number(value):
            raise card_number(f"/{name}")
    return fields
