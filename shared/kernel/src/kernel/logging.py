"""JSON lines on standard error, one per event, without personal data or secrets."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable, Mapping, MutableMapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, BinaryIO, cast

import orjson
import structlog
from structlog.contextvars import get_contextvars, merge_contextvars
from structlog.typing import EventDict, Processor, WrappedLogger

from kernel.nonblocking_writer import NonBlockingWriter
from kernel.redaction import HIDDEN, redact

PRIVATE_WORDS = frozenset(
    {
        *(
            "address",
            "city",
            "customer",
            "email",
            "firstname",
            "lastname",
            "mail",
            "name",
            "personal",
            "phone",
        ),
        *("postcode", "street", "zip"),
        *(
            "authorization",
            "body",
            "card",
            "cookie",
            "headers",
            "iban",
            "key",
            "passwd",
            "password",
            "secret",
        ),
        *("token", "url"),
    }
)
ALLOWED_FIELDS = frozenset({"customer_id", "logger_name", "task_name"})
"""Would be hidden for a word in their names, but tell nothing about a person."""
TRUSTED_FIELDS = frozenset(
    {"correlation_id", "level", "method", "process", "role", "route", "tenant", "timestamp", "traceparent"}
)
"""In every line, and never a text that holds something else: looking through them would cost for nothing."""

FOREIGN = (
    "uvicorn",
    "uvicorn.error",
    "uvicorn.access",
    "aiokafka",
    "asyncio",
    "yoyo",
    "faststream",
    "fastapi",
)


def _log_through_pipeline(event: str, **told: Any) -> None:
    structlog.get_logger().info(event, **told)


_fast_writer: Callable[..., None] = _log_through_pipeline


def log_fast(event: str, **told: str | float) -> None:
    """Log what happens all the time and holds nothing private, at level info, without looking it through:
    numbers, and texts under the names that are ``TRUSTED_FIELDS``."""
    _fast_writer(event, **told)


def _writer(out: NonBlockingWriter, instance: str) -> Callable[..., None]:
    """Writes the same line as the pipeline would."""

    def write(event: str, **told: str | float) -> None:
        now = datetime.now(UTC).isoformat().replace("+00:00", "Z")
        line = told | get_contextvars()
        line |= {"event": event, "level": "info", "timestamp": now, "process": instance}
        out.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
        out.flush()

    return write


def _write_nothing(_event: str, **_told: str | float) -> None:
    pass


class _Handler(logging.Handler):
    """For what libraries log through ``logging``."""

    def __init__(self, out: NonBlockingWriter) -> None:
        super().__init__()
        self._out = out

    def emit(self, record: logging.LogRecord) -> None:
        try:
            line = self.format(record).encode()
        except Exception:  # as every handler: a library's mistake in a message is not its caller's failure
            self.handleError(record)
            return
        self._out.write(line + b"\n")
        self._out.flush()


def configure(level: str, instance: str) -> None:
    """Send everything that is logged, by us or by a library, through one pipeline."""
    global _fast_writer  # noqa: PLW0603  # as the rest of what is configured here, once for the process
    number = logging.getLevelName(level.upper())
    out = NonBlockingWriter(sys.stderr.buffer)
    _fast_writer = _writer(out, instance) if number <= logging.INFO else _write_nothing
    shared: list[Processor] = [
        merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _named(instance),
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.format_exc_info, hide_private, _to_bytes],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.BytesLoggerFactory(cast(BinaryIO, out)),
        cache_logger_on_first_use=True,
    )
    handler = _Handler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                hide_private,
                lambda *it: _to_bytes(*it).decode(),
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=max(number, logging.INFO), force=True)
    for name in FOREIGN:
        foreign = logging.getLogger(name)
        foreign.handlers.clear()
        foreign.propagate = True
    logging.getLogger("uvicorn.access").disabled = True
    for name in ("aiokafka", "httpx", "yoyo"):
        logging.getLogger(name).setLevel(max(number, logging.WARNING))


def hide_private(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Whatever stands under a name that speaks of a person or a secret is not written, however deep; nor is
    what looks like one in any other text, such as the message of an exception."""
    ours = {name: event.pop(name) for name in TRUSTED_FIELDS & event.keys()}
    _hide(event)
    event.update(ours)
    return event


def _hide(members: MutableMapping[str, Any]) -> None:
    for name, value in members.items():
        if _private(str(name)):
            members[name] = HIDDEN
        else:
            members[name] = _without_private(value)


def _without_private(value: Any) -> Any:
    match value:
        case Mapping():
            inner = dict(value)
            _hide(inner)
            return inner
        case list() | tuple() | set() | frozenset():
            return [_without_private(it) for it in value]
        case str():
            return redact(value)
        case None | bool() | int() | float():
            return value
        case _:
            return redact(repr(value))


def _private(name: str) -> bool:
    lowered = name.lower().replace("-", "_")
    if lowered in ALLOWED_FIELDS:
        return False
    return lowered in PRIVATE_WORDS or not PRIVATE_WORDS.isdisjoint(lowered.split("_"))


def _named(instance: str) -> Processor:
    def add(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        event.setdefault("process", instance)
        return event

    return add


def _to_bytes(_logger: WrappedLogger, _method: str, event: EventDict) -> bytes:
    # half a surrogate pair in a library's message must not cost us the line
    with suppress(TypeError):
        line = orjson.dumps(event, default=repr, option=orjson.OPT_NON_STR_KEYS)
        if line.isascii():
            return line
    # a stranger's text must not control the terminal on which a log is read
    return json.dumps(event, default=repr).encode()
