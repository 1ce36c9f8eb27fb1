"""What may happen to one payment at the simulated gateway, for every history."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from simulators.gateway import payment, tokens
from simulators.gateway.payment import Outcome, Payment, RequestedAmount

Rule = Callable[[Payment, RequestedAmount], Outcome]
RULES: tuple[Rule, ...] = (
    payment.authorize,
    payment.confirm,
    payment.capture,
    payment.void,
    payment.refund,
)
asked = st.builds(RequestedAmount, st.integers(1, 100), st.sampled_from(["USD", "EUR"]))
histories = st.lists(st.tuples(st.sampled_from(RULES), asked), max_size=12)


@given(st.sampled_from(sorted(tokens.KNOWN)), histories)
def test_a_payment_is_authorized_once_captured_once_and_refunded_up_to_the_capture(
    token: str, history: list[tuple[Rule, RequestedAmount]]
) -> None:
    payment, done = Payment(token), []
    for rule, wanted in history:
        outcome = rule(payment, wanted)
        payment = outcome.payment
        done.append((rule.__name__, outcome.status, outcome.amount))
        assert 0 <= payment.refunded <= payment.captured <= max(payment.authorized, payment.captured)
    captured = [amount for _, status, amount in done if status == "captured"]
    voided = [status for _, status, _ in done if status == "voided"]
    refunded = sum(amount for _, status, amount in done if status == "refunded")
    assert len(captured) <= 1
    assert not (captured and voided)
    assert refunded <= sum(captured)
    assert len([1 for name, status, _ in done if name == "authorize" and status != "declined"]) <= 1


@given(st.sampled_from(sorted(tokens.KNOWN)), histories)
def test_a_refused_operation_changes_nothing(token: str, history: list[tuple[Rule, RequestedAmount]]) -> None:
    payment = Payment(token)
    for rule, wanted in history:
        outcome = rule(payment, wanted)
        if outcome.status == "refused":
            assert outcome.payment == payment
            assert outcome.code
        payment = outcome.payment


def test_a_capture_beyond_the_authorization_or_in_another_currency_is_refused() -> None:
    held = payment.authorize(Payment(tokens.OK), RequestedAmount(100, "USD")).payment
    for wanted in (RequestedAmount(101, "USD"), RequestedAmount(100, "EUR")):
        assert payment.capture(held, wanted).code == "CAPTURE_EXCEEDS_AUTHORIZATION"


def test_a_declined_payment_may_be_tried_again() -> None:
    declined = payment.authorize(Payment(tokens.DECLINED), RequestedAmount(100, "USD")).payment
    again = payment.authorize(Payment(tokens.OK, declined.status), RequestedAmount(100, "USD"))
    assert (declined.authorized, again.status) == (0, "authorized")


def test_a_foreign_token_is_not_stored() -> None:
    assert tokens.redact_foreign("something a customer typed") == tokens.OTHER
