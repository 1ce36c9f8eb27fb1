"""What a restored log gets back: every kind of unique key that a service claims is derived from recovered
facts, too, or is listed below with the reason why it need not be."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pytest

from contracts.topology import PUBLISHERS, SERVICES

ROOT = Path(__file__).parents[2]
NOT_DERIVED: Mapping[str, Mapping[str, str]] = {
    "checkout-saga": {
        "reconciliation_failed": "calls an operator while an account cannot be compared; after a recovery "
        "the account's next run, some minutes later, claims it or finds the account comparable",
    },
    "offer": {
        "category_tree": "counts the changes of the tree, so that of two at once one is decided again; after "
        "a recovery the next one counts from what it finds",
        "price_change": "how far a change of prices under an idempotency key has come; the response under it "
        "does not come back either, and what is repeated finds the prices changed",
        "upsell_place": "keeps those that are created at once within the limit of an offer, which counts the "
        "listed ones: a place that is free after a recovery lets no more of them in",
    },
}
CLAIMING = {"claim_key": 0, "try_claim_key": 0}
"""The methods that claim, and where their argument with the kind stands."""


class Code:
    """The functions of a package: which kinds of unique keys each claims, and which others it calls. They are
    found by their names in the source, methods by their name alone."""

    def __init__(self, modules: Mapping[str, str]) -> None:
        """``modules``: the sources by dotted name."""
        self._trees = {name: ast.parse(source) for name, source in modules.items()}
        self._constants = {
            (module, name): value
            for module, tree in self._trees.items()
            for node in tree.body
            if isinstance(node, ast.Assign) and len(node.targets) == 1
            for name, value in constants_of(node)
        }
        self._imports = {
            (module, it.asname or it.name): (str(node.module), it.name)
            for module, tree in self._trees.items()
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom)
            for it in node.names
        }
        self._functions = {
            (module, node.name): node
            for module, tree in self._trees.items()
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        }

    def kinds(self) -> dict[str, str]:
        """All that are claimed, each with a function that does."""
        return {
            kind: f"{module}.{name}" for module, name in self._functions for kind in self._kinds(module, name)
        }

    def derived(self, recovery: str) -> set[str]:
        """Those that are claimed by what the module passes as ``again`` to ``Derivation``, and what that
        calls."""
        calls = [it for it in ast.walk(self._trees[recovery]) if isinstance(it, ast.Call)]
        of_derivations = [it for it in calls if isinstance(it.func, ast.Name) and it.func.id == "Derivation"]
        assert of_derivations
        pending = [it for call in of_derivations for it in self._named(recovery, [call.args[1]])]
        seen: set[tuple[str, str]] = set()
        while pending:
            if (function := pending.pop()) not in seen:
                seen.add(function)
                pending += self._named(function[0], self._functions[function].body)
        return {kind for it in seen for kind in self._kinds(*it)}

    def _kinds(self, module: str, name: str) -> Iterator[str]:
        for node in ast.walk(self._functions[module, name]):
            match node:
                case ast.Call(func=ast.Attribute(attr=str(method)), args=[kind, *_]) if method in CLAIMING:
                    yield self._value(module, kind)

    def _value(self, module: str, kind: ast.expr) -> str:
        assert isinstance(kind, ast.Name), f"{module} line {kind.lineno}: the kind of a key is a constant"
        at = (module, kind.id)
        if at not in self._constants:
            at = self._imports.get(at, at)
        assert at in self._constants, f"{module} line {kind.lineno}: {kind.id} is no constant of the service"
        return self._constants[at]

    def _named(self, module: str, nodes: Iterable[ast.AST]) -> Iterator[tuple[str, str]]:
        for node in (it for root in nodes for it in ast.walk(root)):
            match node:
                case ast.Name(id=name):
                    for at in ((module, name), self._imports.get((module, name), (module, name))):
                        if at in self._functions:
                            yield at
                case ast.Attribute(value=ast.Name(id=name), attr=attribute) if (
                    module,
                    name,
                ) in self._imports:
                    package, submodule = self._imports[module, name]
                    if (at := (f"{package}.{submodule}", attribute)) in self._functions:
                        yield at
                case ast.Attribute(attr=method) if isinstance(self._root(node), ast.Name):
                    yield from self._methods(module, node, method)

    def _methods(self, module: str, node: ast.Attribute, method: str) -> Iterator[tuple[str, str]]:
        """Of ``self``, of its parts, and of objects that the module of derivations has made."""
        if self._root(node).id == "self" or module.endswith(".recovery"):
            yield from (at for at in self._functions if at[1] == method)

    @staticmethod
    def _root(node: ast.AST) -> ast.Name:
        while isinstance(node, ast.Attribute):
            node = node.value
        return node  # type: ignore[return-value]  # the caller has looked


def root_of(node: ast.expr) -> str:
    """The name before all dots; empty if something else is there."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def constants_of(node: ast.Assign) -> Iterator[tuple[str, str]]:
    """The names that an assignment gives to texts; also to several at once."""
    target = node.targets[0]
    several = isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple)
    names = target.elts if isinstance(target, ast.Tuple) else [target]
    values = node.value.elts if isinstance(node.value, ast.Tuple) and several else [node.value]
    for name, value in zip(names, values, strict=several):
        if isinstance(name, ast.Name) and isinstance(value, ast.Constant):
            yield name.id, str(value.value)


def code_of(package: Path) -> Code:
    paths = sorted(package.rglob("*.py"))
    names = [".".join(it.relative_to(package.parent).with_suffix("").parts) for it in paths]
    return Code({name: path.read_text() for name, path in zip(names, paths, strict=True)})


@pytest.mark.parametrize("service", PUBLISHERS)
def test_every_kind_of_unique_key_is_made_again_by_a_recovery_or_listed(service: str) -> None:
    package = next(it.module for it in SERVICES if it.name == service)
    code = code_of(ROOT / "services" / service / "src" / package)
    derived = code.derived(f"{package}.recovery")
    missing = {kind: by for kind, by in code.kinds().items() if kind not in derived}
    assert len(derived) > 3
    assert missing.keys() == NOT_DERIVED.get(service, {}).keys(), missing


EXAMPLE = {
    "shop.keys": 'NAME = "name"\nPLACE = "place"\n',
    "shop.use": (
        "from shop.keys import NAME, PLACE\n"
        "async def create(it, work):\n    work.claim_key(NAME, it.name, it.id)\n    await take(it, work)\n"
        "async def take(it, work):\n    await work.try_claim_key(PLACE, it.place, it.id)\n"
        "async def again(it, work):\n    work.claim_key(NAME, it.name, it.id)\n"
    ),
    "shop.recovery": "from shop.use import again, create\nALL = [Derivation(Thing, {})]\n",
}


@pytest.mark.parametrize(("again", "derived"), [("again", {"name"}), ("create", {"name", "place"})])
def test_the_check_follows_calls_from_a_derivation(again: str, derived: set[str]) -> None:
    code = Code(EXAMPLE | {"shop.recovery": EXAMPLE["shop.recovery"].format(again)})
    assert code.kinds().keys() == {"name", "place"}
    assert code.derived("shop.recovery") == derived
