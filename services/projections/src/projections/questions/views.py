"""The SQL views of the questions, in the schema ``analytics``: their statements, and a step that makes them.

They follow from the code, so they are made anew behind the migrations when it says something else. Logins
of analysts may read them and have no right to any table: a view reads with the rights of the tables' owner.
Two things keep tenants apart, and both ask ``analytics.my_tenant()``: the view itself, which is a security
barrier, and a policy of each table for its owner.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Any

from projections.questions.flat import FlatColumn, flat_columns
from projections.questions.question import SQL_TYPES, Param, Question
from projections.questions.registry import QUESTIONS
from projections.questions.statement import with_values

SCHEMA = "analytics"
NOT_OF_QUESTIONS = ("ledger_entries",)
MADE_FROM = f"SELECT obj_description('{SCHEMA}'::regnamespace, 'pg_namespace')"
VIEWS = f"SELECT viewname FROM pg_views WHERE schemaname = '{SCHEMA}' ORDER BY 1"  # noqa: S608  # a constant
UNGUARDED = f"""
    SELECT DISTINCT c.oid::regclass::text FROM pg_rewrite r
    JOIN pg_class v ON v.oid = r.ev_class AND v.relnamespace = '{SCHEMA}'::regnamespace
    JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
    JOIN pg_class c ON d.refclassid = 'pg_class'::regclass AND c.oid = d.refobjid AND c.relkind = 'r'
    WHERE v.relname <> ALL ('{{{",".join(NOT_OF_QUESTIONS)}}}')
      AND NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'tenant_of_login')
"""  # noqa: S608  # constants
"""The tables behind the views that have no policy for their owner yet."""
POLICY = """
    CREATE POLICY tenant_of_login ON {} FOR SELECT TO CURRENT_USER
    USING (tenant = (SELECT analytics.my_tenant()))
"""


# failpoint: none needed (migration), 4 calls
def bring_into_line(connection: Any) -> None:
    """``connection``: as yoyo gives it to a step."""
    cursor = connection.cursor()
    wanted = list(statements(QUESTIONS))
    mark = f"Views for analysts, made from {sha256(''.join(wanted).encode()).hexdigest()[:16]}."
    cursor.execute(MADE_FROM)
    if cursor.fetchone() == (mark,):
        return
    cursor.execute(VIEWS)
    for (name,) in cursor.fetchall():
        if name not in NOT_OF_QUESTIONS:
            cursor.execute(f"DROP VIEW {SCHEMA}.{name}")
    for statement in wanted:
        cursor.execute(statement)
    cursor.execute(UNGUARDED)
    for (table,) in cursor.fetchall():
        cursor.execute(POLICY.format(table))
    cursor.execute(f"COMMENT ON SCHEMA {SCHEMA} IS '{mark}'")


def statements(questions: Iterable[Question]) -> Iterator[str]:
    for question in questions:
        for it in question.together:
            if it.has_view:
                yield from _statements(it)


def _statements(question: Question) -> Iterator[str]:
    view, columns = f"{SCHEMA}.{question.identifier}", flat_columns(question)
    selected = ", ".join(f"({it.sql})::{it.sql_type} AS {it.name}" for it in columns)
    rows = f"SELECT {selected} FROM ({_sql(question)}) AS answer"  # noqa: S608  # from code alone
    yield f"CREATE VIEW {view} WITH (security_barrier = true) AS {rows}"
    yield f"COMMENT ON VIEW {view} IS {_text(question.about)}"
    yield from (_comment(view, it) for it in columns)


def _comment(view: str, column: FlatColumn) -> str:
    return f"COMMENT ON COLUMN {view}.{column.name} IS {_text(column.about)}"


def _sql(question: Question) -> str:
    """Over all days, with the defaults of the parameters."""
    written = {
        "tenant": "(SELECT analytics.my_tenant())",
        "first": "'-infinity'::date",
        "end": "'infinity'::date",
        "known": "'infinity'::date",
        "seen": "NULL::text",
        "since": "NULL::timestamptz",
        "now": "analytics.feira_now()",
    }
    return with_values(question.sql, written | {it.name: _default(it) for it in question.params})


def _default(param: Param) -> str:
    value = "NULL" if param.default is None else _text(str(param.default))
    return f"{value}::{SQL_TYPES[param.kind]}"


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
