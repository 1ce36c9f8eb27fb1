"""Create the tables of a read model in a migration, with grants, row-level security, indexes and comments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

SUBJECTS = """
    CREATE TABLE {name} (
        tenant     text  NOT NULL,
        subject_id uuid  NOT NULL,
        state      jsonb NOT NULL,
        PRIMARY KEY (tenant, subject_id)
    ) WITH (fillfactor = 80)
"""
GRANT = """
    DO $$ BEGIN
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON {name} TO %I', current_database());
        PERFORM keep_tenants_apart('{name}');
    END $$
"""


@dataclass(frozen=True)
class NewTable:
    """Names and definitions are SQL, such as ``{"day": "date", "currency": 'text COLLATE "C"'}``."""

    name: str
    keys: Mapping[str, str]
    """The primary key after ``tenant``."""
    values: Mapping[str, str]
    """The other columns. All are NOT NULL unless their definition ends with NULL."""
    indexes: Mapping[str, str] = field(default_factory=dict)
    """Name of an index to what it covers: ``(tenant, created_at DESC)``."""
    comments: Mapping[str, str] = field(default_factory=dict)
    """By column."""


# failpoint: none needed (migration), 5 calls
def create_read_model(connection: Any, *tables: NewTable, folding: bool, name: str = "") -> None:
    """``connection``: as yoyo gives it to a step. ``folding``: also create ``NAME_subject`` for the states of
    subjects. ``name``: the read model's, if its first table has another. The migration depends on
    ``0005-tenants-apart``."""
    subjects = f"{name or tables[0].name}_subject"
    cursor = connection.cursor()
    for table in tables:
        cursor.execute(_definition(table))
        for index, covered in table.indexes.items():
            cursor.execute(f"CREATE INDEX {index} ON {table.name} {covered}")
        for column, comment in table.comments.items():
            text = comment.replace("'", "''")
            cursor.execute(f"COMMENT ON COLUMN {table.name}.{column} IS '{text}'")
    if folding:
        cursor.execute(SUBJECTS.format(name=subjects))
    for created in (*(table.name for table in tables), *([subjects] if folding else ())):
        cursor.execute(GRANT.format(name=created))


def _definition(table: NewTable) -> str:
    keys = {"tenant": "text", **table.keys}
    columns = {**keys, **table.values}
    lines = [
        f"{column} {definition}" if definition.endswith(" NULL") else f"{column} {definition} NOT NULL"
        for column, definition in columns.items()
    ]
    lines.append(f"PRIMARY KEY ({', '.join(keys)})")
    return f"CREATE TABLE {table.name} ({', '.join(lines)})"
