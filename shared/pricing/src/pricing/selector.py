"""The selection of lines by product, category and collection."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

from pricing.basket import Line


@dataclass(frozen=True, slots=True)
class Selector:
    """A line must be in each of the sets; an empty set selects all."""

    product_ids: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    collections: frozenset[str] = frozenset()

    def selects(self, line: Line) -> bool:
        return (
            (not self.product_ids or line.product_id in self.product_ids)
            and (not self.categories or line.category in self.categories)
            and (not self.collections or not self.collections.isdisjoint(line.collections))
        )


class Selections:
    """The lines of one basket by selector. Each selection is computed once; one that has nothing in common
    with the basket costs nothing."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self._lines = lines
        self._product_ids = frozenset(line.product_id for line in lines)
        self._categories = frozenset(line.category for line in lines if line.category is not None)
        self._collections = frozenset(chain.from_iterable(line.collections for line in lines))
        self._found: dict[tuple[Iterable[str], ...], Sequence[Line]] = {}

    def of(self, selector: Selector) -> Sequence[Line]:
        """The selected lines, in the order of the basket."""
        product_ids, categories = selector.product_ids, selector.categories
        collections = selector.collections
        if not (product_ids or categories or collections):
            return self._lines
        if (
            (product_ids and product_ids.isdisjoint(self._product_ids))
            or (categories and categories.isdisjoint(self._categories))
            or (collections and collections.isdisjoint(self._collections))
        ):
            return ()
        key = product_ids, categories, collections
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = [line for line in self._lines if selector.selects(line)]
        return found
