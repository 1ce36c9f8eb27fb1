"""The addresses of a stack contain passwords only with ``--show-secrets``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import psutil
import pytest

from cli.process_identity import started_at
from devstack.databases import without_password
from devstack.state_dir import StateDir
from devstack.status import read_status

URL = "postgresql://postgres:hush@127.0.0.1:15432/postgres"


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Of a home whose stack seems to be up."""
    own = psutil.Process()
    state: dict[str, Any] = {
        "state": "ready",
        "supervisor": {"pid": own.pid, "started_at": started_at(own)},
        "processes": [],
        "urls": {},
        "kafka": "127.0.0.1:19092",
        "postgres": URL,
        "databases": {"cart": URL},
    }
    home = StateDir(tmp_path)
    home.prepare()
    home.write_state(state)
    return {"FEIRA_HOME": str(tmp_path)}


def test_the_status_has_addresses_without_passwords(environment: dict[str, str]) -> None:
    status = read_status(environment)
    assert status["postgres"] == "postgresql://postgres@127.0.0.1:15432/postgres"
    assert "hush" not in json.dumps(status)


def test_the_status_has_passwords_on_request(environment: dict[str, str]) -> None:
    status = read_status(environment, show_secrets=True)
    assert (status["postgres"], status["databases"]) == (URL, {"cart": URL})


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://db/postgres", "postgresql://db/postgres"),
        ("postgresql://me@db:5432/x", "postgresql://me@db:5432/x"),
        ("postgresql://me:a%40b:c@db:5432/x", "postgresql://me@db:5432/x"),
        ("postgresql://db/x?user=me&password=hush", "postgresql://db/x"),
    ],
)
def test_passwords_are_removed_from_every_part_of_a_url(url: str, shown: str) -> None:
    assert without_password(url) == shown
