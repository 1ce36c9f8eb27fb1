"""The master key wraps the keys of customers; others that have done so still open what they wrapped."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE_BYTES = 12
KEY_BYTES = 32


class MasterKeys:
    def __init__(self, current: bytes, older: Sequence[bytes] = ()) -> None:
        every = (current, *older)
        self._wrapping = [_derived(it, b"feira wraps customer keys") for it in every]
        self._naming = [_derived(it, b"feira names guests") for it in every]

    @property
    def naming(self) -> bytes:
        """What guests were named under before there was a key of its own for it."""
        return self._naming[0]

    def naming_of_opener(self, wrapped: bytes, owner: bytes) -> bytes:
        """The same of the key that has wrapped this."""
        return self._naming[self._opened(wrapped, owner)[0]]

    def wrap(self, secret: bytes, owner: bytes) -> bytes:
        return seal(self._wrapping[0], secret, owner)

    def unwrap(self, wrapped: bytes, owner: bytes) -> bytes:
        """Raises ``InvalidTag`` where none of the keys has wrapped it, or not for this owner."""
        return self._opened(wrapped, owner)[1]

    def rewrapped(self, wrapped: bytes, owner: bytes) -> bytes | None:
        """Under the current key; None where it already is. Raises ``InvalidTag`` as ``unwrap`` does."""
        place, secret = self._opened(wrapped, owner)
        return None if place == 0 else self.wrap(secret, owner)

    def _opened(self, wrapped: bytes, owner: bytes) -> tuple[int, bytes]:
        for place, key in enumerate(self._wrapping):
            try:
                return place, unseal(key, wrapped, owner)
            except InvalidTag:
                continue
        raise InvalidTag


def seal(secret: bytes, data: bytes, owner: bytes) -> bytes:
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(secret).encrypt(nonce, data, owner)


def unseal(secret: bytes, sealed: bytes, owner: bytes) -> bytes:
    return AESGCM(secret).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], owner)


def _derived(master_key: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=purpose).derive(master_key)
