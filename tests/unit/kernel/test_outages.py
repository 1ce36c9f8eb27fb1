"""What a dying database does to its clients counts as an outage, whatever it looks like to them."""

import asyncpg
import pytest

from kernel.database import is_outage


@pytest.mark.parametrize(
    "seen",
    [
        ConnectionResetError(),
        asyncpg.CrashShutdownError(),
        asyncpg.CannotConnectNowError(),
        asyncpg.ConnectionDoesNotExistError(),
        asyncpg.InternalClientError("cannot switch to state 12; another operation (2) is in progress"),
    ],
)
def test_a_session_that_the_server_has_ended_is_an_outage(seen: Exception) -> None:
    assert is_outage(seen)


@pytest.mark.parametrize("wrong", [asyncpg.DataError(), asyncpg.UndefinedTableError(), ValueError()])
def test_what_we_have_asked_wrongly_is_none(wrong: Exception) -> None:
    assert not is_outage(wrong)


@pytest.mark.parametrize(
    "full",
    [
        asyncpg.DiskFullError(),
        asyncpg.OutOfMemoryError(),
        asyncpg.TooManyConnectionsError(),
        asyncpg.PostgresIOError(),
        asyncpg.ReadOnlySQLTransactionError(),
        asyncpg.IdleInTransactionSessionTimeoutError(),
    ],
)
def test_a_server_without_space_or_that_takes_no_writes_is_an_outage(full: Exception) -> None:
    assert is_outage(full)
