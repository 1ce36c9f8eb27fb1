"""Comparison of discount codes, however they are typed."""

import re
from unicodedata import normalize

from contracts.text import folded

ALLOWED = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?")


def canonical(code: str) -> str | None:
    """The key to look up a code by, or None if no promotion can have such a code."""
    key = folded(code)
    return key if ALLOWED.fullmatch(key) else None


def key_of(code: str) -> str:
    """The key of a promotion's own code. A code from before full-width letters were refused keeps its NFKC
    key."""
    return canonical(code) or normalize("NFKC", code.strip()).casefold()
