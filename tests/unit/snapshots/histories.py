"""Histories of every kind of aggregate, from the types of the facts that its ``evolve`` takes."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from types import ModuleType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from asyncpg.pgproto import pgproto
from hypothesis import strategies as st
from pydantic import BaseModel

import cart
import checkout_saga
import offer
from contracts.envelope import Fact
from kernel.domain import Aggregate

Kind = type[Aggregate]
SERVICES = cart, offer, checkout_saga
STREAM = pgproto.UUID(UUID(int=7).hex)
"""As the database driver returns it."""
NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
ENVELOPE = {"originator_id", "originator_version", "timestamp"}
TEXTS: Mapping[str, Sequence[str]] = {
    "value": ("10", "12.5"),
    "rate": ("19", "7.5"),
    "currency": ("USD", "KWD"),
    "kind": ("percentage", "fixed_amount"),
    "step": ("user_preferences", "package_selection"),
}
"""Texts that ``evolve`` may compute with, by the field's name; others may be anything."""
IDS = UUID(int=1), UUID(int=2)
"""Few, so that facts are about the same things."""
ids = st.sampled_from(IDS)
texts = st.sampled_from([*map(str, IDS), "Ä\N{ZERO WIDTH SPACE}"])
moments = st.sampled_from([NOW, NOW + timedelta(microseconds=1), NOW - timedelta(days=400)])
json_values: st.SearchStrategy[Any] = st.sampled_from([None, True, 2**40, "a", [1, [2]], {"a": {"b": []}}])


def _modules(package: ModuleType) -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if not found.name.endswith("__main__"):
            yield importlib.import_module(found.name)


def _subclasses(kind: Kind) -> Iterator[Kind]:
    for it in kind.__subclasses__():
        yield it
        yield from _subclasses(it)


def kinds() -> list[Kind]:
    """The aggregates that the services open: classes that no other of theirs extends."""
    names = {module.__name__ for service in SERVICES for module in _modules(service)}
    found = [
        it
        for it in _subclasses(Aggregate)  # type: ignore[type-abstract]  # its subclasses are wanted
        if it.__module__ in names and not it.__subclasses__()
    ]
    return sorted(found, key=lambda it: (it.__module__, it.__qualname__))


def fact_types(kind: Kind) -> tuple[type[Fact], ...]:
    return tuple(_options(get_type_hints(kind.evolve)["fact"]))


def _options(annotation: Any) -> Iterator[Any]:
    if get_origin(annotation) in {Union, UnionType}:
        for it in get_args(annotation):
            yield from _options(it)
    else:
        yield annotation


def values(annotation: Any, name: str) -> st.SearchStrategy[Any]:
    """Anything of that type. Raises ``NotImplementedError`` for a type that is not known here."""
    options = list(_options(annotation))
    if len(options) > 1:
        return st.one_of(*(values(it, name) for it in options))
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is tuple and arguments[-1] is ...:
        return st.lists(values(arguments[0], name), max_size=2).map(tuple)
    if origin is tuple:
        return st.tuples(*(values(it, name) for it in arguments))
    if origin is dict or annotation is dict:
        return st.dictionaries(texts, json_values, max_size=1)
    if hasattr(annotation, "__metadata__"):
        return values(origin or arguments[0], name)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return models(annotation)
    simple: dict[Any, st.SearchStrategy[Any]] = {
        UUID: ids,
        datetime: moments,
        int: st.integers(1, 5),
        float: st.sampled_from([1.0, 2.5]),
        bool: st.booleans(),
        type(None): st.none(),
        str: st.sampled_from(TEXTS[name]) if name in TEXTS else texts,
        Any: json_values,
    }
    if annotation not in simple:
        raise NotImplementedError(f"{name}: {annotation}")
    return simple[annotation]


@cache
def models(model: type[BaseModel]) -> st.SearchStrategy[Any]:
    fields = {name: it for name, it in model.model_fields.items() if name not in ENVELOPE}
    given = {name: values(it.annotation, name) for name, it in fields.items()}
    return st.fixed_dictionaries(given).map(lambda chosen: model.model_construct(**chosen))


@cache
def histories(kind: Kind) -> st.SearchStrategy[list[Fact]]:
    """The first fact is one of those with which the kind begins; later ones are any that are possible."""
    types = fact_types(kind)
    first = [it for it in types if kind.CREATED_BY in {None, it.TYPE}]
    shortest, longest = max(3, len(types) // 2), max(14, 3 * len(types))
    later = st.lists(st.one_of(*map(models, types)), min_size=shortest, max_size=longest)
    facts = st.tuples(st.one_of(*map(models, first)), later)
    return facts.map(lambda it: possible(kind, [it[0], *it[1]]))


def possible(kind: Kind, facts: Sequence[Fact]) -> list[Fact]:
    """Those of the facts that can follow one another, as a stream."""
    found: list[Fact] = []
    aggregate = kind.empty(STREAM)
    for it in facts:
        stamped = it.model_copy(
            update={
                "originator_id": STREAM,
                "originator_version": len(found) + 1,
                "timestamp": NOW + timedelta(seconds=len(found)),
            }
        )
        try:
            fold_into(aggregate, [stamped])
        except (LookupError, AttributeError, ValueError, TypeError, ArithmeticError):
            aggregate = folded(kind, found)  # a part of the refused fact may be in it
            continue
        found.append(stamped)
    return found


def folded(kind: Kind, facts: Sequence[Fact]) -> Aggregate:
    return fold_into(kind.empty(STREAM), facts)


def fold_into(aggregate: Aggregate, facts: Sequence[Fact]) -> Aggregate:
    for it in facts:
        it.mutate(aggregate)
    return aggregate
