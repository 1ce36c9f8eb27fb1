"""Check S2 states for itself when an operator is called."""

from kernel.scheduling import retries
from verify.checks import sagas


def test_verify_expects_an_operator_after_as_many_tries_as_the_product_makes() -> None:
    assert sagas.TRIES_BEFORE_OPERATOR == retries.TRIES_BEFORE_OPERATOR
