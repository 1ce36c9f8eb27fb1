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

from contracts.data_protection import PrivateFields
from kernel.observability.log_file import LogFile
from kernel.observability.nonblocking_writer import NonBlockingWriter
from kernel.security.redaction import HIDDEN, PATTERNS, redact, token_patterns

PRIVATE_WORDS = frozenset(
    {
        *("address", "city", "email", "firstname", "lastname", "mail", "name", "personal", "phone"),
        *("postcode", "street", "zip"),
        *("authorization", "body", "cookie", "headers", "iban", "key", "passwd", "password", "secret"),
        *("token", "url"),
    }
)
"""A field is hidden if one of these is a part of its name, such as ``email`` of ``billing_email``."""
ALLOWED_FIELDS = frozenset({"key_id", "logger_name", "task_name"})
"""Fields that are written although a part of their name is such a word: they hold nothing private."""
TRUSTED_FIELDS = frozenset(
    {
        *("correlation_id", "level", "method", "process", "role", "route", "service", "span_id", "tenant"),
        *("timestamp", "trace_id", "traceparent", "version"),
    }
)
"""In every line, and never with a secret in them: searching them would cost time for nothing."""

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


def _log_through_pipeline(event: str, **fields: Any) -> None:
    structlog.get_logger().info(event, **fields)


_fast_writer: Callable[..., None] = _log_through_pipeline


def log_fast(event: str, **fields: str | float) -> None:
    """Log a frequent event at level info without searching it for private data.

    ``fields``: numbers, and texts under the names in ``TRUSTED_FIELDS``.
    """
    _fast_writer(event, **fields)


def _writer(out: NonBlockingWriter, source: Mapping[str, str]) -> Callable[..., None]:
    """Writes the same line as the pipeline would."""

    def write(event: str, **fields: str | float) -> None:
        now = datetime.now(UTC).isoformat().replace("+00:00", "Z")
        line = fields | get_contextvars()
        line |= {"event": event, "level": "info", "timestamp": now, **source}
        out.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
        out.flush()

    return write


def _write_nothing(_event: str, **_fields: str | float) -> None:
    pass


class _Handler(logging.Handler):
    """For what libraries log through ``logging``."""

    def __init__(self, out: NonBlockingWriter) -> None:
        super().__init__()
        self._out = out

    def emit(self, record: logging.LogRecord) -> None:
        try:
            line = self.format(record).encode()
        except Exception:  # as in every handler: a library's bad log call must not fail its caller
            self.handleError(record)
            return
        self._out.write(line + b"\n")
        self._out.flush()


def configure(
    level: str, source: Mapping[str, str], private: PrivateFields, file: LogFile | None = None
) -> None:
    """Send everything that Feira and its libraries log through one pipeline that hides private data.

    ``source``: fields of every line: the service, its version, and the process. ``file``: the one that
    standard error goes to, if it has to be rotated here.
    """
    global _fast_writer  # noqa: PLW0603  # like all logging, configured once for the process
    hide_private = PrivateDataFilter(private)
    number = logging.getLevelName(level.upper())
    out = NonBlockingWriter(sys.stderr.buffer, file.check if file else lambda: None)
    _fast_writer = _writer(out, source) if number <= logging.INFO else _write_nothing
    shared: list[Processor] = [
        merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _named(source),
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


class PrivateDataFilter:
    """A processor that hides the values of private fields, however deep, and secrets in other texts, such as
    the message of an exception."""

    def __init__(self, private: PrivateFields) -> None:
        self._words = PRIVATE_WORDS | private.words
        self._allowed = ALLOWED_FIELDS | private.allowed
        self._patterns = (*PATTERNS, *token_patterns(private.token_prefixes))

    def __call__(self, _logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        trusted = {name: event.pop(name) for name in TRUSTED_FIELDS & event.keys()}
        self._hide(event)
        event.update(trusted)
        return event

    def _hide(self, fields: MutableMapping[str, Any]) -> None:
        for name, value in fields.items():
            fields[name] = HIDDEN if self._is_private(str(name)) else self._redacted(value)

    def _redacted(self, value: Any) -> Any:
        match value:
            case Mapping():
                fields = dict(value)
                self._hide(fields)
                return fields
            case list() | tuple() | set() | frozenset():
                return [self._redacted(it) for it in value]
            case str():
                return redact(value, self._patterns)
            case None | bool() | int() | float():
                return value
            case _:
                return redact(repr(value), self._patterns)

    def _is_private(self, name: str) -> bool:
        lowered = name.lower().replace("-", "_")
        if lowered in self._allowed:
            return False
        return lowered in self._words or not self._words.isdisjoint(lowered.split("_"))


def _named(source: Mapping[str, str]) -> Processor:
    def add(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        for name, value in source.items():
            event.setdefault(name, value)
        return event

    return add


def _to_bytes(_logger: WrappedLogger, _method: str, event: EventDict) -> bytes:
    # half a surrogate pair in a library's message must not lose the line
    with suppress(TypeError):
        line = orjson.dumps(event, default=repr, option=orjson.OPT_NON_STR_KEYS)
        if line.isascii():
            return line
    # control characters from outside must not reach the terminal on which a log is read
    return json.dumps(event, default=repr).encode()
