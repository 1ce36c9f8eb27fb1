"""Encrypted values of facts are found at any depth, also in types of facts that are added later."""

from __future__ import annotations

import re
from pathlib import Path

import contracts
from checkout_saga.privacy.domain.sealed import SEALED, opened, sealed_in, texts_in, without_sealed

BODY = {
    "personal": "one",
    "payment_token": "two",
    "name": "three",
    "gifts": {"recipients": {"a": 1}, "personal": "four"},
    "list": [{"personal": "five"}, "six", 7, None],
}


def test_encrypted_texts_are_found_at_any_depth() -> None:
    assert list(sealed_in(BODY)) == ["one", "two", "four", "five"]
    assert list(texts_in(BODY)) == ["one", "two", "three", "four", "five", "six"]


def test_a_body_is_opened_without_payment_tokens() -> None:
    assert opened(BODY, lambda it: {"was": it} if it != "five" else None) == {
        "personal": {"was": "one"},
        "name": "three",
        "gifts": {"recipients": {"a": 1}, "personal": {"was": "four"}},
        "list": [{"personal": None}, "six", 7, None],
    }


def test_every_field_that_a_contract_calls_encrypted_is_counted() -> None:
    """A new one is called ``personal``, or added to ``SEALED``."""
    named: set[str] = set()
    for module in Path(contracts.__file__).parent.glob("*.py"):
        for sentence in re.findall(r'"""[^"]*encrypted[^"]*"""', module.read_text()):
            named |= {it for it in re.findall(r"``(\w+)``", sentence) if "encrypt" in sentence}
    assert {"personal", "payment_token", "action"} <= named
    assert named <= SEALED


def test_a_body_is_shown_without_what_is_encrypted_and_without_the_named_fields() -> None:
    assert without_sealed({**BODY, "url": "https://bank.example/1"}, also={"url"}) == {
        "name": "three",
        "gifts": {"recipients": {"a": 1}},
        "list": [{}, "six", 7, None],
    }
