"""Wrap the keys of customers anew under the master key of the stack on this machine."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import asyncpg
from cryptography.exceptions import InvalidTag

from cli.stack.all_databases import connect_all
from cli.stack.errors import StackError
from cli.stack.settings import MASTER_KEY, MASTER_KEYS_OLD, home_of, with_secret_files
from cli.stack.state_dir import StateDir
from kernel.master_keys import MasterKeys
from kernel.rewrapping import Progress, rewrap
from kernel.settings import key_of

SERVICE = "checkout-saga"


def master_keys(environment: Mapping[str, str]) -> MasterKeys:
    """As ``feira up`` tells them: those set, and else the one that the home keeps."""
    told = with_secret_files(environment)
    current = told.get(MASTER_KEY) or StateDir(home_of(told)).stored_secret("master_key")
    if current is None:
        raise StackError(f"No master key is known: set {MASTER_KEY}.")
    older = [it.strip() for it in told.get(MASTER_KEYS_OLD, "").split(",") if it.strip()]
    try:
        return MasterKeys(key_of(current), [key_of(it) for it in older])
    except ValueError as wrong:
        raise StackError(f"{MASTER_KEY} and each of {MASTER_KEYS_OLD} {wrong}.") from None


async def rewrap_all(
    databases: Mapping[str, str], keys: MasterKeys, tell: Callable[[Progress], None]
) -> Progress:
    async with connect_all({SERVICE: databases[SERVICE]}) as connections:
        try:
            return await rewrap(connections[SERVICE], keys, tell)
        except InvalidTag:
            raise StackError(
                f"{MASTER_KEY} is not the key that is in use, nor is any of the older ones."
            ) from None
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as problem:
            why = type(problem).__name__
            raise StackError(f"The database has failed ({why}); run it again, it goes on.") from None
