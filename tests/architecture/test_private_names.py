"""Private names of packages: each that the product code uses is listed here, with what the code relies on.

A private name may change in any release: hence the upper bounds in the ``pyproject.toml`` files. When a bound
is raised, these tests name what has moved.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = [*ROOT.glob("services/*/src/**/*.py"), *ROOT.glob("shared/*/src/**/*.py")]
PUBLIC = {"_replace", "_asdict", "_fields", "_make", "_exit"}
"""Of named tuples and of ``os``: documented, private only by their spelling."""
CLIENTS = "shared/kernel/src/kernel/messaging/clients.py"
PATIENCE = "shared/kernel/src/kernel/messaging/on_demand_fetch.py"
FAITHFUL = "shared/kernel/src/kernel/messaging/cluster_pinning.py"
DIRECT = "shared/kernel/src/kernel/http/fast_path.py"
QUERIES = "shared/kernel/src/kernel/http/queries.py"
PROTOCOL = "shared/kernel/src/kernel/http/protocol.py"


@dataclass(frozen=True)
class PrivateName:
    """``signature``: the parameters of a callable; None for an attribute that ``owner`` assigns to itself."""

    package: str
    owner: str
    name: str
    used_in: str
    signature: str | None = None
    is_coroutine: bool = False

    @property
    def sentence(self) -> str:
        return f"{self.package}: {self.owner} has no {self.name} as {self.used_in} relies on it."


CONSUMER = "aiokafka.consumer.consumer:AIOKafkaConsumer"
PRODUCER = "aiokafka.producer.producer:AIOKafkaProducer"
CLIENT = "aiokafka.client:AIOKafkaClient"
COORDINATOR = "aiokafka.consumer.group_coordinator:GroupCoordinator"
GROUPLESS = "aiokafka.consumer.group_coordinator:NoGroupCoordinator"
ADMIN = "aiokafka.admin.client:AIOKafkaAdminClient"
FETCHER = "aiokafka.consumer.fetcher:Fetcher"
SENDER = "aiokafka.producer.sender:Sender"
PRIVATE_NAMES = (
    PrivateName("aiokafka", CONSUMER, "_client", CLIENTS),
    PrivateName("aiokafka", CONSUMER, "_coordinator", CLIENTS),
    PrivateName("aiokafka", CONSUMER, "_fetcher", PATIENCE),
    PrivateName("aiokafka", CONSUMER, "_closed", CLIENTS),
    PrivateName("aiokafka", PRODUCER, "_sender", CLIENTS),
    PrivateName("aiokafka", PRODUCER, "_closed", CLIENTS),
    PrivateName("aiokafka", ADMIN, "_client", CLIENTS),
    PrivateName("aiokafka", ADMIN, "_closed", CLIENTS),
    PrivateName("aiokafka", ADMIN, "_send_request", CLIENTS, "self, request, node_id", True),
    PrivateName("aiokafka", CLIENT, "_sync_task", CLIENTS),
    PrivateName("aiokafka", CLIENT, "_conns", CLIENTS),
    PrivateName("aiokafka", CLIENT, "_get_conn", FAITHFUL, "self, node_id, *, group, no_hint", True),
    PrivateName("aiokafka", COORDINATOR, "_coordination_task", CLIENTS),
    PrivateName("aiokafka", GROUPLESS, "_reset_committed_task", CLIENTS),
    PrivateName("aiokafka", COORDINATOR, "_heartbeat_task", CLIENTS),
    PrivateName("aiokafka", COORDINATOR, "_commit_refresh_task", CLIENTS),
    PrivateName("aiokafka", SENDER, "close", CLIENTS, "self", True),
    PrivateName("aiokafka", FETCHER, "_fetch_task", CLIENTS),
    PrivateName("aiokafka", FETCHER, "_fetch_waiters", PATIENCE),
    PrivateName("aiokafka", FETCHER, "_wait_consume_future", PATIENCE),
    PrivateName("aiokafka", FETCHER, "_notify", PATIENCE, "self, future"),
    PrivateName("aiokafka", FETCHER, "_create_fetch_waiter", PATIENCE, "self"),
    PrivateName("aiokafka", FETCHER, "_get_actions_per_node", PATIENCE, "self, assignment"),
    PrivateName("fastapi", "fastapi._compat:", "is_scalar_field", DIRECT, "field"),
    PrivateName("fastapi", "fastapi._compat:ModelField", "validate", DIRECT, "self, value, values, *, loc"),
    PrivateName("starlette", "starlette.requests:Request", "_body", DIRECT),
    PrivateName(
        "uvicorn",
        "uvicorn.protocols.http.httptools_impl:HttpToolsProtocol",
        "_start_asgi_task",
        PROTOCOL,
        "self, cycle, app",
    ),
)
PRIVATE_MODULES = {("fastapi._compat", DIRECT), ("fastapi._compat", QUERIES), ("uvicorn._types", PROTOCOL)}


def owner_of(it: PrivateName) -> Any:
    module, _, name = it.owner.partition(":")
    found = importlib.import_module(module)
    return getattr(found, name, None) if name else found


def parameters_of(function: Any) -> str:
    """As in ``self, node_id, *, group``: without types and defaults."""
    found, marked = [], False
    for name, it in inspect.signature(function).parameters.items():
        if it.kind is it.KEYWORD_ONLY and not marked:
            found.append("*")
            marked = True
        found.append(name)
    return ", ".join(found)


def fits(it: PrivateName) -> bool:
    owner = owner_of(it)
    if owner is None:
        return False
    if it.signature is None:
        return re.search(rf"self\.{it.name}(: [^=\n]+)? = ", inspect.getsource(owner)) is not None
    function = getattr(owner, it.name, None)
    return (
        callable(function)
        and parameters_of(function) == it.signature
        and inspect.iscoroutinefunction(function) is it.is_coroutine
    )


@pytest.mark.parametrize("it", PRIVATE_NAMES, ids=lambda it: f"{it.owner}.{it.name}")
def test_a_private_name_is_what_the_code_relies_on(it: PrivateName) -> None:
    assert fits(it), it.sentence
    assert it.name in (ROOT / it.used_in).read_text(), f"{it.used_in} does not use {it.name} any more."


def test_a_missing_name_is_reported() -> None:
    assert not fits(PrivateName("aiokafka", CLIENT, "_get_connection", FAITHFUL, "self"))
    assert not fits(PrivateName("aiokafka", CLIENT, "_get_conn", FAITHFUL, "self, node_id", True))
    assert not fits(PrivateName("aiokafka", CONSUMER, "_fetching", PATIENCE))


def dependencies(project: dict[str, Any]) -> Iterable[list[str]]:
    return (project["dependencies"], *project.get("optional-dependencies", {}).values())


@pytest.mark.parametrize("package", sorted({it.package for it in PRIVATE_NAMES}))
def test_a_package_whose_private_names_are_used_has_an_upper_bound(package: str) -> None:
    projects = [*ROOT.glob("services/*/pyproject.toml"), *ROOT.glob("shared/*/pyproject.toml")]
    wanted = [
        (path.parent.name, line)
        for path in projects
        for lines in dependencies(tomllib.loads(path.read_text())["project"])
        for line in lines
        if re.match(rf"{package}\b(?!-)", line)
    ]
    assert wanted
    assert [it for it in wanted if "<" not in it[1]] == []


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__") and name not in PUBLIC


def own_names(trees: list[ast.Module]) -> set[str]:
    """What the product code defines itself: by ``def``, ``class``, a class's field, or on ``self``."""
    found: set[str] = set()
    for tree in trees:
        for node in ast.walk(tree):
            match node:
                case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                    found.add(node.name)
                case ast.Name(ctx=ast.Store()):
                    found.add(node.id)
                case ast.Attribute(value=ast.Name(id="self" | "cls" | "it"), ctx=ast.Store()):
                    found.add(node.attr)
    return found


def names_used(tree: ast.Module, own: set[str]) -> Iterator[str]:
    """Private names that are not the product's: as attributes, through ``super()``, and as text."""
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Call(func=ast.Name(id="super")), attr=name) if is_private(name):
                yield name
            case ast.Attribute(attr=name) if is_private(name) and name not in own:
                yield name
            case ast.Call(
                func=ast.Name(id="getattr" | "hasattr" | "setattr"),
                args=[_, ast.Constant(value=str(name)), *_],
            ) if is_private(name):
                yield name


def modules_used(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.ImportFrom(module=str(module)) if any(map(is_private, module.split("."))):
                yield module
            case ast.ImportFrom(module=str(module), names=names):
                yield from (f"{module}.{it.name}" for it in names if is_private(it.name))
            case ast.Import(names=names):
                yield from (it.name for it in names if any(map(is_private, it.name.split("."))))


def test_no_other_private_name_of_a_package_is_used() -> None:
    trees = {str(path.relative_to(ROOT)): ast.parse(path.read_text()) for path in SOURCES}
    own = own_names(list(trees.values()))
    listed = {it.name for it in PRIVATE_NAMES}
    used = {(name, path) for path, tree in trees.items() for name in names_used(tree, own)}
    assert {name for name, _ in used} >= {"_get_conn", "_fetcher", "_start_asgi_task", "_body"}
    unknown = sorted(f"{path} uses {name}" for name, path in used if name not in listed)
    assert not unknown, f"List these in PRIVATE_NAMES, or do without: {'; '.join(unknown)}"


def test_no_other_private_module_of_a_package_is_imported() -> None:
    found = {
        (module, str(path.relative_to(ROOT)))
        for path in SOURCES
        for module in modules_used(ast.parse(path.read_text()))
    }
    assert found == PRIVATE_MODULES
