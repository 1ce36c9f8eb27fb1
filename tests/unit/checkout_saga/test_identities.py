"""Orders that people can read out, and customers who are never taken for each other."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from checkout_saga.customers.domain.customer import customer_stream_id
from checkout_saga.orders.domain.numbers import number_of
from checkout_saga.orders.domain.order import order_id_of
from checkout_saga.orders.use_cases.index_keys import customer_orders_prefix, order_key
from checkout_saga.payments.domain.names import idempotency_key, payment_id_of
from checkout_saga.payments.domain.operation import Operation
from kernel.store.sort_keys import time_key
from tests.support.scenario import NOW

READABLE = re.compile(r"F(-[A-HJ-NP-Z2-9]{4}){3}")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
IDS = st.text(min_size=1, max_size=10)


@given(st.uuids())
def test_an_order_number_has_no_letter_that_looks_like_a_digit(order_id: UUID) -> None:
    assert READABLE.fullmatch(number_of(order_id))


def test_order_numbers_differ() -> None:
    assert len({number_of(uuid4()) for _ in range(5_000)}) == 5_000


def test_a_checkout_has_one_order_and_one_payment_however_often_they_are_worked_out() -> None:
    checkout_id = uuid4()
    assert order_id_of(checkout_id) == order_id_of(checkout_id) != payment_id_of(checkout_id)
    assert order_id_of(uuid4()) != order_id_of(checkout_id)


def test_each_operation_of_each_checkout_has_a_key_of_its_own() -> None:
    keys = {idempotency_key(one, it) for one in (uuid4(), uuid4()) for it in Operation}
    assert len(keys) == 2 * len(Operation)


def test_the_same_customer_id_means_two_people_in_two_tenants() -> None:
    assert customer_stream_id("demo", "7") != customer_stream_id("rival", "7")


@given(IDS, IDS)
def test_a_customers_orders_are_not_listed_with_another_customers(mine: str, theirs: str) -> None:
    name = order_key("demo", theirs, NOW, uuid4())
    assert name.startswith(customer_orders_prefix("demo", mine)) == (mine == theirs)


def test_a_customer_whose_id_begins_like_anothers_with_a_slash_behind_it_keeps_their_orders_apart() -> None:
    assert not order_key("demo", "a/b", NOW, uuid4()).startswith(customer_orders_prefix("demo", "a"))


@given(st.integers(0, 10**10), st.integers(0, 10**10))
def test_names_sort_by_time(one: int, other: int) -> None:
    earlier, later = sorted((one, other))
    names = [time_key(EPOCH + timedelta(seconds=it)) for it in (earlier, later)]
    assert names == sorted(names)
