"""Where `feira keys` changes keys: in the databases where these are known, else over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from cli import addresses, api_keys, remote_api_keys
from cli.api_key_rows import Key
from cli.errors import StackError
from cli.new_api_key import NewKey
from contracts.topology import SERVICE_NAMES


class KeyStore(Protocol):
    """Every method raises ``StackError``."""

    def tenant(self, given: str | None) -> str:
        """The tenant of a new key: the one that was given, or the only one that is possible."""

    def list_all(self) -> list[Key]:
        """Also revoked and expired keys, sorted by tenant, role and age."""

    def find(self, key_id: str) -> Key: ...

    def create(self, new: NewKey) -> Key: ...

    def rotate(self, old: Key, new: NewKey, keep: timedelta) -> tuple[Key, Key | StackError]:
        """The new key and the old one, or why the old one has not been ended everywhere."""

    def revoke(self, key_id: str) -> Key: ...


@dataclass(frozen=True)
class DatabaseKeys:
    databases: Mapping[str, str] = field(repr=False)

    def tenant(self, given: str | None) -> str:
        if given is None:
            raise StackError("--tenant is needed: the databases hold the keys of all tenants.")
        return given

    def list_all(self) -> list[Key]:
        return asyncio.run(api_keys.list_all(self.databases))

    def find(self, key_id: str) -> Key:
        return asyncio.run(api_keys.find(self.databases, key_id))

    def create(self, new: NewKey) -> Key:
        return asyncio.run(api_keys.create(self.databases, new))

    def rotate(self, old: Key, new: NewKey, keep: timedelta) -> tuple[Key, Key | StackError]:
        return asyncio.run(api_keys.rotate(self.databases, old, new, keep))

    def revoke(self, key_id: str) -> Key:
        return asyncio.run(api_keys.revoke(self.databases, key_id))


@dataclass(frozen=True)
class RemoteKeys:
    """``key``: an ops key of the tenant."""

    key: str = field(repr=False)

    def tenant(self, given: str | None) -> str:
        own = self.list_all()[0].tenant
        if given not in {None, own}:
            raise StackError(f"Over HTTP only keys of the own tenant are made, which is {own}.")
        return own

    def list_all(self) -> list[Key]:
        return remote_api_keys.list_all(self.key)

    def find(self, key_id: str) -> Key:
        api_keys.check_id(key_id)
        found = [it for it in self.list_all() if it.key_id == key_id]
        if not found:
            raise api_keys.unknown_key(key_id)
        return found[0]

    def create(self, new: NewKey) -> Key:
        return remote_api_keys.create(self.key, new)

    def rotate(self, old: Key, new: NewKey, keep: timedelta) -> tuple[Key, Key | StackError]:
        return remote_api_keys.rotate(self.key, old, new, keep)

    def revoke(self, key_id: str) -> Key:
        return remote_api_keys.revoke(self.key, key_id)


def key_store(given_key: str | None) -> KeyStore:
    """Raises ``StackError``."""
    at = addresses.running(needed=())
    if at.databases and all(it in at.databases for it in SERVICE_NAMES):
        return DatabaseKeys(at.databases)
    return RemoteKeys(addresses.key_for(at, given_key))
