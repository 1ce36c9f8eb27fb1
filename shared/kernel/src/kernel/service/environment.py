"""Where settings come from: variables with the prefix ``FEIRA_``, or files with their names."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

S = TypeVar("S", bound=BaseSettings)

PREFIX = "FEIRA_"
SECRETS_DIR = f"{PREFIX}SECRETS_DIR"
CONFIG = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore", hide_input_in_errors=True)
"""Of every class of settings."""
FIELD = re.compile(r'field "(\w+)"')


class InvalidSettings(ValueError):
    """What is wrong with the settings, in one line and without their values."""


def read(kind: type[S]) -> S:
    """The settings of a program. Exits with one line that says what is wrong with them."""
    try:
        return load(kind)
    except InvalidSettings as invalid:
        sys.exit(str(invalid))


def load(kind: type[S], **given: Any) -> S:
    """The settings from the environment, or from files named like its variables (``feira_database_url``) in
    the folder ``FEIRA_SECRETS_DIR``; those that are ``given`` come first. Raises ``InvalidSettings``."""
    folder = os.environ.get(SECRETS_DIR) or None
    if folder and not Path(folder).is_dir():
        raise InvalidSettings(f"{SECRETS_DIR}: there is no folder {folder}")
    try:
        return kind(_secrets_dir=folder, **given)
    except SettingsError as unparsed:
        # the only attribute of the error is its text, which names the field; its cause holds the value
        fields = FIELD.findall(str(unparsed))
        raise InvalidSettings(_sentence(tuple(fields), "must be valid JSON")) from None
    except ValidationError as invalid:
        errors = invalid.errors(include_input=False)
        raise InvalidSettings("; ".join(_sentence(it["loc"], it["msg"]) for it in errors)) from None


def _sentence(path: tuple[int | str, ...], message: str) -> str:
    """The variable, the place within its JSON such as ``demo.per_key``, and what is wrong there."""
    reason = message.removeprefix("Value error, ")
    if not path:
        return reason
    name, *within = map(str, path)
    return ": ".join([f"{PREFIX}{name.upper()}", *([".".join(within)] if within else []), reason])
