"""All facts of a stream have types of one family, by which selective groups choose streams."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from typing import Any

import cart
import checkout_saga
import offer
from cart.catalogue.counts_projection import CountsProjection
from cart.catalogue.customer_projection import CustomerProjection
from contracts.topics import MESSAGES
from contracts.topology import FAMILIES, SELECTIVE_GROUPS
from kernel.domain import Aggregate
from offer.app import shoppers
from offer.customers.projection import GROUP as SHOPPERS
from projections.models.registry import REGISTRY

NAME = re.compile(r"\b(?:([a-z_]+)\.)?([A-Z]\w+)")
TOGETHER = {"Difference": {"provider", "reconciliation"}}
"""Money that a reconciliation finds is recorded with the difference: who reads one family reads the other."""
TYPES = {fact: type_ for type_, fact in MESSAGES.facts.items()}


def test_an_aggregate_records_facts_of_one_family() -> None:
    found = {
        it.__qualname__: {MESSAGES.family_of(fact) for fact in types_named_in(it)} for it in aggregates()
    }
    assert len(found) > 20
    assert {name: families for name, families in found.items() if len(families) > 1} == TOGETHER


def test_each_declared_exception_is_recorded_in_streams_of_its_family_alone() -> None:
    named = {it.__qualname__: types_named_in(it) for it in aggregates()}
    for type_, family in FAMILIES.items():
        others = [types - {type_} for types in named.values() if type_ in types]
        assert [{it.partition(".")[0] for it in types} for types in others] == [{family}], type_


def test_the_families_listed_for_a_selective_group_are_those_of_the_types_that_it_takes() -> None:
    taken = {
        CountsProjection.scope: CountsProjection.types,
        CustomerProjection.scope: CustomerProjection.types,
        SHOPPERS: {type_ for it in shoppers() for type_ in it.types},
        **{it.scope: {TYPES[fact] for fact in it.facts} for it in REGISTRY.models if it.selective},
    }
    assert {
        name: {MESSAGES.family_of(it) for it in types} for name, types in taken.items()
    } == SELECTIVE_GROUPS


def test_a_selective_reader_takes_families_that_share_streams_together() -> None:
    models = {it.name: it.facts for it in REGISTRY.models if it.selective}
    read = {name: {TYPES[it].partition(".")[0] for it in facts} for name, facts in models.items()}
    assert read
    for families in TOGETHER.values():
        assert [name for name, it in read.items() if 0 < len(it & families) < len(families)] == []


def aggregates() -> Iterator[type[Any]]:
    for package in (cart, offer, checkout_saga):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if ".domain." in module.name:
                importlib.import_module(module.name)
    yield from subclasses_of(Aggregate)


def subclasses_of(kind: type[Any]) -> Iterator[type[Any]]:
    for it in kind.__subclasses__():
        yield it
        yield from subclasses_of(it)


def types_named_in(kind: type[Any]) -> set[str]:
    """The types of the facts that the class names, as ``module.Fact`` or ``Fact``."""
    names = vars(inspect.getmodule(kind))
    named = (
        getattr(names.get(module), fact, None) if module else names.get(fact)
        for module, fact in NAME.findall(inspect.getsource(kind))
    )
    return {TYPES[it] for it in named if inspect.isclass(it) and it in TYPES}
