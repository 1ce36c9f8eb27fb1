"""Identifiers: new ones in time order (UUIDv7), and ones derived from another id and a name (UUIDv5)."""

from functools import lru_cache
from uuid import UUID, uuid5

from uuid_utils.compat import uuid7

NIL_ID = UUID(int=0)
"""Nothing ever has this id."""


def new_id() -> UUID:
    return uuid7()


@lru_cache(maxsize=4_000)
def derive_id(parent: UUID, name: str) -> UUID:
    """The same id for the same arguments: for a stream that belongs to another."""
    return uuid5(parent, name)
