"""Errors of a database that is going down count as an outage, whatever their class."""

import asyncpg
import pytest

from kernel.postgres.connections import is_outage


@pytest.mark.parametrize(
    "error",
    [
        ConnectionResetError(),
        asyncpg.CrashShutdownError(),
        asyncpg.CannotConnectNowError(),
        asyncpg.ConnectionDoesNotExistError(),
        asyncpg.InternalClientError("cannot switch to state 12; another operation (2) is in progress"),
    ],
)
def test_a_session_ended_by_the_server_is_an_outage(error: Exception) -> None:
    assert is_outage(error)


@pytest.mark.parametrize("error", [asyncpg.DataError(), asyncpg.UndefinedTableError(), ValueError()])
def test_an_error_in_the_statement_is_no_outage(error: Exception) -> None:
    assert not is_outage(error)


@pytest.mark.parametrize(
    "error",
    [
        asyncpg.DiskFullError(),
        asyncpg.OutOfMemoryError(),
        asyncpg.TooManyConnectionsError(),
        asyncpg.PostgresIOError(),
        asyncpg.ReadOnlySQLTransactionError(),
        asyncpg.IdleInTransactionSessionTimeoutError(),
    ],
)
def test_a_full_or_read_only_server_is_an_outage(error: Exception) -> None:
    assert is_outage(error)
