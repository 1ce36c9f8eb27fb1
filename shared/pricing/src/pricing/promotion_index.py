"""Promotions found by what they are for, so that those for other products cost a sale nothing."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from pricing.basket import Line
from pricing.promotions import Promotion

Key = tuple[str, str]


class PromotionIndex:
    """
    Built once from a tenant's automatic promotions, and asked for each sale.

    A promotion stands under each value of one part of its selector; one without a selector is for all sales.
    """

    def __init__(self, promotions: Iterable[Promotion]) -> None:
        self._for_all: list[Promotion] = []
        self._by_key: dict[Key, list[Promotion]] = defaultdict(list)
        for promotion in promotions:
            keys = list(_keys_of_selector(promotion))
            for key in keys:
                self._by_key[key].append(promotion)
            if not keys:
                self._for_all.append(promotion)

    def matching(self, lines: Iterable[Line]) -> list[Promotion]:
        """Those that are for at least one of the lines."""
        lines = list(lines)
        if not lines:
            return []
        found = {promotion.promotion_id: promotion for promotion in self._for_all}
        keys = {key for line in lines for key in _keys_of_line(line)}
        for key in keys & self._by_key.keys():
            for promotion in self._by_key[key]:
                if promotion.promotion_id not in found and any(map(promotion.conditions.selects, lines)):
                    found[promotion.promotion_id] = promotion
        return list(found.values())


def _keys_of_selector(promotion: Promotion) -> Iterator[Key]:
    conditions = promotion.conditions
    for part, values in (
        ("product", conditions.product_ids),
        ("collection", conditions.collections),
        ("category", conditions.categories),
    ):
        if values:
            yield from ((part, value) for value in values)
            return


def _keys_of_line(line: Line) -> Iterator[Key]:
    yield "product", line.product_id
    if line.category is not None:
        yield "category", line.category
    for collection in line.collections:
        yield "collection", collection
