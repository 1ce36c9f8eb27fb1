"""The refusals of notifications; the docstrings become docs/errors.md."""

from kernel.domain import NotFound


class NotificationNotFound(NotFound):
    """There is no such notification."""

    code = "NOTIFICATION_NOT_FOUND"
