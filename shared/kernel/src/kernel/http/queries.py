"""Query parameters that a route does not have are refused, not ignored: the caller expects an effect."""

from __future__ import annotations

from collections import Counter

from fastapi.dependencies.models import Dependant
from starlette.datastructures import QueryParams

from kernel.http.problems import REPEATED, Problem, invalid_fields


def query_names(dependant: Dependant) -> frozenset[str]:
    """The query parameters of a route and of all its dependencies."""
    own = frozenset(it.alias for it in dependant.query_params)
    return own.union(*(query_names(it) for it in dependant.dependencies))


def query_problem(query: QueryParams, names: frozenset[str]) -> Problem | None:
    """For a parameter outside of ``names``, or one that is given more than once."""
    counts = Counter(name for name, _ in query.multi_items())
    errors = dict.fromkeys(counts.keys() - names, "This operation has no such parameter.")
    errors |= {name: REPEATED for name in names if counts[name] > 1}
    return invalid_fields(errors, "query") if errors else None
