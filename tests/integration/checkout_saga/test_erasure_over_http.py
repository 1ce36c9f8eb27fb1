"""A person is erased: the keys are destroyed, so that no encrypted copy can be read any more."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import httpx

from checkout_saga.customers.domain.customer import customer_stream_id
from checkout_saga.orders.domain.order import order_id_of
from checkout_saga.payments.domain.names import payment_id_of
from contracts.customer_keys import CUSTOMER_KEYS
from kernel.security.master_keys import MasterKeys
from kernel.security.personal_data import CACHE_SECONDS, PersonalData
from tests.integration.checkout_saga.conftest import caller
from tests.integration.checkout_saga.neighbours import Neighbours, begin
from tests.support.database import Pool
from tests.support.kafka_records import headers_of, tapped
from tests.support.single_service import RunningService
from tests.support.waiting import until

ALL = "/v1/customers"
MASTER_KEYS = MasterKeys(CUSTOMER_KEYS, bytes(32))
SEALED = re.compile(r"[A-Za-z0-9_-]{40,}={0,2}")
TABLES = """
    SELECT relname FROM pg_class
    WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace
      AND has_table_privilege(oid, 'SELECT')
"""


class Person:
    """An account with a contact and a linked guest; each has bought, and one checkout has failed."""

    def __init__(self) -> None:
        self.id = f"customer-{uuid4().hex}"
        self.email = f"zoe.{uuid4().hex}@mail.example"
        self.guest_email = f"guest.{uuid4().hex}@mail.example"
        self.guest_id = ""
        self.checkouts: list[UUID] = []

    @property
    def path(self) -> str:
        return f"{ALL}/{self.id}"

    @property
    def streams(self) -> set[str]:
        own = {customer_stream_id("demo", it) for it in (self.id, self.guest_id)}
        derived = {of(it) for it in self.checkouts for of in (payment_id_of, order_id_of)}
        return {str(it) for it in (*own, *self.checkouts, *derived)}


async def known_person(admin: httpx.AsyncClient, shop: httpx.AsyncClient, neighbours: Neighbours) -> Person:
    it = Person()
    entered = await admin.post(ALL, json={"id": it.id, "email": it.email, "name": "Zoë Quux"})
    assert entered.status_code == 201
    await shop.put("/v1/contacts", json={"customer_id": it.id, "email": it.email, "recovery": True})
    for customer, token in (
        ({"email": it.email, "id": it.id, "name": "Zoë Quux"}, "tok_ok"),
        ({"email": it.email, "id": it.id, "name": "Zoë Quux"}, "tok_declined"),
        ({"email": it.guest_email, "name": "Zoë Quux"}, "tok_ok"),
    ):
        checkout_id = await begin(shop, token, customer=customer)
        await neighbours.serve(shop, checkout_id, {"completed", "failed"})
        it.checkouts.append(UUID(checkout_id))
    linked = await admin.post(f"{it.path}/link", json={"guest_email": it.guest_email})
    it.guest_id = linked.json()["guest_id"]
    return it


async def held(admin: httpx.AsyncClient, person: Person, **query: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    params = dict(query)
    while True:
        answer = await admin.get(f"{person.path}/personal-data", params=params)
        assert answer.status_code == 200, answer.text
        assert "no-store" in answer.headers["Cache-Control"]
        found += answer.json()["items"]
        if not (cursor := answer.json()["next_cursor"]):
            return found
        params["cursor"] = cursor


async def erase(admin: httpx.AsyncClient, person: Person, key: str | None = None) -> httpx.Response:
    headers = {"Idempotency-Key": key or uuid4().hex}
    return await admin.post(f"{person.path}/erase", json={"reason": "requested"}, headers=headers)


async def stored_texts(pool: Pool) -> list[str]:
    """All texts of all tables that may be encrypted: log, snapshots, parked records, timers, answers."""
    texts: set[str] = set()
    tables = {row["relname"] for row in await pool.fetch(TABLES)}
    assert tables >= {"log", "snapshots", "parked", "timers", "idempotency", "claims", "customer_keys"}
    for table in tables:
        for record in await pool.fetch(f'SELECT * FROM "{table}"'):  # noqa: S608  # a table's name
            for value in record.values():
                text = value.decode("latin-1") if isinstance(value, bytes) else str(value)
                texts.update(SEALED.findall(text))
    return sorted(texts)


async def published_texts(bootstrap: str, person: Person) -> list[str]:
    """Those of the topic, as soon as the erasure has been published."""
    own = customer_stream_id("demo", person.id)
    async with tapped(bootstrap, "checkout.events", from_beginning=True) as tap:
        await until(
            lambda: (
                any(headers_of(it)["ce_type"] == "customer.erased" for it in tap.of([own]))
                and all(tap.of([it]) for it in person.checkouts)
            )
        )
        return [text for it in tap.records for text in SEALED.findall((it.value or b"").decode("latin-1"))]


async def readable(pool: Pool, person: Person, texts: list[str]) -> int:
    """How many of the texts a process that has just started can decrypt for the person."""
    personal = PersonalData(
        pool, MASTER_KEYS, MASTER_KEYS.pseudonym_key, clock=count(step=2 * CACHE_SECONDS).__next__
    )
    ids = [customer_stream_id("demo", it) for it in (person.id, person.guest_id)]
    read = await personal.reader("demo", ids)
    return sum(read(it) is not None for it in texts)


async def test_nothing_of_an_erased_person_can_be_decrypted_wherever_it_stands(
    admin: httpx.AsyncClient,
    shop: httpx.AsyncClient,
    neighbours: Neighbours,
    logged: Callable[[], str],
    settings: dict[str, str],
) -> None:
    person = await known_person(admin, shop, neighbours)
    # of each of three checkouts the person and the token; of the account the person and the contact
    assert await readable(neighbours.pool, person, await stored_texts(neighbours.pool)) >= 3 * 2 + 2

    answer = await erase(admin, person)
    assert answer.status_code == 200, answer.text
    receipt = answer.json()
    # three checkouts, the account (created, contact) and the guest (created)
    assert (receipt["streams"], receipt["facts"], receipt["readable"]) == (5, 6, 0)
    stored = await stored_texts(neighbours.pool)
    published = await published_texts(settings["FEIRA_KAFKA_BOOTSTRAP"], person)
    assert len(stored) >= 9 and len(published) >= 9
    assert await readable(neighbours.pool, person, stored + published) == 0
    names = await neighbours.pool.fetchval(
        "SELECT count(*) FROM claims WHERE kind = 'customer_email' AND holder = $1",
        customer_stream_id("demo", person.id),
    )
    assert names == 0
    for place in (answer.text, logged()):
        assert "quux" not in place.lower() and person.email not in place

    shown = (await admin.get(person.path)).json()
    assert (shown["erased"], shown["email"], shown["name"], shown["automatic_segments"]) == (
        True,
        None,
        None,
        [],
    )
    left = str(await held(admin, person))
    assert "zoë quux" not in left.lower() and person.email not in left
    for customer_id in (person.id, person.guest_id):
        types = await neighbours.types(customer_stream_id("demo", customer_id))
        assert types.count("customer.erased") == 1


async def test_an_erasure_that_is_asked_for_again_has_the_same_receipt(
    admin: httpx.AsyncClient, shop: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    person = await known_person(admin, shop, neighbours)
    key = uuid4().hex
    first = await erase(admin, person, key)
    replayed, again = await erase(admin, person, key), await erase(admin, person)
    deleted = await admin.delete(f"{person.path}/personal-data")
    assert replayed.headers["Idempotent-Replayed"] == "true"
    assert first.json() == replayed.json() == again.json() == deleted.json()
    types = await neighbours.types(customer_stream_id("demo", person.id))
    assert types.count("customer.erased") == 1


async def test_of_4_erasures_at_once_one_is_recorded_and_all_have_its_receipt(
    admin: httpx.AsyncClient, shop: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    person = await known_person(admin, shop, neighbours)
    answers = await asyncio.gather(*(erase(admin, person) for _ in range(4)))
    assert [it.status_code for it in answers] == [200] * 4
    assert len({it.text for it in answers}) == 1
    types = await neighbours.types(customer_stream_id("demo", person.id))
    assert types.count("customer.erased") == 1


async def test_who_comes_back_after_an_erasure_is_a_new_customer_and_can_be_erased_again(
    admin: httpx.AsyncClient, shop: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    person = await known_person(admin, shop, neighbours)
    await erase(admin, person)
    entered = await admin.post(ALL, json={"id": person.id, "email": person.email, "name": "Zoë again"})
    assert entered.status_code == 201
    assert (await admin.get(person.path)).json()["name"] == "Zoë again"
    receipt = (await erase(admin, person)).json()
    # the guest is linked no more: two checkouts; the contact, and the account that was created twice
    assert (receipt["streams"], receipt["facts"], receipt["readable"]) == (3, 5, 0)
    assert (await admin.get(person.path)).json()["erased"] is True


async def test_all_that_is_held_is_shown_decrypted_in_pages_and_kept_in_no_answer(
    admin: httpx.AsyncClient, shop: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    person = await known_person(admin, shop, neighbours)
    found = await held(admin, person)
    assert await held(admin, person, limit=3) == found
    types = {it["fact_type"] for it in found}
    assert types >= {
        "customer.created",
        "customer.contact_set",
        "customer.profile_changed",
        "checkout.started",
        "checkout.failed",
        "payment.captured",
        "payment.declined",
        "order.created",
        "order.paid",
    }
    assert {it["stream_id"] for it in found} <= person.streams
    started = [it["fact"] for it in found if it["fact_type"] == "checkout.started"]
    assert [it["personal"]["customer"]["email"] for it in started] == [
        person.email,
        person.email,
        person.guest_email,
    ]
    assert "tok_" not in str(found)
    answers = await neighbours.pool.fetchval(
        "SELECT string_agg(convert_from(body, 'UTF8'), ' ') FROM idempotency"
    )
    assert person.email not in answers


async def test_a_person_with_an_open_checkout_is_erased_when_it_has_ended(
    admin: httpx.AsyncClient, shop: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    person = await known_person(admin, shop, neighbours)
    checkout_id = await begin(shop, "tok_action", customer={"email": person.guest_email})
    await neighbours.serve(shop, checkout_id, {"requires_action"})
    refused = await erase(admin, person)
    assert (refused.status_code, refused.json()["code"]) == (409, "CUSTOMER_BUSY")
    assert refused.json()["checkouts"] == [checkout_id]
    assert (await admin.get(person.path)).json()["email"] == person.email
    await shop.post(f"/v1/checkouts/{checkout_id}/cancel")
    await neighbours.serve(shop, checkout_id, {"failed"})
    assert (await erase(admin, person)).json()["readable"] == 0


async def test_nobody_unknown_is_erased_and_only_an_admin_erases(
    admin: httpx.AsyncClient, shop: httpx.AsyncClient, service: RunningService
) -> None:
    stranger = Person()
    for answer in (
        await erase(admin, stranger),
        await admin.delete(f"{stranger.path}/personal-data"),
        await admin.get(f"{stranger.path}/personal-data"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "CUSTOMER_NOT_FOUND")
    async with caller(service, "demo-service") as server:
        for client in (server, shop):
            assert (await erase(client, stranger)).status_code == 403
            assert (await client.delete(f"{stranger.path}/personal-data")).status_code == 403
    assert (await shop.get(f"{stranger.path}/personal-data")).status_code == 403
    refused = await admin.post(f"{stranger.path}/erase", json={"reason": "zoe@mail.example"})
    assert (refused.status_code, refused.json()["code"]) == (422, "INVALID_REQUEST")
