"""Slugs from names."""

import re
from collections.abc import Iterator
from itertools import chain, count
from unicodedata import combining, normalize

MAX_LENGTH = 80
OTHERS = re.compile(r"[^a-z0-9]+")


def slug_of(name: str) -> str:
    """The name in plain letters and digits, or ``offer`` if it has none."""
    plain = "".join(it for it in normalize("NFKD", name) if not combining(it)).lower()
    return OTHERS.sub("-", plain).strip("-")[:MAX_LENGTH].strip("-") or "offer"


def candidates(slug: str) -> Iterator[str]:
    """The slug, and then the slug with -2, -3 and so on, never longer than a slug may be."""
    numbers = (f"-{number}" for number in count(2))
    return chain((slug,), (slug[: MAX_LENGTH - len(end)].rstrip("-") + end for end in numbers))
