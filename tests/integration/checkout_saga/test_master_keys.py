"""The master key can be replaced while everything goes on, and is not needed afterwards."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from base64 import b64encode
from collections.abc import AsyncIterator, Mapping
from itertools import count
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import pytest
from cryptography.exceptions import InvalidTag

import checkout_saga
from checkout_saga.payments.accounts.safe import Safe, Secrets
from contracts.customer_keys import CUSTOMER_KEYS
from devstack.databases import Database
from kernel.security.key_rotation import Progress, rewrap
from kernel.security.master_keys import MasterKeys
from kernel.security.personal_data import CACHE_SECONDS, PersonalData
from kernel.security.pseudonyms import load_pseudonym_key
from tests.support.database import Pool, copied, migrated_database, service_pool
from tests.support.parts import Parts

MIGRATIONS = Path(checkout_saga.__file__).parent / "migrations"
OLD, NEW = b"o" * 32, b"n" * 32
DATA = {"email": "ada@example.com"}


@pytest.fixture(scope="module")
async def template(parts: Parts) -> Database:
    return await migrated_database("feira_master_keys", parts.postgres_superuser_url, MIGRATIONS)


@pytest.fixture
async def database(template: Database) -> AsyncIterator[Database]:
    async with copied(template) as database:
        yield database


@pytest.fixture
async def pool(database: Database) -> AsyncIterator[Pool]:
    async with service_pool(database) as pool:
        yield pool


async def person(pool: Pool, keys: MasterKeys) -> PersonalData:
    """Those of a process of the service that has just started, with an empty cache."""
    naming = await load_pseudonym_key(pool, keys)
    return PersonalData(pool, keys, naming, clock=count(step=2 * CACHE_SECONDS).__next__)


async def test_credentials_of_payment_accounts_outlive_the_master_key_they_were_stored_under(
    pool: Pool, database: Database
) -> None:
    secrets = Secrets({"secret_key": "sk_test_4711"}, ("whsec_1",))
    kept = await Safe(pool, await person(pool, MasterKeys(CUSTOMER_KEYS, OLD))).keep("demo", uuid4(), secrets)

    connection = await asyncpg.connect(database.service_url)
    await rewrap(connection, MasterKeys(CUSTOMER_KEYS, NEW, [OLD]))
    await connection.close()
    after = Safe(pool, await person(pool, MasterKeys(CUSTOMER_KEYS, NEW)))

    assert await after.open("demo", kept) == secrets
    assert await after.open("rival", kept) is None
    assert "4711" not in str(await pool.fetch("SELECT t::text AS text FROM payment_secrets t"))
    assert "4711" not in repr(secrets)


async def sealed(personal: PersonalData, customers: list[UUID]) -> dict[UUID, str]:
    return {it: personal.encrypt(await personal.key_for("demo", it), DATA) for it in customers}


async def all_open(personal: PersonalData, tokens: Mapping[UUID, str]) -> bool:
    return all([await personal.decrypt("demo", it, token) == DATA for it, token in tokens.items()])


async def test_old_and_new_are_valid_together_and_after_rewrapping_the_new_one_is_enough(
    database: Database, pool: Pool
) -> None:
    before = await person(pool, MasterKeys(CUSTOMER_KEYS, OLD))
    tokens = await sealed(before, [uuid4() for _ in range(7)])
    guest = before.pseudonym("demo", "ada@example.com")

    # the new key is made known to all processes first, and used by none
    knowing = await person(pool, MasterKeys(CUSTOMER_KEYS, OLD, [NEW]))
    # then it wraps, in one process after the other
    both = await person(pool, MasterKeys(CUSTOMER_KEYS, NEW, [OLD]))
    tokens |= await sealed(both, [uuid4() for _ in range(3)])
    assert await all_open(knowing, tokens)
    assert await all_open(both, tokens)

    seen: list[int] = []
    connection = await asyncpg.connect(database.service_url)
    keys = MasterKeys(CUSTOMER_KEYS, NEW, [OLD])
    done = await rewrap(connection, keys, lambda it: seen.append(it.seen), batch_size=4)
    again = await rewrap(connection, keys)
    await connection.close()

    assert done == Progress(total=10, seen=10, rewrapped=7)
    assert seen == [4, 8, 10]
    assert again == Progress(total=10, seen=10, rewrapped=0)
    after = await person(pool, MasterKeys(CUSTOMER_KEYS, NEW))
    assert await all_open(after, tokens)
    assert after.pseudonym("demo", "ada@example.com") == guest, "a guest stays the same customer"
    with pytest.raises(InvalidTag):
        await person(pool, MasterKeys(CUSTOMER_KEYS, OLD))


async def test_an_interrupted_rewrap_continues_and_reports_keys_that_no_master_key_opens(
    database: Database, pool: Pool
) -> None:
    tokens = await sealed(await person(pool, MasterKeys(CUSTOMER_KEYS, OLD)), [uuid4() for _ in range(6)])
    strange = b"x" * 60
    await pool.execute("INSERT INTO customer_keys VALUES ('demo', $1, $2)", uuid4(), strange)

    def interrupt(_: Progress) -> None:
        raise KeyboardInterrupt

    connection = await asyncpg.connect(database.service_url)
    with pytest.raises(KeyboardInterrupt):
        await rewrap(connection, MasterKeys(CUSTOMER_KEYS, NEW, [OLD]), interrupt, batch_size=3)
    done = await rewrap(connection, MasterKeys(CUSTOMER_KEYS, NEW, [OLD]), batch_size=3)
    await connection.close()

    assert 0 < done.rewrapped < 6
    assert done.unreadable == 1
    assert await all_open(await person(pool, MasterKeys(CUSTOMER_KEYS, NEW)), tokens)


async def test_the_first_process_stores_the_pseudonym_key_of_the_master_key_in_use(
    pool: Pool,
) -> None:
    """Also where the key was replaced with the release that has begun to keep it."""
    before = PersonalData(pool, MasterKeys(CUSTOMER_KEYS, OLD), MasterKeys(CUSTOMER_KEYS, OLD).pseudonym_key)
    await before.key_for("demo", uuid4())

    now = await person(pool, MasterKeys(CUSTOMER_KEYS, NEW, [OLD]))

    assert now.pseudonym("demo", "a@b.c") == before.pseudonym("demo", "a@b.c")
    kept = {await load_pseudonym_key(pool, MasterKeys(CUSTOMER_KEYS, NEW, [OLD])) for _ in range(3)}
    assert kept == {MasterKeys(CUSTOMER_KEYS, OLD).pseudonym_key}


async def test_the_service_rewraps_by_its_own_settings_secrets_from_files_included(
    database: Database, pool: Pool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    tokens = await sealed(await person(pool, MasterKeys(CUSTOMER_KEYS, OLD)), [uuid4() for _ in range(3)])
    folder = tmp_path_factory.mktemp("secrets")
    for name, secret in {
        "feira_database_url": database.service_url,
        "feira_master_key": b64encode(NEW).decode(),
        "feira_master_keys_old": b64encode(OLD).decode(),
        "feira_gateway_secret": "s" * 16,
    }.items():
        (folder / name).write_text(f"{secret}\n")
    settings = {
        "PATH": os.environ["PATH"],
        "FEIRA_SECRETS_DIR": str(folder),
        "FEIRA_PORT": "1",
        "FEIRA_KAFKA_BOOTSTRAP": "127.0.0.1:1",
        "FEIRA_GATEWAY_URL": "http://127.0.0.1:1",
    }
    command = (sys.executable, "-m", "checkout_saga", "rewrap")

    done = await asyncio.to_thread(
        subprocess.run, command, env=settings, check=True, capture_output=True, text=True
    )

    last = json.loads(done.stderr.splitlines()[-1])
    assert (last["event"], last["rewrapped"], last["unreadable"]) == ("rewrapped", 3, 0)
    assert await all_open(await person(pool, MasterKeys(CUSTOMER_KEYS, NEW)), tokens)
