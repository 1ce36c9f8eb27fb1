"""Certifications: begun with their line, and taken back with the order."""

from __future__ import annotations

import re
from uuid import UUID

from checkout_saga.fulfillment.domain.certification import certification_id_of, code_of
from checkout_saga.fulfillment.domain.errors import CertificateRevoked
from checkout_saga.fulfillment.use_cases import certifying
from checkout_saga.fulfillment.use_cases.certifying import CERTIFICATE, ORDER_CERTIFICATION
from checkout_saga.orders.use_cases import fulfilling
from checkout_saga.orders.use_cases.refunds import cancel_order
from contracts import certification, order
from kernel.store.sort_keys import time_key
from kernel.unit_of_work import UnitOfWork
from tests.support.scenario import NOW
from tests.unit.checkout_saga.examples import CUSTOMER, ORDER
from tests.unit.checkout_saga.fulfillment.orders import RUST, begun, line, recorded, set_to

CERTIFICATION = certification_id_of(ORDER, "a")
FIRST, SECOND = code_of(bytes(10)), code_of(b"\xff" * 10)


async def issue(code: str, work: UnitOfWork) -> None:
    await certifying.issue(CERTIFICATION, code, work)


async def call_off(reason: str, work: UnitOfWork) -> None:
    await cancel_order(ORDER, UUID(int=0xF1), reason, work)


async def complete(line_id: str, work: UnitOfWork) -> None:
    await fulfilling.complete_line(ORDER, line_id, None, work)


def test_the_customer_is_enrolled_for_the_programme_that_was_bought() -> None:
    story = begun(line("a", "certification"))
    (enrolled,) = recorded(story, certification.Enrolled)
    assert (enrolled.customer_id, enrolled.programme_id, enrolled.name) == (CUSTOMER, RUST, "a")
    (fulfilled,) = recorded(story, order.Fulfilled)
    assert fulfilled.results[0].reference == str(CERTIFICATION)
    story.then_holds(ORDER_CERTIFICATION, f"{ORDER}/{time_key(NOW)}/{CERTIFICATION}", CERTIFICATION)


def test_a_certification_by_hand_begins_when_the_shop_says_so() -> None:
    story = begun(line("a", "certification"), others=[set_to(fulfillment={"certification": "manual"})])
    assert not recorded(story, certification.Enrolled)
    story.when(complete, "a")
    assert recorded(story, certification.Enrolled)


def test_a_line_has_one_certificate_however_often_it_is_issued() -> None:
    story = begun(line("a", "certification")).when(issue, FIRST)
    story.then_holds(CERTIFICATE, FIRST, CERTIFICATION)
    story.when(issue, SECOND).then_nothing()


def test_a_certificate_ends_with_its_order_and_its_code_stays_known() -> None:
    story = begun(line("a", "certification")).when(issue, FIRST).when(call_off, "cheated")
    assert recorded(story, certification.Revoked)
    story.then_holds(CERTIFICATE, FIRST, CERTIFICATION)
    story.when(issue, SECOND).then_refused(CertificateRevoked)


def test_a_code_has_80_bits_and_no_letter_that_looks_like_a_digit() -> None:
    assert re.fullmatch(r"[A-HJ-NP-Z2-9]{4}(-[A-HJ-NP-Z2-9]{4}){3}", FIRST)
    assert len({FIRST, SECOND, code_of(b"\x01" + bytes(9)), code_of(bytes(9) + b"\x01")}) == 4
