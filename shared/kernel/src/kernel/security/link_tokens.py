"""The tokens of links: they lead to one thing of a tenant, without an API key, until they expire.

The service that makes a token and the one that reads it share the link key. Tokens are not stored.
"""

from __future__ import annotations

import hmac
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import NamedTuple
from uuid import UUID

FORMAT = struct.Struct(">B16sHQ")
"""Version, subject, attempt, and expiry in microseconds since 1970; the tenant follows."""
VERSION = 1
DIGEST_BYTES = sha256().digest_size
MAX_TOKEN_LENGTH = 400
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
LABEL = b"feira recovery link\0"
"""So that nothing else that is signed under the same key passes as a link."""


class LinkToken(NamedTuple):
    tenant: str
    subject_id: UUID
    attempt: int
    """Which link to this subject it is, such as that of the second message about it."""
    expires_at: datetime


def make_link_token(
    key: bytes, tenant: str, subject_id: UUID, attempt: int, expires_at: datetime, label: bytes = LABEL
) -> str:
    """The same token for the same arguments, so that a repeated message has the same link. ``label``: of the
    kind of links, so that one of another kind does not pass."""
    expiry = (expires_at - EPOCH) // MICROSECOND
    signed = FORMAT.pack(VERSION, subject_id.bytes, attempt, expiry) + tenant.encode()
    return urlsafe_b64encode(signed + _digest(key, signed, label)).decode().rstrip("=")


def read_link_token(
    keys: Iterable[bytes], token: str, now: datetime, label: bytes = LABEL
) -> LinkToken | None:
    """What the token says; None if it was not made under one of ``keys``, or has expired."""
    decoded = _decoded(token)
    signed, digest = decoded[:-DIGEST_BYTES], decoded[-DIGEST_BYTES:]
    known = any(hmac.compare_digest(digest, _digest(it, signed, label)) for it in keys)
    if len(signed) <= FORMAT.size or not known:
        return None
    version, subject_id, attempt, expiry = FORMAT.unpack_from(signed)
    expires_at = EPOCH + expiry * MICROSECOND
    if version != VERSION or expires_at <= now:
        return None
    return LinkToken(signed[FORMAT.size :].decode(), UUID(bytes=subject_id), attempt, expires_at)


def _decoded(token: str) -> bytes:
    """Empty if it is not what ``make_link_token`` writes."""
    try:
        decoded = urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
    except (UnicodeEncodeError, NotBase64):
        return b""
    is_exact = urlsafe_b64encode(decoded).decode().rstrip("=") == token
    return decoded if is_exact and len(token) <= MAX_TOKEN_LENGTH else b""


def _digest(key: bytes, signed: bytes, label: bytes) -> bytes:
    return hmac.digest(key, label + signed, sha256)
