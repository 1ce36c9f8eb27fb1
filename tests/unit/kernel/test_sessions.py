"""Sessions of pages: signed, for a limited time, and each with tokens of its own for its forms."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from kernel.security.sessions import (
    is_form_token,
    make_form_token,
    make_session_token,
    new_session,
    read_session_token,
)

KEY, OLD, OTHER = (bytes([it]) * 32 for it in range(3))
NOW = datetime(2026, 3, 1, tzinfo=UTC)
SESSION = new_session("ab" * 32, NOW + timedelta(hours=1))


def test_a_session_is_read_as_it_was_made() -> None:
    assert read_session_token([KEY], make_session_token(KEY, SESSION), NOW) == SESSION


def test_a_session_under_an_older_key_is_still_read() -> None:
    assert read_session_token([KEY, OLD], make_session_token(OLD, SESSION), NOW) == SESSION


def test_a_session_ends_at_its_time() -> None:
    token = make_session_token(KEY, SESSION)
    assert read_session_token([KEY], token, SESSION.expires_at - timedelta(seconds=1))
    assert read_session_token([KEY], token, SESSION.expires_at) is None


TOKEN = make_session_token(KEY, SESSION)
NONCE, HASH, EXPIRY, DIGEST = TOKEN.split(".")


@pytest.mark.parametrize(
    "changed",
    [
        "",
        "....",
        TOKEN + "x",
        make_session_token(OTHER, SESSION),
        f"{NONCE}.{'cd' * 32}.{EXPIRY}.{DIGEST}",
        f"{NONCE}.{HASH}.{int(EXPIRY) + 1}.{DIGEST}",
        f"{NONCE}.{HASH}.{EXPIRY}.{make_form_token(KEY, SESSION)}",
        "ü" * 20,
        TOKEN * 10,
    ],
    ids=[
        "none",
        "dots",
        "longer",
        "another key",
        "another hash",
        "a later end",
        "a form's",
        "no ASCII",
        "long",
    ],
)
def test_a_changed_session_is_none(changed: str) -> None:
    assert read_session_token([KEY], changed, NOW) is None


def test_a_form_is_taken_in_its_own_session_alone() -> None:
    token = make_form_token(KEY, SESSION)
    assert is_form_token([OTHER, KEY], token, SESSION)
    another = new_session(SESSION.key_hash, SESSION.expires_at)
    assert not is_form_token([KEY], token, another)
    assert not is_form_token([OTHER], token, SESSION)
    assert not is_form_token([KEY], "", SESSION)
