"""Take out of a text what must not be written: e-mail addresses, keys, tokens, passwords, card numbers."""

from __future__ import annotations

import re

from kernel.card_numbers import without_card_numbers

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


def redact(text: str) -> str:
    for sign, secret in SIGNS:
        if sign in text:
            text = secret.sub(HIDDEN, text)
    return without_card_numbers(text, HIDDEN)
