"""Query parameters that a route does not have are refused, not ignored: the caller expects an effect."""

from __future__ import annotations

from collections import Counter

from fastapi._compat import is_scalar_field
from fastapi.dependencies.models import Dependant
from starlette.datastructures import QueryParams

from kernel.http.problems import REPEATED, Problem, invalid_fields


def query_names(dependant: Dependant) -> dict[str, bool]:
    """The query parameters of a route and of all its dependencies; whether each may be given repeatedly."""
    names = {it.alias: not is_scalar_field(it) for it in dependant.query_params}
    for it in dependant.dependencies:
        names |= query_names(it)
    return names


def query_problem(query: QueryParams, names: dict[str, bool]) -> Problem | None:
    """For a parameter outside of ``names``, or one that is given more often than it may be."""
    counts = Counter(name for name, _ in query.multi_items())
    errors = dict.fromkeys(counts.keys() - names, "This operation has no such parameter.")
    errors |= {name: REPEATED for name, repeatable in names.items() if counts[name] > 1 and not repeatable}
    return invalid_fields(errors, "query") if errors else None
