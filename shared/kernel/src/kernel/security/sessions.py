"""Sessions of people who have signed in to a page with an API key, and the tokens of the page's forms.

The session is in a cookie, signed under a key that all replicas of the service have; nothing is stored. It
names the API key by its hash, so it ends when the key is revoked.
"""

from __future__ import annotations

import hmac
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from datetime import UTC, datetime
from hashlib import sha256
from typing import NamedTuple

SESSION_LABEL, FORM_LABEL = b"feira session\0", b"feira form\0"
"""So that nothing else that is signed under the same key passes as one of them."""
MAX_LENGTH = 400
NONCE_BYTES = 18


class Session(NamedTuple):
    nonce: str
    """Made at random for each session: the tokens of its forms are bound to it."""
    key_hash: str
    """Of the API key; empty before the sign-in. Keys have far too many bits to be found by it."""
    expires_at: datetime


def new_session(key_hash: str, expires_at: datetime) -> Session:
    return Session(secrets.token_urlsafe(NONCE_BYTES), key_hash, expires_at)


def make_session_token(key: bytes, session: Session) -> str:
    expiry = f"{session.expires_at.timestamp():.0f}"
    signed = f"{session.nonce}.{session.key_hash}.{expiry}"
    return f"{signed}.{_digest(key, SESSION_LABEL, signed)}"


def read_session_token(keys: Iterable[bytes], token: str, now: datetime) -> Session | None:
    """None if it was not made under one of ``keys``, or has expired."""
    signed, _, digest = token.rpartition(".")
    if len(token) > MAX_LENGTH or not _is_signed(keys, SESSION_LABEL, signed, digest):
        return None
    nonce, key_hash, expiry = signed.split(".")
    expires_at = datetime.fromtimestamp(int(expiry), UTC)
    return Session(nonce, key_hash, expires_at) if expires_at > now else None


def make_form_token(key: bytes, session: Session) -> str:
    """Proves that a form was made for this session."""
    return _digest(key, FORM_LABEL, session.nonce)


def is_form_token(keys: Iterable[bytes], token: str, session: Session) -> bool:
    return _is_signed(keys, FORM_LABEL, session.nonce, token)


def _digest(key: bytes, label: bytes, signed: str) -> str:
    return urlsafe_b64encode(hmac.digest(key, label + signed.encode(), sha256)).decode().rstrip("=")


def _is_signed(keys: Iterable[bytes], label: bytes, signed: str, digest: str) -> bool:
    given = digest.encode()
    return any(hmac.compare_digest(_digest(it, label, signed).encode(), given) for it in keys)
