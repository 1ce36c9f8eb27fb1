"""Every client of Kafka is built with the options of a ``KafkaConnection``: its settings reach them all."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCES = sorted([*ROOT.glob("services/*/src/**/*.py"), *ROOT.glob("shared/*/src/**/*.py")])
CONNECTION = ROOT / "shared/kernel/src/kernel/messaging/connection.py"
WRAPPERS = ROOT / "shared/kernel/src/kernel/messaging/clients.py"
LIBRARY = {"AIOKafkaConsumer", "AIOKafkaProducer", "AIOKafkaAdminClient", "AIOKafkaClient"}
CLIENTS = {"KafkaConsumer", "KafkaProducer", "KafkaAdmin"}
STATED_ELSEWHERE = {"bootstrap_servers", "security_protocol", "ssl_context", "sasl_plain_password"}


def clients_built_otherwise(tree: ast.AST) -> Iterator[str]:
    """Calls of a client's class without a connection's options, and uses of the library's own classes."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=name), keywords=keywords) if name in CLIENTS:
                if not any(_are_options(it) for it in keywords):
                    yield f"{node.lineno}: {name} without client_options()"
            case ast.keyword(arg=str(name)) | ast.Constant(value=str(name)) if name in STATED_ELSEWHERE:
                yield f"{node.lineno}: {name}"
            case ast.Name(id=name) | ast.Attribute(attr=name) if name in LIBRARY:
                yield f"{node.lineno}: {name}"
            case ast.alias(name=name, asname=alias) if name in LIBRARY or (name in CLIENTS and alias):
                yield f"{node.lineno}: import of {name}"


def _are_options(keyword: ast.keyword) -> bool:
    match keyword:
        case ast.keyword(arg=None, value=ast.Call(func=ast.Attribute(attr="client_options"))):
            return True
    return False


def test_every_client_is_built_with_the_options_of_a_connection() -> None:
    found = {
        str(path.relative_to(ROOT)): rows
        for path in SOURCES
        if path not in {CONNECTION, WRAPPERS}
        and (rows := list(clients_built_otherwise(ast.parse(path.read_text()))))
    }
    assert found == {}


def test_a_client_in_the_clear_would_be_found() -> None:
    for text in (
        "KafkaConsumer('t', bootstrap_servers=where, **kafka.client_options())",
        "KafkaConsumer('t')",
        "KafkaProducer(**options)",
        "from aiokafka import AIOKafkaConsumer",
        "aiokafka.AIOKafkaProducer()",
        "from kernel.messaging.clients import KafkaAdmin as Admin",
        "options = {'ssl_context': None}",
    ):
        assert list(clients_built_otherwise(ast.parse(text))), text
    for text in ("KafkaConsumer('t', **self._kafka.client_options())", "def f(client: KafkaConsumer): ..."):
        assert not list(clients_built_otherwise(ast.parse(text)))
