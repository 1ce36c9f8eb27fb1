"""When two discount codes are the same code, however they are typed."""

import re
from unicodedata import normalize

ALLOWED = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?")


def canonical(code: str) -> str | None:
    """What a code is looked up by, or None where no promotion can have such a code."""
    folded = normalize("NFKC", code.strip()).casefold()
    return folded if ALLOWED.fullmatch(folded) else None
