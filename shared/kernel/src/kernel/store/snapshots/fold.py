"""Fold: identifies the code that folds the facts of one kind of aggregate.

Its version is a hash of the source of the aggregate's module and of all that it imports from our own
packages, directly or not: the base class, the facts, the rules that ``evolve`` applies. A change there of any
kind makes the snapshots of that kind unusable, without a number that has to be raised by hand.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from contracts.registry import MessageRegistry
from kernel.domain import Aggregate

BASE = "contracts"
"""This package is our own, and so are those that depend on it."""
ALWAYS = ("kernel.store.upcasting", "kernel.store.snapshots.state_codec")
"""Modules that take part in every fold, beside those that the aggregate imports."""


class Fold(NamedTuple):
    version: bytes
    """32 bytes: the same in every process that runs the same code."""
    modules: frozenset[str]
    """The modules of the fold."""


@cache
def fold_of(kind: type[Aggregate], messages: MessageRegistry) -> Fold:
    upcasters = (it.__module__ for it in messages.upcasters.values())
    modules = modules_of(kind.__module__, *upcasters, *ALWAYS)
    digest = hashlib.sha256(f"{kind.__module__}:{kind.__qualname__}".encode())
    for name in sorted(modules):
        source = _source(name)
        digest.update(f"{name} {len(source)} ".encode())
        digest.update(source)
    return Fold(digest.digest(), modules)


def modules_of(*names: str) -> frozenset[str]:
    """These modules, and those of our own that they import, directly or not."""
    found: set[str] = set()
    pending = list(names)
    while pending:
        name = pending.pop()
        if name not in found:
            found.add(name)
            pending += _imports(name)
    return frozenset(found)


@cache
def _imports(name: str) -> tuple[str, ...]:
    """The modules of our own that a module imports itself."""
    imported = {it for statement in ast.walk(ast.parse(_source(name))) for it in _names(statement)}
    own = name.partition(".")[0]
    return tuple(sorted(it for it in imported if _is_ours(it.partition(".")[0], own) and _path(it)))


def _names(statement: ast.AST) -> Iterator[str]:
    """What an import statement may have imported: the module, or a module in it."""
    match statement:
        case ast.Import(names=names):
            yield from (it.name for it in names)
        case ast.ImportFrom(module=str(module), names=names):
            yield module
            yield from (f"{module}.{it.name}" for it in names)


def _is_ours(package: str, own: str) -> bool:
    return package in {own, BASE} or _depends_on_base(package)


@cache
def _depends_on_base(package: str) -> bool:
    try:
        return BASE in (distribution(package).requires or ())
    except PackageNotFoundError:
        return False


@cache
def _path(name: str) -> Path | None:
    """The source file of a module; None if the name is another thing than a module."""
    try:
        spec = find_spec(name)
    except ModuleNotFoundError:
        return None
    return Path(spec.origin) if spec and spec.origin else None


@cache
def _source(name: str) -> bytes:
    path = _path(name)
    return path.read_bytes() if path else b""
