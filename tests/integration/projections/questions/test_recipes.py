"""Every query of the recipes for dashboard tools is run with an analyst's login, as the tool sends it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import jinja2
import pytest

from projections.questions.dictionary import dictionary_of
from projections.questions.registry import QUESTIONS
from tests.integration.projections.questions.analysts import Connection

RECIPES = Path(__file__).parents[4] / "docs/how-to/connect-a-dashboard-tool.md"
BLOCK = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)
COLUMNS = """
    SELECT table_name || '.' || column_name FROM information_schema.columns WHERE table_schema = 'analytics'
"""
FIRST, LAST = "2019-12-01", "2020-02-01"


class Recipe(NamedTuple):
    tool: str
    sql: str


def recipes() -> Iterator[Recipe]:
    for language, text in BLOCK.findall(RECIPES.read_text()):
        if language == "sql":
            tool = re.match(r"-- (\w+)\n", text)
            assert tool, f"the first line of a query says for which tool it is: {text}"
            yield Recipe(tool[1], text)


def as_sent(recipe: Recipe, *, with_range: bool) -> str:
    """The SQL that the tool makes of it. Metabase and Grafana replace their own marks; Superset and dbt are
    Jinja."""
    match recipe.tool:
        case "metabase":
            values = {"currency": "'BHD'", "from": f"'{FIRST}'::date", "to": f"'{LAST}'::date"}
            optional = r"\1" if with_range else ""
            text = re.sub(r"\[\[(.*?)\]\]", optional, recipe.sql)
            return re.sub(r"{{(\w+)}}", lambda it: values[it[1]], text)
        case "grafana":
            text = re.sub(
                r"\$__timeFilter\((\w+)\)",
                rf"\1 BETWEEN '{FIRST}T00:00:00Z' AND '{LAST}T00:00:00Z'",
                recipe.sql,
            )
            return text.replace("${currency:sqlstring}", "'BHD','JPY'")
        case "superset":
            days = {"from_dttm": f"{FIRST}T00:00:00", "to_dttm": f"{LAST}T00:00:00"} if with_range else {}
            return str(jinja2.Template(recipe.sql).render(days))
        case _:
            return str(jinja2.Template(recipe.sql).render(source=lambda _, view: f"analytics.{view}"))


def script() -> dict[str, Any]:
    """The names that the page's script defines."""
    (text,) = (text for language, text in BLOCK.findall(RECIPES.read_text()) if language == "python")
    names: dict[str, Any] = {"__name__": "sources"}
    exec(text, names)  # noqa: S102  # the page's own script
    return names


@pytest.mark.parametrize("with_range", [True, False], ids=["with a range", "without"])
@pytest.mark.parametrize("recipe", list(recipes()), ids=lambda it: f"{it.tool} {it.sql.splitlines()[1][:40]}")
async def test_the_query_of_a_recipe_runs(analyst: Connection, recipe: Recipe, with_range: bool) -> None:
    await analyst.fetch(as_sent(recipe, with_range=with_range))


async def test_the_recipe_of_the_revenue_finds_the_tenant_s_own(analyst: Connection) -> None:
    """1.234 of BHD, which has three decimals; the other tenant's rows are none of it."""
    recipe = next(it for it in recipes() if it.tool == "grafana" and "AS revenue" in it.sql)
    found = await analyst.fetch(as_sent(recipe, with_range=True))
    assert {(it["metric"], str(it["revenue"])) for it in found} == {("BHD", "1.234"), ("JPY", "1234")}


def test_there_are_recipes_for_every_tool() -> None:
    assert {it.tool for it in recipes()} == {"metabase", "grafana", "superset", "dbt"}


async def test_the_sources_for_dbt_name_all_columns_of_all_views_and_no_others(analyst: Connection) -> None:
    dictionary = dictionary_of(QUESTIONS, {}).model_dump(mode="json")
    (source,) = script()["sources_of"](dictionary)["sources"]
    written = {f"{it['name']}.{column['name']}" for it in source["tables"] for column in it["columns"]}
    found = {row[0] for row in await analyst.fetch(COLUMNS)}
    assert written == {it for it in found if not it.startswith("ledger_entries.")}
    assert all(column["description"] for it in source["tables"] for column in it["columns"])
