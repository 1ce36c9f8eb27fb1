"""A link in a mail leads to one thing of one tenant until it expires, and nobody else can make one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from kernel.security.link_tokens import LinkToken, make_link_token, read_link_token

KEY, OLDER_KEY, FOREIGN_KEY = b"k" * 32, b"o" * 32, b"f" * 32
SUBJECT = UUID("019a2b3c-0000-7000-8000-000000000001")
NOW = datetime(2026, 3, 1, 10, 35, 0, 123456, tzinfo=UTC)
LATER = NOW + timedelta(hours=72)
TOKEN = make_link_token(KEY, "demo", SUBJECT, 2, LATER)


def test_a_token_says_what_it_was_made_of() -> None:
    assert read_link_token([KEY], TOKEN, NOW) == LinkToken("demo", SUBJECT, 2, LATER)


def test_a_repeated_message_has_the_same_link() -> None:
    assert make_link_token(KEY, "demo", SUBJECT, 2, LATER) == TOKEN


def test_a_token_needs_no_escaping_in_a_url() -> None:
    assert set(TOKEN) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


def test_a_link_that_was_sent_under_an_older_key_still_works() -> None:
    older = make_link_token(OLDER_KEY, "demo", SUBJECT, 1, LATER)
    assert read_link_token([KEY, OLDER_KEY], older, NOW) is not None
    assert read_link_token([KEY], older, NOW) is None


def test_a_token_expires() -> None:
    assert read_link_token([KEY], TOKEN, LATER - timedelta(microseconds=1)) is not None
    assert read_link_token([KEY], TOKEN, LATER) is None


def test_a_token_under_another_key_is_refused() -> None:
    assert read_link_token([KEY], make_link_token(FOREIGN_KEY, "demo", SUBJECT, 2, LATER), NOW) is None


@pytest.mark.parametrize("position", [0, 20, len(TOKEN) // 2, len(TOKEN) - 1])
def test_a_changed_token_is_refused(position: int) -> None:
    other = "A" if TOKEN[position] != "A" else "Q"
    assert read_link_token([KEY], TOKEN[:position] + other + TOKEN[position + 1 :], NOW) is None


@pytest.mark.parametrize(
    "token", ["", "A", "====", "ç", "\ud800", TOKEN[:-1], TOKEN + "A", f"{TOKEN}=", "A" * 5000]
)
def test_what_is_no_token_is_refused(token: str) -> None:
    assert read_link_token([KEY], token, NOW) is None
