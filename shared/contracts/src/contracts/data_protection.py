"""Declarations of the data that the platform must protect. Plain data, no input or output."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PrivateFields:
    """Hidden in logs in addition to what every log hides."""

    words: frozenset[str] = frozenset()
    """A field is hidden if one of these is a part of its name, such as ``account`` of ``account_holder``."""
    allowed: frozenset[str] = frozenset()
    """Fields that are written although a part of their name is such a word."""
    token_prefixes: tuple[str, ...] = ()
    """Beginnings of secrets in texts."""


@dataclass(frozen=True, slots=True)
class SubjectKeys:
    """Where a service stores one key for each person whose data it encrypts, and what keys are derived for.

    All of it is part of stored data and never changes: with another label nothing could be decrypted.
    """

    table: str
    """Has ``tenant``, the subject's column and ``wrapped_key``."""
    subject_column: str
    wrapping_label: bytes
    """Derives from a master key the key that wraps the subjects' keys."""
    secrets_table: str
    """Has ``name`` and ``wrapped``."""
    pseudonym_secret: str
    """The name in ``secrets_table`` of the key from which pseudonyms are derived."""
    pseudonym_owner: bytes
    """Authenticated with that wrapped key."""
    pseudonym_label: bytes
    """Derives from a master key the first pseudonym key of a database."""
