"""Find the functions with effects outside of their process, and the failpoints in them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.support.layers import OUTER, ROOT

SOURCES = sorted((*OUTER, *ROOT.glob("shared/kernel/src/**/*.py")))
"""Without domains and use cases: the import contracts forbid outward calls there."""

STATEMENTS = {
    *("execute", "executemany", "fetch", "fetchmany", "fetchrow", "fetchval", "fetch_for_tenant"),
    *("prepare", "copy_records_to_table", "copy_to_table"),
}
OTHERS = {"transaction", "commit", "send", "send_and_wait", "send_batch", "send_offsets_to_transaction"} | {
    "data"  # of SMTP: from there on a mail may be visible
}
CLIENTS = {"_client", "client", "_gateway", "gateway", "http", "httpx", "session"}
METHODS = {"get", "post", "put", "patch", "delete", "request", "stream"}
OTHER_WAYS = {"smtplib", "subprocess", "urllib.request", "requests", "ftplib"}
"""Modules for outward calls that are not used."""
SENDERS = {"send", "response"}
"""Functions by which a response is sent, as in ASGI."""

LOCKS = re.compile(r"FOR (NO KEY )?(UPDATE|SHARE)( OF \w+)?( SKIP LOCKED)?", re.IGNORECASE)
LOOKS = re.compile(r"\s*(WITH|SELECT|VALUES)\b", re.IGNORECASE)
LEAVES = re.compile(
    r"\b(INSERT|UPDATE|DELETE|TRUNCATE|MERGE|COPY|NOTIFY|CREATE|DROP|ALTER|LOCK TABLE|INTO)\b"
    r"|\b(store|pg_notify|nextval|setval|set_config|pg_advisory_lock|pg_try_advisory_lock|pg_terminate_backend|move_clock|reset_clock)\s*\(",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Outward:
    """One function that calls outwards."""

    where: str
    """Module and name, as ``kernel.store.writing:write``."""
    line: int
    calls: tuple[str, ...]
    passes: frozenset[str]
    """The failpoints in it."""


def texts_of(trees: Mapping[str, ast.Module]) -> dict[str, list[str]]:
    """The constants of modules with text, by name; several modules may use the same name."""
    found: dict[str, list[str]] = {}
    for tree in trees.values():
        for node in tree.body:
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                text = _text(node.value, found)
                if text is not None:
                    found.setdefault(node.targets[0].id, []).append(text)
    return found


def outward(module: str, tree: ast.Module, texts: Mapping[str, list[str]]) -> Iterator[Outward]:
    own = texts_of({module: tree})
    for name, function in functions(tree, ""):
        nodes = [it for it in _own_nodes(function) if isinstance(it, ast.Call)]
        calls = tuple(statement for it in nodes if (statement := _outward(it, {**texts, **own})))
        if calls:
            yield Outward(f"{module}:{name}", function.lineno, calls, frozenset(passed(_own_nodes(function))))


def passed(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """The failpoints that are named in the node."""
    for node in nodes:
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "failpoints.hit":
            first = node.args[0]
            if not isinstance(first, ast.Constant):
                raise AssertionError(f"line {node.lineno}: a failpoint is named in plain letters")
            yield str(first.value)


def imported(tree: ast.AST) -> set[str]:
    """All modules that are imported; ``from a import b`` may mean a module a.b, too."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {it.name for it in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{it.name}" for it in node.names)}
    return found


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[parts.index("src") + 1 :])


@cache
def parsed() -> dict[str, ast.Module]:
    return {module_of(it): ast.parse(it.read_text()) for it in SOURCES}


def functions(tree: ast.AST, within: str) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield within + node.name, node
            yield from functions(node, f"{within}{node.name}.")
        elif isinstance(node, ast.ClassDef):
            yield from functions(node, f"{within}{node.name}.")
        else:
            yield from functions(node, within)


def _own_nodes(function: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a function without those of nested functions."""
    for node in ast.iter_child_nodes(function):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node
            yield from _own_nodes(node)


def _outward(call: ast.Call, texts: Mapping[str, list[str]]) -> str | None:
    """The text of an outward call; None for other calls."""
    match call.func:
        case ast.Name(id=name) if name in SENDERS:
            return name
        case ast.Attribute(attr=name) if name in OTHERS:
            return ast.unparse(call.func)
        case ast.Attribute(attr=name, value=whom) if name in METHODS:
            last = ast.unparse(whom).rpartition(".")[2]
            return ast.unparse(call.func) if last in CLIENTS else None
        case ast.Attribute(attr=name) if name in STATEMENTS:
            return None if _only_looks(call, name, texts) else ast.unparse(call.func)
    return None


def _only_looks(call: ast.Call, name: str, texts: Mapping[str, list[str]]) -> bool:
    place = 1 if name == "fetch_for_tenant" else 0
    if name in {"executemany", "copy_records_to_table"} or len(call.args) <= place:
        return False
    statement = call.args[place]
    known = _text(statement, texts)
    candidates = [known] if known is not None else texts.get(_last(statement), [])
    plain = [LOCKS.sub("", it) for it in candidates]
    return bool(plain) and all(LOOKS.match(it) and not LEAVES.search(it) for it in plain)


def _last(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def _text(node: ast.expr, texts: Mapping[str, list[str]]) -> str | None:
    """The text of a literal; inserted values count as a blank."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(_text(it, texts) or " " for it in parts)
        case ast.FormattedValue(value=inner):
            return _text(inner, texts)
        case ast.Call(func=ast.Attribute(attr="format", value=inner)):
            return _text(inner, texts)
        case ast.Name() | ast.Attribute():
            known = texts.get(_last(node), [])
            return " ".join(known) if known else None
    return None
