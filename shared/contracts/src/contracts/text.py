"""Normalisation of texts that people type, and comparison of names. Every service uses the same rules."""

from __future__ import annotations

import re
from unicodedata import normalize

INVISIBLE = (
    r"\u0000-\u001f\u007f-\u009f\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890-\u0891\u08e2\u115f-\u1160"
    r"\u17b4-\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0"
    r"\ufff0-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    r"\U000e0000-\U000e0fff"
)
"""Control and format characters (Unicode's Cc, Cf, Zl, Zp), default ignorables, and blank letters."""
EDGES = (
    "\t\n\v\f\r \u0085\u00a0\u00ad\u061c\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009"
    "\u200a\u200b\u200e\u200f\u2028\u2029\u202f\u205f\u2060\u2061\u2062\u2063\u2064\u3000\ufeff"
)
"""Blanks and invisible characters at the ends of a copied text. Joiners are not included: one at the end
of an emoji is part of it."""

_INVISIBLE_CHARACTER = re.compile(f"[{INVISIBLE}]")
_VISIBLE_CHARACTER = re.compile(rf"[^\s{INVISIBLE}]")


def trimmed(text: str) -> str:
    """The text as it is stored and shown: as typed, without blanks and invisible characters at its ends."""
    return text.strip(EDGES)


def is_visible(text: str) -> bool:
    return bool(_VISIBLE_CHARACTER.search(text))


def folded(text: str) -> str:
    """The key by which SKUs and discount codes are compared. Case, invisible characters and blanks at the
    ends make no difference; different letters that look alike do."""
    visible = normalize("NFC", _INVISIBLE_CHARACTER.sub("", text)).strip()
    return normalize("NFC", visible.casefold())
