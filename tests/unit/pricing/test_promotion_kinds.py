"""Rules that hold for every kind of promotion."""

from decimal import Decimal

import pytest

from pricing.promotion_kinds.kind import PromotionKind
from pricing.promotion_kinds.registry import KINDS
from pricing.rounding import Mode

every_kind = pytest.mark.parametrize("kind", KINDS.values(), ids=lambda it: it.name)


@every_kind
@pytest.mark.parametrize("value", ["0", "-1", "0.001"])
def test_a_value_that_gives_no_exact_discount_breaks_the_rule(kind: PromotionKind, value: str) -> None:
    with pytest.raises(ValueError, match=r"^[A-Z].*\.$"):
        kind.check(Decimal(value))


@every_kind
def test_a_value_that_is_accepted_gives_a_discount_and_says_how(kind: PromotionKind) -> None:
    kind.check(Decimal(30))
    value = kind.value_of(Decimal(30))

    assert kind.amount(value, 2000, Mode.HALF_UP) > 0
    assert kind.formula(value, 2000, Mode.HALF_UP)
