"""The SQL views of the questions, and what a login of an analyst sees and may do."""

from __future__ import annotations

from decimal import Decimal

import asyncpg
import pytest

from cli import analyst_logins
from cli.errors import StackError
from devstack.databases import Database
from projections.questions.flat import flat_columns
from projections.questions.question import Question
from projections.questions.registry import QUESTIONS
from tests.integration.projections.questions.analysts import DAY, Connection, signed_in
from tests.support.single_service import RunningService

WITH_VIEWS = [it for question in QUESTIONS for it in question.together if it.has_view]
COMMENTS = """
    SELECT a.attname AS name, col_description(a.attrelid, a.attnum) AS about FROM pg_attribute a
    WHERE a.attrelid = $1::regclass AND a.attnum > 0 ORDER BY a.attnum
"""


@pytest.mark.parametrize("question", WITH_VIEWS, ids=lambda it: it.name)
async def test_the_view_has_the_columns_and_the_comments_of_the_question(
    analyst: Connection, question: Question
) -> None:
    view = f"analytics.{question.identifier}"
    found = [(row["name"], row["about"]) for row in await analyst.fetch(COMMENTS, view)]
    assert found == [(it.name, it.about) for it in flat_columns(question)]
    assert await analyst.fetchval("SELECT obj_description($1::regclass)", view) == question.about
    await analyst.fetch(f"SELECT * FROM {view}")  # noqa: S608


async def test_there_is_no_other_view_for_analysts(analyst: Connection) -> None:
    views = await analyst.fetch(
        "SELECT viewname, has_table_privilege(format('analytics.%I', viewname), 'SELECT')"
        " FROM pg_views WHERE schemaname = 'analytics'"
    )
    assert {it["viewname"] for it in views} == {it.identifier for it in WITH_VIEWS} | {"ledger_entries"}
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await analyst.fetch("SELECT * FROM analytics.ledger_entries")


async def test_a_login_sees_the_rows_of_its_tenant_with_decimals_by_currency(analyst: Connection) -> None:
    text = "SELECT currency, revenue, revenue_decimal, rate FROM conversion WHERE day = $1 ORDER BY currency"
    assert [tuple(it) for it in await analyst.fetch(text, DAY)] == [
        ("BHD", 1234, Decimal("1.234"), 0.25),
        ("JPY", 1234, Decimal(1234), 0.25),
    ]


async def test_another_tenants_login_sees_that_tenants_rows(analyst: Connection, database: Database) -> None:
    rival = await signed_in(database, "rival")
    found = await rival.fetch("SELECT currency FROM conversion WHERE day = $1", DAY)
    rival.terminate()
    assert [it["currency"] for it in found] == ["SEK"]


@pytest.mark.parametrize(
    "attempt",
    [
        "SET ROLE feira_projections_analyst",
        "SET feira.tenant = 'rival'",
        "SELECT set_config('feira.tenant', 'rival', false)",
        "SET default_transaction_read_only = off",
        "SET row_security = off",
    ],
    ids=["role", "tenant", "config", "writing", "row security"],
)
async def test_what_a_session_may_set_shows_no_other_rows(analyst: Connection, attempt: str) -> None:
    await analyst.execute(attempt)
    try:
        found = await analyst.fetch("SELECT DISTINCT currency FROM analytics.conversion WHERE day = $1", DAY)
    except asyncpg.InsufficientPrivilegeError:
        return
    assert {it["currency"] for it in found} == {"BHD", "JPY"}


@pytest.mark.parametrize(
    "forbidden",
    [
        "SELECT * FROM public.checkout_conversion",
        "SELECT * FROM public.conversion_subject",
        "SELECT * FROM public.log",
        "SELECT * FROM public.api_keys",
        "SELECT * FROM public.analyst_login",
        "INSERT INTO public.analyst_login VALUES ('analyst_demo', 'rival')",
        "CREATE TEMP TABLE mine (n int)",
        "CREATE TABLE public.mine (n int)",
        "CREATE VIEW analytics.mine AS SELECT 1",
        "SET ROLE feira_projections",
        "SET ROLE feira_projections_caller",
        "SET ROLE feira_projections_owner",
        "SET SESSION AUTHORIZATION analyst_rival",
        "SET temp_file_limit = -1",
        "SELECT pg_advisory_lock(1)",
        "SELECT lo_create(0)",
        "SELECT pg_read_file('/etc/passwd')",
        "COPY (SELECT 1) TO PROGRAM 'true'",
    ],
)
async def test_a_login_may_read_the_views_and_nothing_else(analyst: Connection, forbidden: str) -> None:
    await analyst.execute("SET default_transaction_read_only = off")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await analyst.execute(forbidden)


async def test_a_function_in_a_condition_is_not_handed_rows_of_other_tenants(analyst: Connection) -> None:
    """A view without a barrier would evaluate a cheap condition before its own."""
    with pytest.raises(asyncpg.InvalidTextRepresentationError) as raised:
        await analyst.fetch("SELECT * FROM conversion WHERE currency::int > 0")
    assert "SEK" not in str(raised.value)


async def test_a_role_without_a_tenant_sees_no_rows(service: RunningService, database: Database) -> None:
    owner = await asyncpg.connect(database.owner_url)
    assert await owner.fetch("SELECT * FROM analytics.conversion") == []
    owner.terminate()


async def test_the_services_may_still_lock(
    service: RunningService, analyst: Connection, database: Database
) -> None:
    for url in (database.service_url, database.owner_url):
        connection = await asyncpg.connect(url)
        assert await connection.fetchval("SELECT pg_try_advisory_lock(4711)")
        connection.terminate()


async def test_an_analysts_queries_end_and_their_number_is_limited(analyst: Connection) -> None:
    assert await analyst.fetchval("SHOW statement_timeout") == "1min"
    limit = await analyst.fetchval("SELECT rolconnlimit FROM pg_roles WHERE rolname = current_user")
    assert limit == analyst_logins.MAX_CONNECTIONS


def test_a_tenant_that_no_role_can_be_named_after_is_refused() -> None:
    with pytest.raises(StackError):
        analyst_logins.login_of('demo"; DROP ROLE postgres')
