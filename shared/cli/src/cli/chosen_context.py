"""The context that the command line names, for the duration of one command."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_chosen: ContextVar[str | None] = ContextVar("context", default=None)


def name_of_chosen_context() -> str | None:
    return _chosen.get()


@contextmanager
def chosen_context(name: str | None) -> Iterator[None]:
    """Within the block, commands use this context; None: the environment and the stored one decide."""
    token = _chosen.set(name)
    try:
        yield
    finally:
        _chosen.reset(token)
