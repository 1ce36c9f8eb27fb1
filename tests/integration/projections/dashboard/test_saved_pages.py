"""Saved questions on the dashboard: by forms alone, and only by forms of the visitor's session."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import asyncpg
import httpx
import pytest

from devstack.databases import Database
from tests.support.dashboard import sign_in
from tests.support.operator_page import Forms, text_of

ASKED = {"range": "last_month", "from": "2013-05-01", "to": "2013-05-20", "currency": "EUR", "chart": "bar"}
PATH = "/saved-questions"
pytestmark = pytest.mark.usefixtures("figures")


def forms(page: str) -> list[tuple[str, dict[str, str]]]:
    posted = [it for it in page.split("<form")[1:] if 'method="post"' in it.split(">")[0]]
    return [found for it in posted for found in Forms(f"<form{it.split('</form>')[0]}</form>").found]


async def saved(client: httpx.AsyncClient, name: str) -> tuple[str, dict[str, str]]:
    """Save a question by the form of its page; returns the form that changes it."""
    shown = (await client.get("/conversion", params=ASKED)).text
    ((path, fields),) = [it for it in forms(shown) if it[0] == PATH]
    fields.pop("shared")
    answer = await client.post(path, data={**fields, "name": name})
    assert answer.headers.get("location") == PATH, answer.text
    (form,) = [it for it in forms((await client.get(PATH)).text) if it[1].get("name") == name]
    return form


async def test_a_saved_question_opens_its_page_as_it_was_asked(analyst: httpx.AsyncClient) -> None:
    path, _ = await saved(analyst, uuid4().hex)
    opened = await analyst.get(path)
    target = urlsplit(opened.headers["location"])
    assert (opened.status_code, target.path) == (303, "/conversion")
    assert parse_qs(target.query) == {"range": ["last_month"], "currency": ["EUR"], "chart": ["bar"]}
    assert (await analyst.get(opened.headers["location"])).status_code == 200


async def test_it_is_renamed_and_deleted_by_forms_against_the_version_that_was_seen(
    analyst: httpx.AsyncClient,
) -> None:
    path, fields = await saved(analyst, uuid4().hex)
    fields.pop("shared")
    name = uuid4().hex
    assert (await analyst.post(path, data={**fields, "name": name, "action": "change"})).status_code == 303
    stale = await analyst.post(path, data={**fields, "action": "delete"})
    assert stale.status_code == 412 and "Open the page again" in stale.text
    (form,) = [it for it in forms((await analyst.get(PATH)).text) if it[1].get("name") == name]
    form[1].pop("shared")
    assert (await analyst.post(path, data={**form[1], "action": "delete"})).status_code == 303
    assert name not in (await analyst.get(PATH)).text


async def test_a_form_of_another_session_changes_nothing(analyst: httpx.AsyncClient) -> None:
    path, fields = await saved(analyst, uuid4().hex)
    forged = {**fields, "form_token": "x" * 43, "action": "delete"}
    assert (await analyst.post(path, data=forged)).status_code == 403
    assert fields["name"] in (await analyst.get(PATH)).text
    analyst.cookies.clear()
    assert (await analyst.post(path, data=fields)).headers["location"] == "/sign-in"


async def test_names_are_never_markup_and_others_do_not_see_them(analyst: httpx.AsyncClient) -> None:
    name = f"<script>{uuid4().hex}</script>"
    await saved(analyst, name)
    shown = (await analyst.get(PATH)).text
    assert "<script" not in shown and name in text_of(shown)
    await sign_in(analyst, "rival-analyst")
    assert name.removeprefix("<script>") not in (await analyst.get(PATH)).text


async def test_what_the_form_lacks_is_a_page_that_says_so(analyst: httpx.AsyncClient) -> None:
    shown = (await analyst.get("/conversion", params=ASKED)).text
    ((path, fields),) = [it for it in forms(shown) if it[0] == PATH]
    fields.pop("shared")
    nameless = await analyst.post(path, data={**fields, "name": ""})
    unknown = await analyst.post(path, data={**fields, "name": "x", "question": "gone"})
    assert (nameless.status_code, unknown.status_code) == (422, 422)
    assert "<main" in nameless.text


async def test_one_that_can_no_longer_be_asked_says_so_in_the_list_and_is_not_opened(
    analyst: httpx.AsyncClient, database: Database
) -> None:
    path, _ = await saved(analyst, uuid4().hex)
    owner = await asyncpg.connect(database.superuser_url)
    its_id = path.split("/")[-1]
    await owner.execute("UPDATE saved_question SET question = 'gone' WHERE saved_id = $1", its_id)
    await owner.close()
    assert "There is no question gone." in text_of((await analyst.get(PATH)).text)
    refused = await analyst.get(path)
    assert refused.status_code == 422 and "There is no question gone." in refused.text


async def test_a_report_is_made_paused_and_deleted_by_forms(analyst: httpx.AsyncClient) -> None:
    path, _ = await saved(analyst, uuid4().hex)
    ((make, fields),) = [it for it in forms((await analyst.get("/reports")).text) if it[0] == "/reports"]
    address = f"{uuid4().hex}@feira.test"
    chosen = {"saved_question_id": path.split("/")[-1], "address": address, "every": "weekly"}
    assert (await analyst.post(make, data={**fields, **chosen})).headers["location"] == "/reports"
    wrong = await analyst.post(make, data={**fields, **chosen, "time_zone": "Mars"})
    assert wrong.status_code == 422 and "Europe/Lisbon" in wrong.text
    shown = (await analyst.get("/reports")).text
    assert address in shown and "weekly, day 1 at 8:00 UTC" in text_of(shown)
    change, given = next(it for it in forms(shown[shown.index(address) :]) if it[0].startswith("/reports/"))
    for action, state in (("pause", "paused"), ("resume", "active"), ("send-now", "queued")):
        assert (await analyst.post(change, data={**given, "action": action})).status_code == 303
        assert state in text_of((await analyst.get("/reports")).text)
    assert (await analyst.post(change, data={**given, "action": "delete"})).status_code == 303
    assert address not in (await analyst.get("/reports")).text
