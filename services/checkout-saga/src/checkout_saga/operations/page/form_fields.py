"""The fields of the pages' forms, with the same limits as those of requests over HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from pydantic import ValidationError

from kernel.http.problems import invalid
from kernel.http.requests import Body, ShortText

F = TypeVar("F", bound=Body)


class FormOfPage(Body):
    form_token: str
    action: str


class ActionForm(FormOfPage):
    reason: ShortText
    reference: ShortText | None = None
    version: str
    step: str


class RetryForm(FormOfPage):
    pass


class DiscardForm(FormOfPage):
    reason: ShortText


def read_as(kind: type[F], fields: Mapping[str, str]) -> F:
    """Fields that are left empty count as left out. Raises a ``Problem``."""
    try:
        return kind.model_validate({name: value for name, value in fields.items() if value})
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(map(str, first["loc"]))
        raise invalid(f"{name}: {first['msg']}", f"/{name}") from None
