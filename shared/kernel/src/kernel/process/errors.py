"""The refusals of operator actions on processes; the docstrings become docs/errors.md."""

from kernel.domain import Refused


class NotRetriable(Refused):
    """No step or compensation is under way that could be repeated."""

    code = "SAGA_NOT_RETRIABLE"


class NotCompensatable(Refused):
    """The process has ended, is being compensated already, or has a step that rules it out."""

    code = "SAGA_NOT_COMPENSATABLE"


class NotResolvable(Refused):
    """No outbound call waits for an operator, or this outcome does not fit it."""

    code = "SAGA_NOT_RESOLVABLE"
