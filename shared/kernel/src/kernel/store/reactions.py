"""What follows from facts within the service that records them, decided in the same unit of work.

A rule of one aggregate must not know all that follows from its facts elsewhere in the service, and what
follows must be stored with them: so it is decided once, before the commit, and not by each use case.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

from contracts.envelope import Fact
from kernel.context import Context
from kernel.domain import Aggregate
from kernel.unit_of_work import UnitOfWork

Reaction: TypeAlias = Callable[[Fact, Aggregate, UnitOfWork], Awaitable[None]]
"""Decides in the context of the fact. The aggregate is as the whole unit of work leaves it."""
NO_REACTIONS: Mapping[str, Reaction] = MappingProxyType({})


class Noted(NamedTuple):
    """A fact that has a reaction, until that is decided."""

    context: Context
    fact: Fact
    aggregate: Aggregate
