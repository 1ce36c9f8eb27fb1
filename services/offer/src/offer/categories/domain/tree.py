"""The tree of categories: its rules, and its order."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from contracts.category import CategoryDetails
from offer.catalogue.domain.errors import Invalid

MAX_DEPTH = 8

Categories = Mapping[str, CategoryDetails]
"""By slug."""


def check_place(slug: str, details: CategoryDetails, categories: Categories) -> None:
    """Refuse a parent that does not exist, a cycle, and a tree that is too deep. Raises ``Invalid``."""
    if details.parent is not None and details.parent not in {*categories, slug}:
        raise Invalid(("parent",), f"There is no category {details.parent}.")
    tree = {**categories, slug: details}
    above = 0
    parent = _parent(slug, tree)
    while parent is not None:
        if parent == slug:
            raise Invalid(("parent",), f"The category {details.parent} is {slug} itself or stands below it.")
        above += 1
        parent = _parent(parent, tree)
    if above + _height(slug, _children(tree)) > MAX_DEPTH:
        raise Invalid(("parent",), f"Categories have at most {MAX_DEPTH} levels.")


def depth_first(categories: Categories) -> list[str]:
    """Each category before those below it, siblings by position and name. One whose parent has been removed
    stands at the top."""
    children = _children(categories)

    def below(parent: str | None) -> Iterator[str]:
        for slug in children[parent]:
            yield slug
            yield from below(slug)

    return list(below(None))


def _parent(slug: str, categories: Categories) -> str | None:
    """None also if it has been removed."""
    parent = categories[slug].parent
    return parent if parent in categories else None


def _children(categories: Categories) -> Mapping[str | None, list[str]]:
    children: defaultdict[str | None, list[str]] = defaultdict(list)
    for slug in sorted(categories, key=lambda it: (categories[it].position, categories[it].name, it)):
        children[_parent(slug, categories)].append(slug)
    return children


def _height(slug: str, children: Mapping[str | None, Iterable[str]]) -> int:
    return 1 + max((_height(it, children) for it in children[slug]), default=0)
