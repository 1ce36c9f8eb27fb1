"""Master keys: the current one wraps the stored keys; older ones still unwrap what they have wrapped."""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import Sequence
from typing import Annotated

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import BeforeValidator, Field
from pydantic_settings import NoDecode

from contracts.data_protection import SubjectKeys

NONCE_BYTES = 12
KEY_BYTES = 32


class MasterKeys:
    def __init__(self, stored: SubjectKeys, current: bytes, older: Sequence[bytes] = ()) -> None:
        every = (current, *older)
        self.stored = stored
        self._wrapping = [derive_key(it, stored.wrapping_label) for it in every]
        self._pseudonym = [derive_key(it, stored.pseudonym_label) for it in every]

    @property
    def pseudonym_key(self) -> bytes:
        """The pseudonym key of a database that has stored none yet."""
        return self._pseudonym[0]

    def pseudonym_key_of(self, wrapped: bytes, owner: bytes) -> bytes:
        """The pseudonym key that derives from the master key that unwraps ``wrapped``."""
        return self._pseudonym[self._open(wrapped, owner)[0]]

    def wrap(self, secret: bytes, owner: bytes) -> bytes:
        return seal(self._wrapping[0], secret, owner)

    def unwrap(self, wrapped: bytes, owner: bytes) -> bytes:
        """Raises ``InvalidTag`` if no master key has wrapped it, or if it was wrapped for another owner."""
        return self._open(wrapped, owner)[1]

    def rewrap(self, wrapped: bytes, owner: bytes) -> bytes | None:
        """Wrapped by the current key; None if it is already. Raises ``InvalidTag`` as ``unwrap`` does."""
        index, secret = self._open(wrapped, owner)
        return None if index == 0 else self.wrap(secret, owner)

    def _open(self, wrapped: bytes, owner: bytes) -> tuple[int, bytes]:
        for index, key in enumerate(self._wrapping):
            try:
                return index, unseal(key, wrapped, owner)
            except InvalidTag:
                continue
        raise InvalidTag


def seal(secret: bytes, data: bytes, owner: bytes) -> bytes:
    """A random nonce and the ciphertext by AES-GCM; ``owner`` is authenticated with it."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(secret).encrypt(nonce, data, owner)


def unseal(secret: bytes, sealed: bytes, owner: bytes) -> bytes:
    """Raises ``InvalidTag`` for another key or another owner."""
    return AESGCM(secret).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], owner)


def subject_owner(tenant: str, subject_id: object) -> bytes:
    """Authenticated with a subject's wrapped key: in another subject's row it does not unwrap."""
    return f"{tenant}\0{subject_id}".encode()


def derive_key(master_key: bytes, label: bytes) -> bytes:
    """A key for one purpose, which ``label`` names: it tells nothing about the master key."""
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=label).derive(master_key)


def parse_key(value: str | bytes) -> bytes:
    """A master key from its base64 form. Raises ``ValueError``, which does not repeat the value."""
    try:
        key = value if isinstance(value, bytes) else base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise ValueError("must be 32 bytes in base64")
    return key


def _split(value: str | tuple[bytes, ...]) -> tuple[str | bytes, ...]:
    return tuple(it.strip() for it in value.split(",") if it.strip()) if isinstance(value, str) else value


Key = Annotated[bytes, BeforeValidator(parse_key)]
MasterKey = Annotated[Key, Field(repr=False)]
"""A setting: base64."""
OlderMasterKeys = Annotated[tuple[Key, ...], NoDecode, BeforeValidator(_split), Field(repr=False)]
"""A setting: base64, separated by commas."""
