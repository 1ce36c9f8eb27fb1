"""Where commands find the services: the stack on this machine, or a file of addresses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cli.addresses import ADDRESSES, running
from cli.errors import StackError
from contracts.topology import SERVICE_NAMES

URLS = {it: f"https://{it}.example.test" for it in SERVICE_NAMES}
DATABASES = {it: f"postgresql://ops@db.example.test/{it}" for it in SERVICE_NAMES}


def written(folder: Path, content: Any) -> dict[str, str]:
    """The environment of a machine without a stack, with this content of the file."""
    file = folder / "addresses.json"
    file.write_text(content if isinstance(content, str) else json.dumps(content))
    return {ADDRESSES: str(file), "FEIRA_HOME": str(folder)}


def test_a_file_of_addresses_is_used_instead_of_a_stack(tmp_path: Path) -> None:
    environment = written(tmp_path, {"urls": URLS, "databases": DATABASES, "kafka": "kafka:9092"})
    found = running(environment, needed=["urls", "databases", "kafka"])
    assert (found.urls, found.databases, found.kafka) == (URLS, DATABASES, "kafka:9092")


def test_who_only_calls_services_needs_no_database_and_no_broker(tmp_path: Path) -> None:
    assert running(written(tmp_path, {"urls": URLS})).databases == {}


@pytest.mark.parametrize(
    ("content", "needed", "why"),
    [
        ({"urls": URLS}, "databases", f"does not have databases of {', '.join(SERVICE_NAMES)}."),
        ({"urls": URLS}, "kafka", "does not have kafka."),
        ({"urls": {**URLS, "cart": ""}}, "urls", "does not have urls of cart."),
        ([], "urls", f"does not have urls of {', '.join(SERVICE_NAMES)}."),
        ("{", "urls", "cannot be read: it is not JSON."),
    ],
)
def test_what_a_command_needs_must_be_in_the_file_for_every_service(
    tmp_path: Path, content: Any, needed: str, why: str
) -> None:
    with pytest.raises(StackError, match=why):
        running(written(tmp_path, content), needed=[needed])


def test_a_file_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(StackError, match=r"nothing.json cannot be read: No such file or directory\."):
        running({ADDRESSES: str(tmp_path / "nothing.json")})
