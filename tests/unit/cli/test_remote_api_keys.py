"""Keys at services that share no transaction: what one of them has missed is undone, or finished later."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from cli import remote_api_keys
from cli.errors import StackError
from cli.named_in_environment import url_variable
from cli.new_api_key import new_key
from contracts.topology import SERVICE_NAMES
from tests.support.stub_services import Answer, stub_services

OWN = "feira_demo_the-operators-own-key-of-the-tests"
OWN_ID = sha256(OWN.encode()).hexdigest()[:12]
NOT_FOUND = 404, {"code": "API_KEY_NOT_FOUND", "detail": "There is no such key."}


class Services:
    """Stubs that store keys; those that are ``away`` answer 503, those in ``refusing`` know no key, and those
    in ``not_expiring`` answer 503 to the end of a key."""

    def __init__(self) -> None:
        self.away: set[str] = set()
        self.refusing: set[str] = set()
        self.not_expiring: set[str] = set()
        self.stored: dict[str, dict[str, str]] = {it: {OWN_ID: "active"} for it in SERVICE_NAMES}
        self.bodies: list[Any] = []

    def respond(self, method: str, service: str, path: str, body: Any) -> Answer:
        if service in self.away or (service in self.not_expiring and path.endswith("/expire")):
            return 503, {"code": "UNAVAILABLE", "detail": "Away."}
        if service in self.refusing:
            return 401, {"code": "UNAUTHENTICATED", "detail": "No."}
        keys = self.stored[service]
        if method == "GET":
            return 200, {"items": [_view(it, keys[it]) for it in sorted(keys)], "next_cursor": None}
        self.bodies.append(body)
        if path == "/v1/api-keys":
            return 201, _view(body["key_hash"][:12], keys.setdefault(body["key_hash"][:12], "active"))
        key_id, act = path.split("/")[-2:]
        if key_id not in keys:
            return NOT_FOUND
        keys[key_id] = {"revoke": "revoked", "expire": "ending"}[act]
        return 200, _view(key_id, keys[key_id])


def _view(key_id: str, state: str) -> dict[str, Any]:
    of_all = {"tenant": "demo", "role": "ops", "name": "x", "created_at": "2026-03-01T12:00:00Z"}
    return {"key_id": key_id, "state": state, "expires_at": None, **of_all}


@pytest.fixture
def services(monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    found = Services()
    with stub_services(found.respond) as url:
        for name in SERVICE_NAMES:
            monkeypatch.setenv(url_variable(name), f"{url}/{name}")
        yield found


def test_a_service_never_learns_the_key(services: Services) -> None:
    new = new_key("demo", "ops", "x")
    assert remote_api_keys.create(OWN, new).state == "active"
    assert len(services.bodies) == len(SERVICE_NAMES)
    assert new.secret not in str(services.bodies) and new.digest in str(services.bodies)


def test_a_key_that_one_service_has_missed_is_revoked_where_it_was_stored(services: Services) -> None:
    new = new_key("demo", "ops", "x")
    services.away = {"checkout-saga"}

    with pytest.raises(StackError, match="was not handed out: run the command again"):
        remote_api_keys.create(OWN, new)
    assert services.stored["cart"][new.key_id] == services.stored["offer"][new.key_id] == "revoked"
    assert new.key_id not in services.stored["projections"]


def test_a_key_in_a_file_is_finished_by_a_repetition(services: Services, tmp_path: Path) -> None:
    file = tmp_path / "key"
    services.away = {"checkout-saga"}
    with pytest.raises(StackError, match=f"Run the command again: {file} keeps the key"):
        remote_api_keys.create(OWN, new_key("demo", "ops", "x", file))

    services.away = set()
    made = remote_api_keys.create(OWN, again := new_key("demo", "ops", "x", file))
    assert made.state == "active" and made.databases == SERVICE_NAMES
    assert again.secret == file.read_text().strip()
    assert file.stat().st_mode & 0o077 == 0


def test_an_interrupted_revocation_says_where_the_key_has_ended_and_is_finished(services: Services) -> None:
    made = remote_api_keys.create(OWN, new_key("demo", "ops", "x"))
    services.away = {"offer"}
    with pytest.raises(StackError, match="has ended at cart: run the command again"):
        remote_api_keys.revoke(OWN, made.key_id)

    services.away = set()
    assert remote_api_keys.revoke(OWN, made.key_id).state == "revoked"


def test_a_key_that_revokes_itself_is_refused_where_it_has_ended_already(services: Services) -> None:
    services.refusing = {"cart"}

    assert remote_api_keys.revoke(OWN, OWN_ID).state == "revoked"
    assert {it: services.stored[it][OWN_ID] for it in SERVICE_NAMES if it != "cart"} == dict.fromkeys(
        SERVICE_NAMES[1:], "revoked"
    )
    with pytest.raises(StackError, match="UNAUTHENTICATED"):
        remote_api_keys.revoke(OWN, "0" * 12)


def test_a_new_key_is_shown_also_if_the_old_one_could_not_be_ended(services: Services) -> None:
    old = remote_api_keys.create(OWN, new_key("demo", "ops", "x"))
    services.not_expiring = {"offer"}
    new = new_key("demo", "ops", "x")
    made, ending = remote_api_keys.rotate(OWN, old, new, timedelta(hours=1))

    assert made.state == "active" and made.key_id == new.key_id
    assert isinstance(ending, StackError)
    assert f"`feira keys revoke {old.key_id}` ends it at once" in str(ending)


def test_an_unknown_key_is_one_sentence(services: Services) -> None:
    assert services.away == set()
    with pytest.raises(StackError, match="There is no key"):
        remote_api_keys.revoke(OWN, "0" * 12)


@pytest.mark.parametrize("content", ["short", "two words of more than thirty-two characters", "ключ" * 20])
def test_a_file_without_a_usable_key_is_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "key"
    file.write_text(content)
    with pytest.raises(StackError, match="holds no key"):
        new_key("demo", "ops", "x", file)
