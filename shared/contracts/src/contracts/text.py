"""Texts that people type, the same to every service: what is kept of them, and when two are the same name."""

from __future__ import annotations

import re
from unicodedata import normalize

INVISIBLE = (
    r"\u0000-\u001f\u007f-\u009f\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890-\u0891\u08e2\u115f-\u1160"
    r"\u17b4-\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0"
    r"\ufff0-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    r"\U000e0000-\U000e0fff"
)
"""Controls, formats (Unicode's Cc, Cf, Zl, Zp), what is ignorable by default, and letters that are blank."""
EDGES = (
    "\t\n\v\f\r \u0085\u00a0\u00ad\u061c\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009"
    "\u200a\u200b\u200e\u200f\u2028\u2029\u202f\u205f\u2060\u2061\u2062\u2063\u2064\u3000\ufeff"
)
"""Blanks and unseen marks that come along with a copied text. Joiners are not among them: the last one of an
emoji belongs to it."""

_UNSEEN = re.compile(f"[{INVISIBLE}]")
_SEEN = re.compile(rf"[^\s{INVISIBLE}]")


def trimmed(text: str) -> str:
    """As it is kept and shown: as typed, without what clings to its ends."""
    return text.strip(EDGES)


def is_visible(text: str) -> bool:
    return bool(_SEEN.search(text))


def folded(text: str) -> str:
    """The same for two SKUs, or two discount codes, that count as one: case, what cannot be seen, and blanks
    around make no difference; another letter that only looks alike does."""
    seen = normalize("NFC", _UNSEEN.sub("", text)).strip()
    return normalize("NFC", seen.casefold())
