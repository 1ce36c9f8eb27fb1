"""The kernel is a platform: its code, comments and SQL have no words of the business."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
KERNEL = ROOT / "shared/kernel"
FILES = sorted(
    it
    for it in KERNEL.rglob("*")
    if it.suffix in {".py", ".sql", ".md", ".toml"} and not {".venv", "build"} & {*it.parts}
)
BUSINESS = frozenset(
    {
        *("basket", "cart", "checkout", "merchant", "order", "purchase", "shop", "shopper", "storefront"),
        *(
            "brand",
            "bundle",
            "catalog",
            "catalogue",
            "inventory",
            "offer",
            "product",
            "seller",
            "sku",
            "stock",
        ),
        *("coupon", "discount", "price", "pricing", "promotion", "redemption", "sale", "tax", "vat"),
        *("bank", "capture", "card", "currency", "gateway", "invoice", "payment", "payout", "refund"),
        *("buyer", "customer", "delivery", "fulfillment", "guest", "shipping", "subscription", "vendor"),
        *("reservation", "return_request", "warehouse"),
    }
)
"""In the singular; the plural counts as the same word."""
WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
"""Identifiers are split where their case changes, and at underscores."""
ALLOWED: dict[str, str] = {
    r"ORDER BY|OrderedDict": "a sequence: SQL and the standard library",
    r"BYTE_ORDER_MARK": "the mark at the beginning of a text",
    r"(?:in|their|key|commit|byte|time)[ _]order(?![a-z_])": "a sequence",
    r"(?<![a-z])order (?:of|in which|is)": "a sequence",
    r"card[ _]numbers?": "refused everywhere, whatever a service does",
    r"pg_catalog": "PostgreSQL's own schema",
    r"swagger-ui-bundle": "a file of Swagger UI",
    r"capture_signals": "a method of uvicorn",
    r"(?<![a-z])currency(?![a-z])": "the kernel's type of an amount of money, by ISO 4217, for all services",
    r"'storefront'": "a migration that is applied is never changed",
    r"customer_key\.after_write|gateway\.(?:before|after)_\w+": "public names of failpoints",
}
"""Phrase to why a word of the list may stand in it."""
OTHERWISE_MEANT = re.compile("|".join(ALLOWED), re.IGNORECASE)


def singular(word: str) -> str:
    return word[:-1] if word.endswith("s") and word[:-1] in BUSINESS else word


def words_in(text: str) -> Iterator[tuple[int, str]]:
    """Business words with the numbers of their lines."""
    for number, line in enumerate(text.splitlines(), 1):
        for it in WORD.findall(OTHERWISE_MEANT.sub(" ", line)):
            if singular(it.lower()) in BUSINESS:
                yield number, singular(it.lower())


def test_no_business_word_stands_in_the_kernel() -> None:
    found = {path: [*words_in(path.read_text()), *words_in(path.stem)] for path in FILES}
    assert {path: words for path, words in found.items() if words} == {}


@pytest.mark.parametrize("phrase", ALLOWED)
def test_each_allowed_phrase_still_occurs(phrase: str) -> None:
    assert any(re.search(phrase, it.read_text(), re.IGNORECASE) for it in FILES)


@pytest.mark.parametrize(
    "text", ["class CartView:", "open_checkout", "the Customers' keys", "GATEWAY_URL", "an order's id"]
)
def test_a_business_word_is_found(text: str) -> None:
    assert list(words_in(text))


@pytest.mark.parametrize(
    "text", ["ORDER BY position", "in order", "the order of the log", "production", "a card number"]
)
def test_a_word_that_means_something_else_is_not(text: str) -> None:
    assert not list(words_in(text))
