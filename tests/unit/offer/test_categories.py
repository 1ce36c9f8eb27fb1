"""The tree of categories."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from contracts.category import CategoryDetails, Removed, Set
from offer.catalogue.domain.errors import Invalid
from offer.categories.domain.errors import CategoryNotFound
from offer.categories.domain.groups import category_id
from offer.categories.domain.tree import check_place, depth_first
from offer.categories.use_cases import remove_category, set_category
from tests.support.scenario import Scenario, given, stamp

KITCHEN, CUPS = category_id("demo", "kitchen"), category_id("demo", "cups")


def category(parent: str | None = None, position: int = 0, name: str = "it") -> CategoryDetails:
    return CategoryDetails(name=name, parent=parent, position=position)


def tree(**parents: str | None) -> Mapping[str, CategoryDetails]:
    return {slug: category(parent, name=slug) for slug, parent in parents.items()}


def test_siblings_stand_by_position_and_name_each_before_those_below_it() -> None:
    categories = {
        "b": category(name="Beta"),
        "a": category(name="Alpha", position=1),
        "b-2": category("b", 2, "Two"),
        "b-1": category("b", 2, "One"),
        "b-1-x": category("b-1"),
        "lost": category("removed", 5),
    }
    assert depth_first(categories) == ["b", "b-1", "b-1-x", "b-2", "a", "lost"]


@pytest.mark.parametrize("parent", ["a", "b", "c"])
def test_a_category_does_not_stand_below_itself(parent: str) -> None:
    with pytest.raises(Invalid):
        check_place("a", category(parent), tree(b="a", c="b"))


def test_a_category_that_comes_back_below_one_that_was_below_it_would_be_a_cycle() -> None:
    with pytest.raises(Invalid):
        check_place("a", category("b"), tree(b="a"))


def test_a_parent_exists() -> None:
    with pytest.raises(Invalid):
        check_place("a", category("b"), {})


def test_there_are_eight_levels_and_no_ninth() -> None:
    chain = tree(c1=None, **{f"c{it}": f"c{it - 1}" for it in range(2, 8)})
    check_place("c8", category("c7"), chain)
    with pytest.raises(Invalid):
        check_place("c9", category("c8"), {**chain, **tree(c8="c7")})
    with pytest.raises(Invalid):
        check_place("top", category("c7"), {**chain, **tree(below="top")})


def shop() -> Scenario:
    return given(Set(**stamp(KITCHEN), slug="kitchen", details=category())).claimed(
        "category", "kitchen", KITCHEN
    )


def test_a_category_is_set_once_and_holds_its_slug() -> None:
    scenario = shop().when(_set, ("cups", category("kitchen")))
    scenario.then(Set(**stamp(CUPS), slug="cups", details=category("kitchen")))
    scenario.then_holds("category", "cups", CUPS)
    scenario.when(_set, ("cups", category("kitchen"))).then_nothing()


def test_a_removed_category_is_not_found_and_can_be_set_again() -> None:
    scenario = shop().when(remove_category, "kitchen").then(Removed(**stamp(KITCHEN), slug="kitchen"))
    scenario.then_holds("category", "kitchen", None)
    scenario.when(_set, ("kitchen", category())).then_holds("category", "kitchen", KITCHEN)
    given().when(remove_category, "kitchen").then_refused(CategoryNotFound)


def test_of_two_changes_of_the_tree_at_once_one_sees_the_other() -> None:
    scenario = shop().claimed("category_tree", "4", KITCHEN).when(_set, ("cups", category("kitchen")))
    scenario.then_holds("category_tree", "4", None).then_holds("category_tree", "5", CUPS)


async def _set(command: tuple[str, CategoryDetails], work: object) -> object:
    return await set_category(*command, work)  # type: ignore[arg-type]
