"""When two discount codes are the same code, however they are typed."""

import re
from unicodedata import normalize

from contracts.text import folded

ALLOWED = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?")


def canonical(code: str) -> str | None:
    """What a code is looked up by, or None where no promotion can have such a code."""
    key = folded(code)
    return key if ALLOWED.fullmatch(key) else None


def key_of(code: str) -> str:
    """What a promotion's own code is found by. One that was made while letters of every width were taken for
    the plain ones keeps the name that it got then."""
    return canonical(code) or normalize("NFKC", code.strip()).casefold()
