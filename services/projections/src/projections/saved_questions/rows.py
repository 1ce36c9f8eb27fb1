"""The table of saved questions. A caller sees their own and those that are shared with the tenant."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from contracts.roles import ADMINS
from kernel import ids
from kernel.domain import NotFound, Refused
from kernel.http.auth import Principal
from kernel.http.problems import Problem
from kernel.postgres.retention import Rule
from kernel.postgres.service_pool import ServicePool
from kernel.store.writing import Connection

MAX_OF_OWNER = 200
INSERT = """
    INSERT INTO saved_question
        (tenant, saved_id, owner, name, question, parameters, shared, created_at, updated_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, feira_now(), feira_now())
    ON CONFLICT ON CONSTRAINT one_name_of_an_owner DO NOTHING RETURNING *
"""
COUNT = "SELECT count(*) FROM saved_question WHERE tenant = $1 AND owner = $2"
VISIBLE = "tenant = $1 AND (owner = $2 OR shared)"
FIND = f"SELECT * FROM saved_question WHERE {VISIBLE} AND saved_id = $3"  # noqa: S608  # constants
LOCK = f"{FIND} FOR UPDATE"
PAGE = f"""
    SELECT * FROM saved_question
    WHERE {VISIBLE} AND ($3::text IS NULL OR (name, saved_id) > ($3, $4))
    ORDER BY name, saved_id LIMIT $5
"""  # noqa: S608  # constants
NAMED = "SELECT true FROM saved_question WHERE tenant = $1 AND owner = $2 AND name = $3 AND saved_id <> $4"
UPDATE = """
    UPDATE saved_question SET name = $3, question = $4, parameters = $5, shared = $6,
        version = version + 1, updated_at = feira_now()
    WHERE tenant = $1 AND saved_id = $2 RETURNING *
"""
DELETE = "DELETE FROM saved_question WHERE tenant = $1 AND saved_id = $2"
DELETE_LEFT_BEHIND = """
    DELETE FROM saved_question WHERE (tenant, saved_id) IN (
        SELECT tenant, saved_id FROM saved_question q
        WHERE NOT shared AND NOT EXISTS (
            SELECT FROM api_keys k WHERE k.tenant = q.tenant AND k.role || ':' || k.name = q.owner
              AND coalesce(least(k.revoked_at, k.expires_at), 'infinity') > now() - $1::interval)
          AND updated_at < feira_now() - $1::interval
        LIMIT $2)
"""


class SavedQuestionNotFound(NotFound):
    """There is no such saved question, or it is another analyst's own."""

    code = "SAVED_QUESTION_NOT_FOUND"


class SavedQuestionNameTaken(Refused):
    """The owner has another saved question of this name."""

    code = "SAVED_QUESTION_NAME_TAKEN"


class TooManySavedQuestions(Refused):
    """An owner may have 200 saved questions."""

    code = "TOO_MANY_SAVED_QUESTIONS"


# failpoint: none needed (store-transaction)
async def create(
    connection: Connection,
    caller: Principal,
    name: str,
    question: str,
    parameters: Mapping[str, str],
    *,
    shared: bool,
) -> Any:
    if await connection.fetchval(COUNT, caller.tenant, caller.actor) >= MAX_OF_OWNER:
        raise TooManySavedQuestions(f"There are {MAX_OF_OWNER} already.")
    values = ids.new_id(), caller.actor, name, question, dict(parameters), shared
    row = await connection.fetchrow(INSERT, caller.tenant, *values)
    if row is None:
        raise SavedQuestionNameTaken("There is another one of this name.")
    return row


async def find(pool: ServicePool, caller: Principal, saved_id: UUID) -> Any:
    """Raises ``SavedQuestionNotFound``."""
    rows = await pool.fetch_for_tenant(caller.tenant, FIND, caller.actor, saved_id)
    if not rows:
        raise SavedQuestionNotFound("There is no such saved question.")
    return rows[0]


async def lock_to_change(connection: Connection, caller: Principal, saved_id: UUID) -> Any:
    """The row of a saved question that the caller may change: their own, or as an admin a shared one. Raises
    ``SavedQuestionNotFound``, or a ``Problem``."""
    row = await connection.fetchrow(LOCK, caller.tenant, caller.actor, saved_id)
    if row is None:
        raise SavedQuestionNotFound("There is no such saved question.")
    if row["owner"] != caller.actor and caller.role not in ADMINS:
        raise Problem(403, "FORBIDDEN", "Only its owner and admins may change it.")
    return row


# failpoint: none needed (store-transaction)
async def change(
    connection: Connection,
    row: Any,
    name: str,
    question: str,
    parameters: Mapping[str, str],
    *,
    shared: bool,
) -> Any:
    """``row``: locked."""
    tenant, saved_id = row["tenant"], row["saved_id"]
    if await connection.fetchval(NAMED, tenant, row["owner"], name, saved_id):
        raise SavedQuestionNameTaken("There is another one of this name.")
    return await connection.fetchrow(UPDATE, tenant, saved_id, name, question, dict(parameters), shared)


# failpoint: none needed (store-transaction)
async def delete(connection: Connection, row: Any) -> None:
    """``row``: locked."""
    await connection.execute(DELETE, row["tenant"], row["saved_id"])


def left_behind(keep: timedelta) -> Rule:
    """Of owners without a valid key for so long; what is shared stays."""
    return Rule("saved questions of former analysts", keep, DELETE_LEFT_BEHIND)
