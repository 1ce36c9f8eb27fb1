"""What Kafka's client logs about a connection that fails: its exceptions do not say why."""

import logging

LOGGER = logging.getLogger("aiokafka")


class _LastError(logging.Handler):
    """Keeps the latest error instead of printing it."""

    text = ""

    def emit(self, record: logging.LogRecord) -> None:
        self.text = record.getMessage()


_last_error = _LastError(logging.ERROR)


def keep_errors() -> None:
    """Print nothing that the client logs; keep its errors for ``reason_of``."""
    LOGGER.handlers, LOGGER.propagate = [_last_error], False
    _last_error.text = ""


def reason_of(problem: BaseException) -> str:
    """The exception in words, and the error that the client logged before it."""
    text = str(problem) or type(problem).__name__
    return f"{text}; {_last_error.text}" if _last_error.text else text
