"""The HTTP status of a refusal: the domain has codes, and each service maps them to statuses in one table."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from kernel.domain import NotFound, Refused
from kernel.http.codes import CODES

Statuses = Mapping[str, int]
"""Code of a refusal -> HTTP status. A code that is not listed has the default of ``status_of``."""

DEFAULTS: Statuses = MappingProxyType({})
NOT_FOUND = 404
CONFLICT = 409
UNPROCESSABLE = 422


def status_of(refused: Refused | type[Refused], statuses: Statuses) -> int:
    """The service's own table comes first, then the codes of the interface; by default a missing aggregate is
    404 and any other refusal 409."""
    if refused.code in statuses:
        return statuses[refused.code]
    if refused.code in CODES:
        return CODES[refused.code].status
    kind = refused if isinstance(refused, type) else type(refused)
    return NOT_FOUND if issubclass(kind, NotFound) else CONFLICT
