"""What PostgreSQL stores of a password (RFC 5802, RFC 7677), made here: no statement then holds the password,
which a server may log."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

from cli.errors import StackError

ITERATIONS = 4096
SALT_BYTES = 16


def verifier_of(password: str) -> str:
    """In the form of ``pg_authid.rolpassword``, with a new salt. Raises ``StackError`` for an empty password,
    and for characters that clients may normalize in different ways."""
    if not password or not password.isascii() or not password.isprintable():
        raise StackError("The password of a role must be printable ASCII, and not empty.")
    salt = secrets.token_bytes(SALT_BYTES)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, ITERATIONS)
    client_key = hmac.digest(salted, b"Client Key", "sha256")
    server_key = hmac.digest(salted, b"Server Key", "sha256")
    stored_key = hashlib.sha256(client_key).digest()
    coded = (base64.b64encode(it).decode() for it in (salt, stored_key, server_key))
    return "SCRAM-SHA-256${}:{}${}:{}".format(ITERATIONS, *coded)
