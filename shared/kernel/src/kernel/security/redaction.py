"""Hide secrets and personal data in a text: e-mail addresses, keys, tokens, passwords, card numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TypeAlias

from kernel.security.card_numbers import without_card_numbers

HIDDEN = "[hidden]"
PLAIN = r"[^\s@\"'<>()\[\]{},;=:?&/\\]"
Patterns: TypeAlias = tuple[tuple[str, re.Pattern[str]], ...]
"""A marker that every text with such a secret contains, and the secret itself.

Finding the marker is cheap; the pattern runs only then, in time linear in the length of the text.
"""
PATTERNS: Patterns = (
    ("://", re.compile(r"(?<=://)[^\s/@]{0,99}:[^\s/]{0,999}(?=@)")),
    ("@", re.compile(rf"(?<!{PLAIN}){PLAIN}+@{PLAIN}+")),
    ("%40", re.compile(rf"(?<!{PLAIN}){PLAIN}+%40{PLAIN}+")),
    ("?", re.compile(r"(?<=[\w/}])\?[^\s\"'?=]+=[^\s\"']*")),
    ("feira_", re.compile(r"\bfeira_[a-z][a-z0-9-]*_[\w-]+")),
    ("earer ", re.compile(r"(?<=earer )\S+")),
    # PostgreSQL's detail of a violated constraint: Key (tenant, name)=(demo, Ann)
    (")=(", re.compile(r"(?<=\)=\().{0,999}(?=\))")),
)


def token_patterns(prefixes: Iterable[str]) -> Patterns:
    """Patterns for tokens that begin with one of these prefixes."""
    return tuple((it, re.compile(rf"\b{re.escape(it)}\w+")) for it in prefixes)


def redact(text: str, patterns: Patterns = PATTERNS) -> str:
    for marker, secret in patterns:
        if marker in text:
            text = secret.sub(HIDDEN, text)
    return without_card_numbers(text, HIDDEN)
