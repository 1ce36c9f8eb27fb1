"""The refusals of reconciliations; the docstrings become docs/errors.md."""

from kernel.domain import NotFound, Refused


class ReconciliationNotFound(NotFound):
    """There is no such reconciliation."""

    code = "RECONCILIATION_NOT_FOUND"


class ReconciliationUnderWay(Refused):
    """The account is being reconciled already; one run at a time compares it."""

    code = "RECONCILIATION_UNDER_WAY"


class NoAccountToReconcile(Refused):
    """The shop has no account at this payment provider, so there is nothing to compare."""

    code = "NO_ACCOUNT_TO_RECONCILE"


class DifferenceNotFound(NotFound):
    """The reconciliations have found no such difference."""

    code = "DIFFERENCE_NOT_FOUND"


class DifferenceNotResolvable(Refused):
    """The difference is resolved already, or cannot be resolved in this way."""

    code = "DIFFERENCE_NOT_RESOLVABLE"
