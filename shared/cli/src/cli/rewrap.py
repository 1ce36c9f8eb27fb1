"""Rewrap all customer keys under the current master key."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import asyncpg
from cryptography.exceptions import InvalidTag

from cli.all_databases import connect_all
from cli.errors import StackError
from cli.home import home_of, read_secrets
from cli.secret_files import MASTER_KEY, MASTER_KEYS_OLD, with_secret_files
from contracts.customer_keys import CUSTOMER_KEYS
from kernel.security.key_rotation import Progress, rewrap
from kernel.security.master_keys import MasterKeys, parse_key

SERVICE = "checkout-saga"


def master_keys(environment: Mapping[str, str]) -> MasterKeys:
    """The master keys from the settings, or else the one in the state directory. Raises ``StackError``."""
    settings = with_secret_files(environment)
    current = settings.get(MASTER_KEY) or read_secrets(home_of(settings)).get("master_key")
    if current is None:
        raise StackError(f"There is no master key: set {MASTER_KEY}.")
    older = [it.strip() for it in settings.get(MASTER_KEYS_OLD, "").split(",") if it.strip()]
    try:
        return MasterKeys(CUSTOMER_KEYS, parse_key(current), [parse_key(it) for it in older])
    except ValueError as problem:
        raise StackError(f"{MASTER_KEY} and each of {MASTER_KEYS_OLD} {problem}.") from None


async def rewrap_all(
    databases: Mapping[str, str], keys: MasterKeys, on_progress: Callable[[Progress], None]
) -> Progress:
    async with connect_all({SERVICE: databases[SERVICE]}) as connections:
        try:
            return await rewrap(connections[SERVICE], keys, on_progress)
        except InvalidTag:
            raise StackError(f"Neither {MASTER_KEY} nor an older master key is the one in use.") from None
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as problem:
            why = type(problem).__name__
            raise StackError(
                f"The database has failed ({why}); run the command again, and it continues."
            ) from None
