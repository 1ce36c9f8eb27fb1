"""All kinds of promotions that are supported, by name."""

from collections.abc import Mapping
from types import MappingProxyType

from pricing.promotion_kinds.fixed_amount import FixedAmount
from pricing.promotion_kinds.kind import PromotionKind
from pricing.promotion_kinds.percentage import Percentage

_ALL: tuple[PromotionKind, ...] = (Percentage(), FixedAmount())
KINDS: Mapping[str, PromotionKind] = MappingProxyType({kind.name: kind for kind in _ALL})
