"""The dashboard over HTTP: who gets in, and what the pages of the questions show."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape
from http.cookies import SimpleCookie

import httpx
import pytest

from projections.questions.registry import QUESTIONS
from tests.integration.projections.dashboard.conftest import HOSTILE
from tests.support.dashboard import SIGN_IN, sign_in
from tests.support.operator_page import Forms, text_of

DAYS = {"from": "2013-05-01", "to": "2013-05-20"}
OTHERS = ("/", "/saved-questions", "/reports", "/freshness", "/dictionary")
PAGES = (*OTHERS, *(f"/{it.name}" for it in QUESTIONS if not it.in_path))
pytestmark = pytest.mark.usefixtures("figures")


async def page(
    client: httpx.AsyncClient, path: str, query: Mapping[str, str] | None = None, status: int = 200
) -> str:
    found = await client.get(path, params=query)
    assert found.status_code == status, found.text
    return found.text


@pytest.mark.parametrize("path", PAGES)
async def test_without_a_session_every_page_leads_to_the_sign_in(
    path: str, visitor: httpx.AsyncClient
) -> None:
    found = await visitor.get(path)
    assert (found.status_code, found.headers["location"]) == (303, SIGN_IN)


async def test_the_session_is_a_strict_cookie_without_the_key(visitor: httpx.AsyncClient) -> None:
    answer = await sign_in(visitor, "demo-analyst")
    cookie = SimpleCookie(answer.headers["set-cookie"])["feira_dashboard"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "strict", "/")
    assert "demo-analyst" not in cookie.value


async def test_the_session_opens_no_route_of_programs(analyst: httpx.AsyncClient) -> None:
    assert (await analyst.get("/v1/analytics/conversion")).status_code == 401


@pytest.mark.parametrize("key", ["", "unknown", "demo-storefront", "demo-ops", "demo-service"])
async def test_other_keys_do_not_get_in(key: str, visitor: httpx.AsyncClient) -> None:
    refused = await sign_in(visitor, key)
    assert refused.status_code == 401 and "No valid key of role analyst or admin" in refused.text
    assert (await visitor.get("/")).status_code == 303


async def test_an_admin_gets_in_and_signing_out_ends_the_session(visitor: httpx.AsyncClient) -> None:
    await sign_in(visitor, "demo-admin")
    forms = Forms((await page(visitor, "/")).replace('method="get"', 'method="post"')).found
    ((path, fields),) = [it for it in forms if "form_token" in it[1]]
    forged = await visitor.post(path, data={"form_token": "x" * 43})
    assert forged.status_code == 403 and "not made for this session" in forged.text
    assert (await visitor.post(path, data=fields)).headers["location"] == SIGN_IN
    assert (await visitor.get("/")).status_code == 303


@pytest.mark.parametrize("path", PAGES)
async def test_every_question_has_a_page_that_needs_nothing_of_another_origin(
    path: str, analyst: httpx.AsyncClient
) -> None:
    found = await analyst.get(path)
    assert found.status_code == 200, found.text
    policy = found.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "script-src" not in policy and "unsafe" not in policy
    assert "<script" not in found.text and "://" not in found.text and " style=" not in found.text
    navigation = {f'href="{it}"' for it in PAGES}
    assert all(it in found.text for it in navigation)


async def test_a_page_shows_charts_figures_definitions_and_how_late_they_are(
    analyst: httpx.AsyncClient,
) -> None:
    shown = await page(analyst, "/conversion", DAYS)
    assert "Conversion: Revenue in EUR" in shown and "Conversion: Revenue in JPY" in shown
    text = text_of(shown)
    assert "completed / checkouts" in text and "s behind" in text
    assert "50.0%" in text and "partial" not in text


async def test_a_comparison_draws_the_earlier_range_and_has_its_own_table(analyst: httpx.AsyncClient) -> None:
    later = {"from": "2013-05-11", "to": "2013-05-20", "compare": "previous"}
    text = text_of(await page(analyst, "/conversion", later))
    assert "EUR before" in text and "compared with 2013-05-01 to 2013-05-10" in text


async def test_a_range_with_today_is_marked_as_partial(analyst: httpx.AsyncClient) -> None:
    assert "the last day is not over" in text_of(await page(analyst, "/conversion"))


async def test_marks_of_charts_lead_to_the_same_figures_narrowed_with_what_the_page_was_asked(
    analyst: httpx.AsyncClient,
) -> None:
    shown = await page(analyst, "/conversion", {**DAYS, "currency": "EUR"})
    marks = re.findall(r'<a href="([^"]+)" aria-label="EUR 2013-05-02: 52.4 %">', shown)
    assert [unescape(it) for it in marks] == ["/conversion?from=2013-05-02&to=2013-05-02&currency=EUR"]
    assert 'role="group"' in await page(analyst, unescape(marks[0]))


async def test_a_bar_leads_to_its_product_and_the_name_to_the_customers_who_bought_it_then(
    analyst: httpx.AsyncClient,
) -> None:
    shown = await page(analyst, "/products", DAYS)
    ((bar, product_id),) = re.findall(r'<a href="([^"]+product_id=([^"]+))" aria-label="Product 8: ', shown)
    assert unescape(bar) == f"/products?from=2013-05-01&to=2013-05-20&product_id={product_id}"
    (name,) = re.findall(r'<a href="([^"]+)">Product 8</a>', shown)
    assert unescape(name) == f"/product-customers?product_id={product_id}&from=2013-05-01&to=2013-05-20"
    assert "Customers of products" in await page(analyst, unescape(name))


async def test_filters_leave_the_rest_out(analyst: httpx.AsyncClient) -> None:
    shown = await page(analyst, "/conversion", {**DAYS, "currency": "EUR"})
    assert "Revenue in EUR" in shown and "in JPY" not in shown and ">JPY<" not in shown


async def test_what_customers_and_shops_wrote_is_never_markup(analyst: httpx.AsyncClient) -> None:
    shown = await page(analyst, "/products", DAYS)
    assert HOSTILE not in shown and "&lt;script&gt;" in shown


async def test_another_tenants_figures_are_not_shown(visitor: httpx.AsyncClient) -> None:
    await sign_in(visitor, "rival-analyst")
    text = text_of(await page(visitor, "/conversion", DAYS))
    assert "42,424.24" in text and "JPY" not in text
    await sign_in(visitor, "demo-analyst")
    assert "42,424.24" not in text_of(await page(visitor, "/conversion", DAYS))


async def test_fields_left_empty_count_as_left_out(analyst: httpx.AsyncClient) -> None:
    found = await analyst.get("/conversion", params={**DAYS, "currency": "", "compare": ""})
    assert found.headers["location"] == "/conversion?from=2013-05-01&to=2013-05-20"


@pytest.mark.parametrize(
    "query",
    [
        {"from": "yesterday"},
        {"from": "2013-05-02", "to": "2013-05-01"},
        {"compare": "later"},
        {"unknown": "1"},
        {"from": "2013-05-02", "compare": "year"},
    ],
    ids=["no date", "turned round", "no comparison", "no parameter", "no end"],
)
async def test_bad_parameters_are_a_page_that_says_so(
    query: dict[str, str], analyst: httpx.AsyncClient
) -> None:
    shown = await page(analyst, "/conversion", query, 422)
    assert "INVALID_REQUEST" in shown and "<main" in shown


async def test_the_whole_answer_is_a_file_for_those_who_have_signed_in(
    analyst: httpx.AsyncClient, service: object
) -> None:
    shown = await page(analyst, "/conversion", {**DAYS, "currency": "EUR"})
    assert "/conversion/export?from=2013-05-01&amp;to=2013-05-20&amp;currency=EUR&amp;format=csv" in shown
    query = {**DAYS, "currency": "EUR"}
    found = await analyst.get("/conversion/export", params={**query, "format": "csv"})
    assert found.headers["content-type"].startswith("text/csv") and len(found.text.splitlines()) == 21
    parquet = await analyst.get("/conversion/export", params={**query, "format": "parquet"})
    assert parquet.content[:4] == b"PAR1"
    analyst.cookies.clear()
    assert (await analyst.get("/conversion/export", params=query)).status_code == 303


async def test_filters_suggest_the_values_that_there_are_also_where_one_is_chosen(
    analyst: httpx.AsyncClient,
) -> None:
    shown = await page(analyst, "/conversion", {**DAYS, "currency": "EUR"})
    assert 'list="currency-values"' in shown
    assert '<option value="EUR"></option><option value="JPY"></option>' in shown


async def test_a_long_table_has_pages_that_keep_what_was_asked(analyst: httpx.AsyncClient) -> None:
    query = {"from": "2012-05-01", "to": "2012-05-01", "currency": "EUR"}
    first = await page(analyst, "/products", query)
    asked = "from=2012-05-01&amp;to=2012-05-01&amp;currency=EUR"
    assert f'href="?{asked}&amp;page=2" rel="next"' in first and 'rel="prev"' not in first
    assert ">Of many 99<" in first and ">Of many 100<" not in first
    second = await page(analyst, "/products", {**query, "page": "2"})
    assert f'href="?{asked}&amp;page=1" rel="prev"' in second and 'rel="next"' not in second
    assert ">Of many 100<" in second and ">Of many 149<" in second and ">Of many 99<" not in second
    assert "page=2" not in second


async def test_a_table_of_one_page_has_no_others(analyst: httpx.AsyncClient) -> None:
    assert "Pages of the table" not in await page(analyst, "/products", DAYS)


@pytest.mark.parametrize("number", ["0", "11", "two"])
async def test_a_page_that_no_table_has_is_refused(number: str, analyst: httpx.AsyncClient) -> None:
    await page(analyst, "/products", {**DAYS, "page": number}, status=422)


async def test_without_rows_filters_still_suggest_what_there_is(analyst: httpx.AsyncClient) -> None:
    shown = await page(analyst, "/conversion", {**DAYS, "currency": "USD"})
    assert "Nothing." in shown
    assert '<option value="EUR"></option><option value="JPY"></option>' in shown


async def test_values_lead_to_the_same_figures_narrowed_which_keep_what_was_asked(
    analyst: httpx.AsyncClient,
) -> None:
    shown = await page(analyst, "/conversion", {**DAYS, "compare": "previous"})
    narrowed = "/conversion?from=2013-05-01&amp;to=2013-05-20&amp;compare=previous&amp;currency=JPY"
    assert f'href="{narrowed}"' in shown
    text = await page(analyst, "/conversion", {**DAYS, "currency": "JPY"})
    assert "/conversion?from=2013-05-03&amp;to=2013-05-03&amp;currency=JPY" in text
