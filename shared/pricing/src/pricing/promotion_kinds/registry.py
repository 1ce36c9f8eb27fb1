"""All kinds of promotions that are supported, by name."""

from collections.abc import Mapping
from types import MappingProxyType

from pricing.promotion_kinds.bundle import Bundle
from pricing.promotion_kinds.buy_x_get_y import BuyXGetY
from pricing.promotion_kinds.fixed_amount import FixedAmount
from pricing.promotion_kinds.free_shipping import FreeShipping
from pricing.promotion_kinds.kind import PromotionKind
from pricing.promotion_kinds.multi_upsell import MultiUpsell
from pricing.promotion_kinds.percentage import Percentage
from pricing.promotion_kinds.volume import Volume

_ALL: tuple[type[PromotionKind], ...] = (
    Percentage,
    FixedAmount,
    FreeShipping,
    Volume,
    Bundle,
    BuyXGetY,
    MultiUpsell,
)
KINDS: Mapping[str, type[PromotionKind]] = MappingProxyType({kind.name: kind for kind in _ALL})
