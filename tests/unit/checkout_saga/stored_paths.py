"""Paths of checkouts of the present version, and what was decided on each when its file was stored.

``python -m tests.unit.checkout_saga.stored_paths`` stores a new path; it never changes a file that there is.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeAlias
from uuid import UUID

from checkout_saga.checkout.use_cases.buying import cancel_checkout, confirm_action, pay_again
from checkout_saga.checkout.use_cases.reviewing import end_review
from checkout_saga.checkout.workflow import CHECKOUTS
from checkout_saga.payments.domain.operation import Declined, Done, Operation
from contracts.envelope import Message, Reply
from tests.support.scenario import NOW, Scenario
from tests.unit.checkout_saga.examples import (
    CHECKOUT,
    cart_unlocked,
    promotions_released,
    stock_confirmed,
    stock_released,
)
from tests.unit.checkout_saga.paying import answer, look, paying, seen
from tests.unit.checkout_saga.test_attempts import ACT, CARD, NO
from tests.unit.checkout_saga.test_push_payments import BOLETO, PAID, PIX
from tests.unit.checkout_saga.test_reviews import decided
from tests.unit.checkout_saga.test_screening import ON, REVIEWED, decide

FILES = Path(__file__).parent / "histories_of_paths"
MONEY = Done("ref", 2000)
Decisions: TypeAlias = Iterator[Scenario]
"""The same story after each of its decisions."""


def attempts_until_one_is_confirmed() -> Decisions:
    story = paying(max_attempts=2)
    yield story
    yield answer(story, Operation.AUTHORIZE, NO)
    yield story.after(minutes=1).when(pay_again, CARD)
    yield answer(story, Operation.AUTHORIZE, ACT)
    yield story.after(minutes=2).when(confirm_action, CHECKOUT)
    yield answer(story, Operation.CONFIRM, MONEY)
    yield from _sold(story)


def no_other_attempt_is_made() -> Decisions:
    story = paying(max_attempts=2)
    yield story
    yield answer(story, Operation.AUTHORIZE, NO)
    yield story.after(minutes=15).when(CHECKOUTS.on_deadline, CHECKOUT)
    yield from _released(story)


def a_declined_confirmation_is_voided_first() -> Decisions:
    story = paying(max_attempts=2)
    yield story
    yield answer(story, Operation.AUTHORIZE, ACT)
    yield story.when(confirm_action, CHECKOUT)
    yield answer(story, Operation.CONFIRM, Declined("PAYMENT_DECLINED", "no"))
    yield answer(story, Operation.VOID, Done("ref", 0))
    yield story.when(pay_again, CARD)
    yield answer(story, Operation.AUTHORIZE, MONEY)
    yield from _sold(story)


def a_pix_is_paid() -> Decisions:
    story = paying(payment_method="pix", payment_token="", pay_until=NOW + timedelta(minutes=30), place=0)
    yield story
    yield answer(story, Operation.AUTHORIZE, PIX)
    yield look(story.after(minutes=1), PIX)
    yield look(story.after(minutes=20), PAID)
    yield story.when(CHECKOUTS.on_reply, stock_confirmed())


def a_pix_is_cancelled() -> Decisions:
    story = paying(payment_method="pix", payment_token="", pay_until=NOW + timedelta(minutes=30), place=0)
    yield story
    yield answer(story, Operation.AUTHORIZE, PIX)
    yield story.after(minutes=5).when(cancel_checkout, CHECKOUT)
    yield answer(story, Operation.VOID, Done("ref", 0))
    yield from _released(story)


def a_boleto_is_paid_after_two_days() -> Decisions:
    story = paying(payment_method="boleto", payment_token="", pay_until=NOW + timedelta(days=3), place=0)
    yield story
    yield answer(story, Operation.AUTHORIZE, BOLETO)
    yield look(story.after(days=2), PAID)
    yield story.when(CHECKOUTS.on_reply, stock_confirmed())


def a_review_is_approved() -> Decisions:
    story = paying(screening=ON)
    yield story
    yield story.when(decide, REVIEWED)
    yield answer(story, Operation.AUTHORIZE, MONEY)
    yield decided(story.after(hours=3), "approve")
    yield from _sold(story)


def a_review_is_approved_without_a_line() -> Decisions:
    story = paying(screening=ON)
    yield story
    yield story.when(decide, REVIEWED)
    yield answer(story, Operation.AUTHORIZE, MONEY)
    yield decided(story.after(hours=3), "approve", "b")
    yield answer(story, Operation.CAPTURE, Done("ref", 1000))
    yield story.when(CHECKOUTS.on_reply, stock_confirmed())


def a_review_is_declined() -> Decisions:
    story = paying(screening=ON)
    yield story
    yield story.when(decide, REVIEWED)
    yield answer(story, Operation.AUTHORIZE, MONEY)
    yield decided(story.after(hours=3), "decline")
    yield answer(story, Operation.VOID, MONEY)
    yield from _released(story)


def a_review_ends_by_time() -> Decisions:
    story = paying(screening=ON)
    yield story
    yield story.when(decide, REVIEWED)
    yield answer(story, Operation.AUTHORIZE, MONEY)
    yield story.after(hours=24).when(lambda _, work: end_review(CHECKOUT, work), None)
    yield answer(story, Operation.VOID, MONEY)
    yield from _released(story)


def a_payment_is_denied_by_the_rules() -> Decisions:
    story = paying(screening=ON)
    yield story
    yield story.when(decide, {"03-customer-attempts-deny": 10})
    yield from _released(story)


def _sold(story: Scenario) -> Decisions:
    yield answer(story, Operation.CAPTURE, MONEY)
    yield story.when(CHECKOUTS.on_reply, stock_confirmed())


def _released(story: Scenario) -> Decisions:
    replies: tuple[Callable[[], Reply], ...] = (promotions_released, stock_released, cart_unlocked)
    for reply in replies:
        yield story.when(CHECKOUTS.on_reply, reply())


PATHS: Mapping[str, Callable[[], Decisions]] = MappingProxyType(
    {
        it.__name__: it
        for it in (
            attempts_until_one_is_confirmed,
            no_other_attempt_is_made,
            a_declined_confirmation_is_voided_first,
            a_pix_is_paid,
            a_pix_is_cancelled,
            a_boleto_is_paid_after_two_days,
            a_review_is_approved,
            a_review_is_approved_without_a_line,
            a_review_is_declined,
            a_review_ends_by_time,
            a_payment_is_denied_by_the_rules,
        )
    }
)


def decisions(path: Callable[[], Decisions]) -> Iterator[dict[str, Any]]:
    """One row each: the facts, the commands, the timers, and the status then. The first has the facts that
    the path begins with."""
    written: Counter[UUID] = Counter()
    for story in path():
        facts = [it for stream, past in story.world.past.items() for it in past[written[stream] :]]
        written.update(it.originator_id for it in facts)
        yield {
            "facts": [{"stream": str(it.originator_id), **_stored(it)} for it in facts],
            "commands": [_stored(it.command) for it in story.work.sent],
            "timers": sorted(
                [kind, str(subject), timer and timer.due_at.isoformat()]
                for (subject, kind), timer in story.work.timers.items()
            ),
            "status": seen(story).status,
        }


def _stored(message: Message) -> dict[str, Any]:
    return {
        "type": message.TYPE,
        "schema_version": message.SCHEMA_VERSION,
        "body": json.loads(message.body()),
    }


def file_of(name: str) -> Path:
    return FILES / f"definition_{CHECKOUTS.workflow.current}.{name}.jsonl"


def main() -> None:
    for name, path in PATHS.items():
        if not file_of(name).exists():
            file_of(name).write_text("".join(f"{json.dumps(it)}\n" for it in decisions(path)))


if __name__ == "__main__":
    main()
