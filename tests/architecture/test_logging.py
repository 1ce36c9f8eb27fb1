"""Every log event has a ``snake_case`` name, written out where it is logged, so that alerts can match it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from tests.architecture.outward import imported
from tests.support.layers import ROOT

SOURCES = sorted(ROOT.glob("*/*/src/**/*.py"))
LEVELS = {"debug", "info", "warning", "error", "exception", "critical", "log"}
LOGGERS = re.compile(r"(?i)(^|\.|_)log(ger)?$")
FAST = {"log_fast"}
"""The function of ``kernel.observability.logging`` that writes lines without structlog."""
NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
WITH_DETAILS = re.compile(rf"{NAME.pattern}(: .+)?")
"""What programs that log through ``logging``, without fields, may write."""


def test_the_event_of_a_log_call_is_a_snake_case_literal() -> None:
    found = {path: list(wrong_events(ast.parse(path.read_text()))) for path in SOURCES}
    assert {path: wrong for path, wrong in found.items() if wrong} == {}


@pytest.mark.parametrize(
    ("call", "is_right"),
    [
        ('LOG.info("cart_lock_expired", cart_id=1)', True),
        ('LOG.info("a cart\'s lock has expired")', False),
        ('LOG.warning("Cart_lock")', False),
        ('LOG.exception(f"cart_{kind}")', False),
        ("self._log.error(event)", False),
        ("LOG.info()", False),
        ('math.log("a value")', True),
        ('import logging\nlog.warning("process_killed: %s", name)', True),
        ('import structlog\nlog.warning("process_killed: %s", name)', False),
        ('from kernel.observability.logging import log_fast\nlog_fast("request", status=200)', True),
        ('from kernel.observability.logging import log_fast\nlog_fast("a request")', False),
    ],
)
def test_a_name_in_another_style_would_be_found(call: str, is_right: bool) -> None:
    assert (list(wrong_events(ast.parse(call))) == []) is is_right


def wrong_events(tree: ast.AST) -> Iterator[str]:
    modules = imported(tree)
    form = WITH_DETAILS if "logging" in modules and "structlog" not in modules else NAME
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and (_is_log_call(node) or _is_fast(node, modules)):
            match node.args:
                case [ast.Constant(value=str(event)), *_] if form.fullmatch(event):
                    continue
            yield f"line {node.lineno}: {ast.unparse(node)}: name the event in snake_case, as a literal"


def _is_log_call(call: ast.Call) -> bool:
    match call.func:
        case ast.Attribute(attr=level, value=logger) if level in LEVELS:
            return LOGGERS.search(ast.unparse(logger)) is not None
    return False


def _is_fast(call: ast.Call, modules: set[str]) -> bool:
    return (
        isinstance(call.func, ast.Name)
        and call.func.id in FAST
        and f"kernel.observability.logging.{call.func.id}" in modules
    )
