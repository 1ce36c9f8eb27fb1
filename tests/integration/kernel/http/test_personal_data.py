"""Personal data is readable exactly as long as the customer's key exists."""

from __future__ import annotations

import asyncio
from base64 import b64decode
from itertools import count
from uuid import UUID, uuid4

import pytest
from cryptography.exceptions import InvalidTag

from contracts.customer_keys import CUSTOMER_KEYS
from kernel.security.master_keys import MasterKeys
from kernel.security.personal_data import CACHE_SECONDS, PersonalData, SubjectKey
from tests.integration.kernel.http.conftest import Pool

KEYS, OTHERS = MasterKeys(CUSTOMER_KEYS, b"m" * 32), MasterKeys(CUSTOMER_KEYS, b"n" * 32)
ADA = {"email": "ada@example.com", "name": "Ada"}
ERASE = "UPDATE customer_keys SET wrapped_key = NULL, erased_at = now() WHERE customer_id = $1"


@pytest.fixture
def personal(pool: Pool) -> PersonalData:
    """The clock advances so far with each reading that no cached key is used."""
    return PersonalData(pool, KEYS, KEYS.pseudonym_key, clock=count(step=2 * CACHE_SECONDS).__next__)


@pytest.fixture
def customer() -> UUID:
    return uuid4()


async def test_what_was_encrypted_can_be_read_again(personal: PersonalData, customer: UUID) -> None:
    token = personal.encrypt(await personal.key_for("demo", customer), ADA)

    assert b"ada" not in b64decode(token, altchars=b"-_").lower()
    assert await personal.decrypt("demo", customer, token) == ADA


async def test_equal_data_is_encrypted_differently_each_time(personal: PersonalData, customer: UUID) -> None:
    key = await personal.key_for("demo", customer)

    assert personal.encrypt(key, ADA) != personal.encrypt(key, ADA)


async def test_without_the_key_the_customer_is_erased(
    personal: PersonalData, pool: Pool, customer: UUID
) -> None:
    token = personal.encrypt(await personal.key_for("demo", customer), ADA)
    await pool.execute(ERASE, customer)

    assert await personal.decrypt("demo", customer, token) is None


async def test_a_key_is_cached_for_seconds_and_no_longer(pool: Pool, customer: UUID) -> None:
    now = 0.0
    personal = PersonalData(pool, KEYS, KEYS.pseudonym_key, clock=lambda: now)
    token = personal.encrypt(await personal.key_for("demo", customer), ADA)
    await pool.execute(ERASE, customer)

    assert await personal.decrypt("demo", customer, token) == ADA
    now = CACHE_SECONDS
    assert await personal.decrypt("demo", customer, token) is None


async def test_after_an_erasure_only_new_data_is_readable(
    personal: PersonalData, pool: Pool, customer: UUID
) -> None:
    past = personal.encrypt(await personal.key_for("demo", customer), ADA)
    await pool.execute(ERASE, customer)
    present = personal.encrypt(await personal.key_for("demo", customer), ADA)

    assert await personal.decrypt("demo", customer, past) is None
    assert await personal.decrypt("demo", customer, present) == ADA


async def test_a_token_belongs_to_one_customer_of_one_tenant(
    personal: PersonalData, pool: Pool, customer: UUID
) -> None:
    key = await personal.key_for("demo", customer)
    token = personal.encrypt(key, ADA)
    wrapped = "SELECT tenant, customer_id, $2::text, wrapped_key FROM customer_keys WHERE customer_id = $1"
    (row,) = await pool.fetch(wrapped, customer, "x")
    other = uuid4()
    copied = "INSERT INTO customer_keys (tenant, customer_id, wrapped_key) VALUES ($1, $2, $3)"
    await pool.execute(copied, "rival", other, row["wrapped_key"])

    assert await personal.decrypt("rival", customer, token) is None
    with pytest.raises(InvalidTag):
        await personal.key_for("rival", other)
    stranger = await personal.key_for("demo", uuid4())
    assert await personal.decrypt("demo", stranger.subject_id, token) is None


async def test_another_master_key_opens_nothing(personal: PersonalData, pool: Pool, customer: UUID) -> None:
    await personal.key_for("demo", customer)

    with pytest.raises(InvalidTag):
        await PersonalData(pool, OTHERS, OTHERS.pseudonym_key).key_for("demo", customer)


async def test_concurrent_requests_for_a_new_customers_key_get_the_same_key(
    personal: PersonalData, customer: UUID
) -> None:
    keys = await asyncio.gather(*(personal.key_for("demo", customer) for _ in range(16)))

    assert len({it.secret for it in keys}) == 1


async def test_a_damaged_token_is_unreadable(personal: PersonalData, customer: UUID) -> None:
    token = personal.encrypt(await personal.key_for("demo", customer), ADA)

    other = "B" if token.startswith("A") else "A"
    for damaged in (token[:-8], other + token[1:], "", "no base64!", token + "AAAA"):
        assert await personal.decrypt("demo", customer, damaged) is None


async def test_a_guest_id_depends_on_tenant_mailbox_and_master_key(
    personal: PersonalData, pool: Pool
) -> None:
    ada = personal.pseudonym("demo", "ada@example.com")

    assert personal.pseudonym("rival", "ada@example.com") != ada
    assert personal.pseudonym("demo", "ada@example.org") != ada
    assert PersonalData(pool, OTHERS, OTHERS.pseudonym_key).pseudonym("demo", "ada@example.com") != ada
    assert ada.version == 8


def test_a_key_shows_no_secret(customer: UUID) -> None:
    assert "hush" not in repr(SubjectKey("demo", customer, b"hush"))
