"""Errors that the command line prints as one sentence, without a traceback."""


class StackError(Exception):
    """A part of the stack is missing or broken. The message is a full sentence that says what to do."""


class RefusedByService(StackError):
    """A service has refused a request. ``code``: of its problem, or the status."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


class ServiceAway(StackError):
    """A service does not answer, or is unavailable for now."""
