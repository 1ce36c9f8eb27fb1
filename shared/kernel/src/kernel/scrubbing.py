"""Take out of a text what must not be written: e-mail addresses, keys, tokens, passwords, card numbers."""

from __future__ import annotations

import re

HIDDEN = "[hidden]"
PLAIN = r"[^\s@\"'<>()\[\]{},;=:?&/\\]"
SIGNS = (
    ("://", re.compile(r"(?<=://)[^\s/@]{0,99}:[^\s/]{0,999}(?=@)")),
    ("@", re.compile(rf"(?<!{PLAIN}){PLAIN}+@{PLAIN}+")),
    ("%40", re.compile(rf"(?<!{PLAIN}){PLAIN}+%40{PLAIN}+")),
    ("?", re.compile(r"(?<=[\w/}])\?[^\s\"'?=]+=[^\s\"']*")),
    ("feira_", re.compile(r"\bfeira_[a-z][a-z0-9-]*_[\w-]+")),
    ("tok_", re.compile(r"\btok_\w+")),
    ("earer ", re.compile(r"(?<=earer )\S+")),
    # how PostgreSQL tells which row was in the way: Key (tenant, name)=(demo, Ann)
    (")=(", re.compile(r"(?<=\)=\().{0,999}(?=\))")),
)
"""What a text holds where it may hold a secret, and what the secret then looks like. The first is looked for
in no time; the second is read once from left to right, however long the text is."""
NUMBER = re.compile(r"(?<![\w-])(?:\d[ -]?){11,18}\d(?![\w-])")


def scrubbed(text: str) -> str:
    for sign, secret in SIGNS:
        if sign in text:
            text = secret.sub(HIDDEN, text)
    return NUMBER.sub(_without_card, text) if len(text) > 11 else text


def _without_card(found: re.Match[str]) -> str:
    return HIDDEN if _passes_luhn(found[0]) else found[0]


def _passes_luhn(number: str) -> bool:
    digits = [int(it) for it in reversed(number) if it.isdecimal()]
    doubled = (sum(divmod(2 * it, 10)) for it in digits[1::2])
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0
