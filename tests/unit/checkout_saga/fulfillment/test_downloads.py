"""Downloads: granted with their line, fetched so often and so long, and taken back with the order."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, TypeAlias
from uuid import UUID

import pytest

from checkout_saga.fulfillment.domain.download import Download, download_id_of
from checkout_saga.fulfillment.domain.errors import DownloadExpired, DownloadNotFound
from checkout_saga.fulfillment.use_cases import downloading
from checkout_saga.fulfillment.use_cases.downloading import ORDER_DOWNLOAD
from checkout_saga.orders.domain.refund import RefundPart, RefundSelection
from checkout_saga.orders.use_cases.refund_requests import refund_request
from checkout_saga.orders.use_cases.refunds import cancel_order, record_refund, refund_order
from checkout_saga.payments.domain.operation import Done
from contracts import download, order
from contracts.sale import LineFulfillment
from kernel.store.sort_keys import time_key
from kernel.unit_of_work import UnitOfWork
from tests.support.scenario import NOW, Scenario
from tests.unit.checkout_saga.examples import CUSTOMER, ORDER
from tests.unit.checkout_saga.fulfillment.orders import begun, line, recorded

DOWNLOAD, REFUND = download_id_of(ORDER, "a"), UUID(int=0xF1)
FILE = "books/python.pdf"
Act: TypeAlias = Callable[[None, UnitOfWork], Awaitable[Any]]


def book() -> Scenario:
    return begun(line("a", "digital_product", fulfillment=LineFulfillment(asset=FILE)))


async def fetch(_: None, work: UnitOfWork) -> None:
    await downloading.use(DOWNLOAD, work)


async def call_off(reason: str, work: UnitOfWork) -> None:
    await cancel_order(ORDER, UUID(int=0xF2), reason, work)


async def ask_for_refund(line_id: str, work: UnitOfWork) -> None:
    await refund_order(ORDER, REFUND, RefundSelection(parts=(RefundPart(line_id),)), "not wanted", work)


async def pay_back(amount: int, work: UnitOfWork) -> None:
    request = await refund_request(ORDER, REFUND, work)
    assert request is not None
    await record_refund(ORDER, REFUND, request, Done("ref", amount), 0, work)


async def ends(_: None, work: UnitOfWork) -> timedelta:
    found = await work.open(Download, DOWNLOAD)
    return found.link_until(work.now) - work.now


NEEDS_A_DOWNLOAD = pytest.mark.parametrize("act", [fetch, ends], ids=["fetch", "make a link"])


@NEEDS_A_DOWNLOAD
def test_a_file_may_be_fetched_five_times_within_30_days(act: Act) -> None:
    story = book()
    (granted,) = recorded(story, download.Granted)
    assert (granted.customer_id, granted.asset, granted.days, granted.uses) == (CUSTOMER, FILE, 30, 5)
    (fulfilled,) = recorded(story, order.Fulfilled)
    assert fulfilled.results[0].reference == str(DOWNLOAD)
    story.then_holds(ORDER_DOWNLOAD, f"{ORDER}/{time_key(NOW)}/{DOWNLOAD}", DOWNLOAD)
    for _ in range(5):
        story.when(fetch, None)
    assert [it.number for it in recorded(story, download.Used)] == [1, 2, 3, 4, 5]
    story.when(act, None).then_refused(DownloadExpired)


def test_a_file_is_not_fetched_after_30_days() -> None:
    story = book().at(NOW + timedelta(days=30, microseconds=-1)).when(fetch, None)
    assert len(recorded(story, download.Used)) == 1
    story.at(NOW + timedelta(days=30)).when(fetch, None).then_refused(DownloadExpired)


def test_a_link_ends_after_15_minutes_and_not_after_the_download() -> None:
    story = book().when(ends, None)
    assert story.result == timedelta(minutes=15)
    story.at(NOW + timedelta(days=30, minutes=-5)).when(ends, None)
    assert story.result == timedelta(minutes=5)


@NEEDS_A_DOWNLOAD
def test_a_download_ends_with_its_order(act: Act) -> None:
    story = book().when(call_off, "changed my mind")
    assert len(recorded(story, download.Revoked)) == 1
    story.when(act, None).then_refused(DownloadNotFound)


def test_a_download_ends_when_its_line_has_been_refunded() -> None:
    story = book().when(ask_for_refund, "a").when(fetch, None)
    assert not recorded(story, download.Revoked)
    story.when(pay_back, 1000)
    assert len(recorded(story, download.Revoked)) == 1
    story.when(fetch, None).then_refused(DownloadNotFound)


def test_a_product_without_a_file_counts_as_handed_over() -> None:
    story = begun(line("a", "digital_product"))
    assert recorded(story, order.Fulfilled) and not recorded(story, download.Granted)
    story.when(fetch, None).then_refused(DownloadNotFound)
