"""The release before runs on the schema that this tree's migrations make: expand now, contract later."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.releases import ROOT, before_this

SQUAWK = str(Path(sys.executable).with_name("squawk"))
PAGE = "docs/how-to/change-a-table.md"
FORBIDDEN = {
    "REVOKE": r"\bREVOKE\b",
    "DROP of what the release before may use": (
        r"\bDROP\s+(TABLE|COLUMN|VIEW|FUNCTION|TRIGGER|POLICY|TYPE|SEQUENCE)\b"
    ),
    "RENAME": r"\bRENAME\b",
    "TRUNCATE": r"\bTRUNCATE\s+(TABLE\s+)?\w",
    "SET NOT NULL": r"\bSET\s+NOT\s+NULL\b",
    "another type of a column": r"\bALTER\s+COLUMN\s+\w+\s+(SET\s+DATA\s+)?TYPE\b",
}
"""Also inside of DO blocks, where squawk does not look."""
BUILT = r"CREATE\s+(?:UNIQUE\s+)?INDEX\s+CONCURRENTLY\s+(?:IF\s+NOT\s+EXISTS\s+)?\w+"
DROPPED = r"DROP\s+INDEX\s+CONCURRENTLY\s+IF\s+EXISTS\s+"
TRANSACTIONAL = r"^--\s*transactional:\s*false"


def new_migrations() -> list[Path]:
    """Those that the release before does not have. Skips loudly where the clone has no history."""
    release = before_this()
    if not release.is_there():
        pytest.skip(f"SKIPPED: this clone has no commit {release.commit}")
    known = release.files("*/migrations/*")
    files = (it for top in ("services", "shared") for it in (ROOT / top).glob("*/src/**/migrations/*.sql"))
    return sorted(it for it in files if str(it.relative_to(ROOT)) not in known)


def faults_in(text: str) -> Iterator[str]:
    statements = re.sub(r"--[^\n]*", "", text)
    yield from (name for name, pattern in FORBIDDEN.items() if re.search(pattern, statements, re.IGNORECASE))
    for built in re.findall(BUILT, statements, re.IGNORECASE):
        index = built.split()[-1]
        if not re.search(rf"{DROPPED}{index}\b", statements, re.IGNORECASE):
            yield f"{index} is built without a drop of what an interrupted attempt has left"
        if not re.search(TRANSACTIONAL, text, re.MULTILINE):
            yield f"{index} is built concurrently in a transaction"


def squawk(path: Path) -> subprocess.CompletedProcess[str]:
    transaction = (
        [] if not re.search(TRANSACTIONAL, path.read_text(), re.MULTILINE) else ["--no-assume-in-transaction"]
    )
    command = (SQUAWK, "--config", str(ROOT / ".squawk.toml"), "--reporter", "gcc", *transaction, str(path))
    return subprocess.run(command, check=False, capture_output=True, text=True)


def test_the_release_before_runs_on_the_schema_of_every_new_migration() -> None:
    for path in new_migrations():
        assert list(faults_in(path.read_text())) == [], f"{path.name}: see {PAGE}"
        found = squawk(path)
        assert found.returncode == 0, f"{found.stdout}{found.stderr}\nSee {PAGE}."


def test_a_released_migration_is_never_changed() -> None:
    release = before_this()
    if not release.is_there():
        pytest.skip(f"SKIPPED: this clone has no commit {release.commit}")
    paths = sorted(it for it in release.files("*/migrations/*") if it.endswith((".sql", ".py")))
    migrations = [it for it in paths if not it.startswith("tests/")]
    assert len(migrations) > 20
    command = ("git", "diff", "--name-only", release.commit, "--", *migrations)
    changed = subprocess.run(command, check=True, cwd=ROOT, capture_output=True, text=True).stdout
    assert changed == ""


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE parked DROP COLUMN reason;",
        "DROP TABLE parked;",
        "ALTER TABLE parked RENAME COLUMN reason TO cause;",
        "ALTER TABLE parked RENAME TO set_aside;",
        "ALTER TABLE parked ADD COLUMN size integer NOT NULL;",
        "ALTER TABLE parked ALTER COLUMN reason SET NOT NULL;",
        "ALTER TABLE parked ALTER COLUMN part TYPE bigint;",
        "ALTER TABLE parked ADD CONSTRAINT some_part CHECK (part > 0);",
        "CREATE INDEX by_reason ON parked (reason);",
        "CREATE INDEX CONCURRENTLY by_reason ON parked (reason);",
        "DO $$ BEGIN EXECUTE format('REVOKE DELETE ON parked FROM %I', current_database()); END $$;",
        "DO $$ BEGIN EXECUTE 'DROP TRIGGER log_is_final ON log'; END $$;",
    ],
)
def test_a_statement_that_stops_the_release_before_is_found(statement: str, tmp_path: Path) -> None:
    path = tmp_path / "0001-planted.sql"
    path.write_text(f"-- Planted.\n--\n-- depends:\n\n{statement}\n")
    assert list(faults_in(path.read_text())) or squawk(path).returncode != 0
