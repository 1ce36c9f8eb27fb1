"""Refusals of the provider, as it words them."""

from __future__ import annotations

from starlette.responses import JSONResponse

NAMES = {
    400: "INVALID_REQUEST",
    401: "AUTHENTICATION_FAILURE",
    403: "NOT_AUTHORIZED",
    404: "RESOURCE_NOT_FOUND",
    409: "RESOURCE_CONFLICT",
    422: "UNPROCESSABLE_ENTITY",
}


class Refusal(Exception):
    """``issue``: the reason in the provider's own words; nothing was done."""

    def __init__(self, issue: str, status: int = 422) -> None:
        super().__init__(issue)
        self.issue = issue
        self.status = status

    def response(self) -> JSONResponse:
        details = [{"issue": self.issue, "description": self.issue.replace("_", " ").lower()}]
        body = {"name": NAMES[self.status], "message": "The request is refused.", "details": details}
        return JSONResponse(body, self.status)


def not_found() -> Refusal:
    return Refusal("INVALID_RESOURCE_ID", 404)
