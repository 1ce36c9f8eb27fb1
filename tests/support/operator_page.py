"""The pages of operators as a browser without scripts uses them: links, forms and cookies."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser

import httpx

SIGN_IN = "/operator/sign-in"


class Forms(HTMLParser):
    """The forms of a page: where each goes, and its fields."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        known = {name: value or "" for name, value in attributes}
        if tag == "form":
            assert known["method"] == "post"
            self.found.append((known["action"], {}))
        elif tag == "input":
            self.found[-1][1][known["name"]] = known.get("value", "")


def form_of(page: str, **having: str) -> tuple[str, dict[str, str]]:
    """The one form of the page with these values in its fields."""
    (found,) = [it for it in Forms(page).found if having.items() <= it[1].items()]
    return found


async def sign_in(client: httpx.AsyncClient, key: str) -> httpx.Response:
    path, fields = form_of((await client.get(SIGN_IN)).text, key="")
    return await client.post(path, data={**fields, "key": key})


async def act(client: httpx.AsyncClient, page: str, action: str, **fields: str) -> httpx.Response:
    """Fill in the form of an action and send it."""
    path, given = form_of(page, action=action)
    return await client.post(path, data={**given, **fields})


def text_of(page: str) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)))
