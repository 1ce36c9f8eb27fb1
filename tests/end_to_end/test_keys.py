"""`feira keys` on a stack: new keys work, revoked keys do not."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import Callable
from hashlib import sha256
from typing import Any
from uuid import uuid4

import pytest
from typer.testing import CliRunner

from cli.api_keys import create
from cli.errors import StackError
from cli.main import new_app
from cli.new_api_key import new_key
from contracts.topology import STACK_NAMES
from tests.end_to_end.shop_client import Shop
from tests.support.database import execute
from tests.support.stack import PROGRAM, RunningStack

Keys = Callable[..., Any]
DATABASES = list(STACK_NAMES)


@pytest.fixture
def keys(stack: RunningStack) -> Keys:
    """Run the command: its JSON output, or its error."""

    def run(*words: str) -> Any:
        done = CliRunner().invoke(new_app(), ["keys", *words, "--json"], env=dict(stack.environment))
        if isinstance(done.exception, StackError):
            return str(done.exception)
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    return run


def status(shop: Shop, key: str, service: str = "cart", path: str = "/v1/carts?session_id=x") -> int:
    return shop.call("GET", service, path, Authorization=f"Bearer {key}").status_code


def until_refused(shop: Shop, key: str) -> None:
    shop.until(lambda: {"status": status(shop, key)}, lambda it: it["status"] == 401)


def test_a_new_key_has_the_rights_of_its_role_and_is_stored_nowhere(
    shop: Shop, stack: RunningStack, keys: Keys
) -> None:
    made = keys("create", "--tenant", "newcomer", "--role", "ops", "--name", "on call")
    key = made["key"]
    assert key.startswith("feira_newcomer_") and len(key.split("_", 2)[2]) * 6 >= 128

    shop.until(lambda: {"status": status(shop, key)}, lambda it: it["status"] == 200)
    for service, path, expected in (
        ("checkout-saga", "/v1/sagas", 200),
        ("projections", "/v1/projections", 200),
        ("gateway", "/v1/simulated-gateway/ledger", 200),
        ("offer", "/v1/campaigns", 403),
    ):
        shop.until(
            lambda service=service, path=path: {"status": status(shop, key, service, path)},  # type: ignore[misc]
            lambda it, expected=expected: it["status"] == expected,  # type: ignore[misc]
        )
    listed = next(it for it in keys("list", "--tenant", "newcomer")["items"] if it["id"] == made["id"])
    assert listed["databases"] == DATABASES and listed["state"] == "active"
    assert made["id"] == sha256(key.encode()).hexdigest()[:12]
    assert not [it for it in stack.home.rglob("*.log") if key in it.read_text(errors="replace")]


def test_a_replaced_key_works_until_the_end_of_its_overlap(shop: Shop, keys: Keys) -> None:
    old = keys("create", "--tenant", "demo", "--role", "service", "--name", "importer")
    new = keys("rotate", old["id"], "--keep", "1h")

    assert (new["tenant"], new["role"], new["name"]) == ("demo", "service", "importer")
    assert new["replaces"]["id"] == old["id"] and new["replaces"]["state"] == "ending"
    shop.until(lambda: {"status": status(shop, new["key"])}, lambda it: it["status"] == 200)
    assert status(shop, old["key"]) == 200, "both work meanwhile"

    newest = keys("rotate", new["id"], "--keep", "0")
    assert newest["replaces"]["state"] == "expired"
    until_refused(shop, new["key"])
    assert status(shop, newest["key"]) == 200
    assert "cannot be rotated" in keys("rotate", new["id"])


def test_a_revoked_key_is_refused_and_may_be_revoked_again(shop: Shop, keys: Keys) -> None:
    made = keys("create", "--tenant", "demo", "--role", "admin", "--name", "lost laptop")
    shop.until(lambda: {"status": status(shop, made["key"])}, lambda it: it["status"] == 200)

    assert keys("revoke", made["id"])["state"] == "revoked"
    until_refused(shop, made["key"])
    assert keys("revoke", made["id"])["state"] == "revoked"


def test_a_second_run_completes_what_one_database_has_missed(stack: RunningStack, keys: Keys) -> None:
    def in_offer(statement: str) -> None:
        asyncio.run(execute(stack.addresses.databases["offer"], statement))

    made = keys("create", "--tenant", "demo", "--role", "ops", "--name", "half")
    keys("revoke", made["id"])
    in_offer("UPDATE api_keys SET revoked_at = NULL WHERE name = 'half'")
    assert _of(keys, made["id"])["state"] == "incomplete"

    assert keys("revoke", made["id"])["state"] == "revoked"
    in_offer("DELETE FROM api_keys WHERE name = 'half'")
    assert _of(keys, made["id"])["databases"] == [it for it in DATABASES if it != "offer"]


def test_an_unavailable_database_is_named_and_nothing_is_changed(stack: RunningStack, keys: Keys) -> None:
    before = keys("list", "--limit", "100")
    away = {**stack.addresses.databases, "projections": "postgresql://nobody@127.0.0.1:1/nothing"}

    with pytest.raises(StackError, match="The database of projections does not answer"):
        asyncio.run(create(away, new_key("demo", "ops", "half made")))

    assert keys("list", "--limit", "100") == before


def _of(keys: Keys, key_id: str) -> Any:
    return next(
        it for it in keys("list", "--tenant", "demo", "--limit", "100")["items"] if it["id"] == key_id
    )


def test_the_list_comes_in_pages(keys: Keys) -> None:
    seen, cursor = [], None
    while True:
        page = keys("list", "--limit", "3", *(("--cursor", cursor) if cursor else ()))
        assert 1 <= len(page["items"]) <= 3
        seen += [it["id"] for it in page["items"]]
        if not (cursor := page["next_cursor"]):
            break

    assert len(seen) == len(set(seen)) >= 10
    assert "cursor" in keys("list", "--cursor", "nowhere")


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("create", "--tenant", "Demo!", "--role", "ops", "--name", "x"), "A tenant is"),
        (("create", "--tenant", "demo", "--role", "root", "--name", "x"), "A role is one of"),
        (("create", "--tenant", "demo", "--role", "ops", "--name", "a\nb"), "A key's name is"),
        (("revoke", "0" * 12), "There is no key"),
        (("revoke", "%"), "is not a key id"),
        (("rotate", "0" * 12, "--keep", "soon"), "--keep is a number"),
    ],
)
def test_invalid_arguments_are_refused_in_a_sentence(
    keys: Keys, words: tuple[str, ...], complaint: str
) -> None:
    assert complaint in keys(*words)


def test_without_a_stack_the_command_fails_with_a_sentence(stack: RunningStack) -> None:
    nowhere = {**stack.environment, "FEIRA_HOME": f"/tmp/feira-{uuid4().hex}"}  # noqa: S108  # never made
    done = subprocess.run([PROGRAM, "keys", "list"], env=nowhere, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "No stack is up" in done.stderr
