"""What a call does not ask for in its query is refused, not ignored: who sends it means something by it."""

from __future__ import annotations

from collections import Counter

from fastapi.dependencies.models import Dependant
from starlette.datastructures import QueryParams

from kernel.http.problems import Problem, invalid_at


def names_asked_for(asks: Dependant) -> frozenset[str]:
    """Of a route, and of all that it depends on."""
    own = frozenset(it.alias for it in asks.query_params)
    return own.union(*(names_asked_for(it) for it in asks.dependencies))


def wrong_with(query: QueryParams, names: frozenset[str]) -> Problem | None:
    """A name that the route does not know, or one that stands there twice, of which one would be ignored."""
    said = Counter(name for name, _ in query.multi_items())
    wrong = dict.fromkeys(said.keys() - names, "is no parameter of this call")
    wrong |= {name: "stands there more than once" for name in names if said[name] > 1}
    return invalid_at(wrong, "query") if wrong else None
