"""Services and topics are listed once: in ``contracts.topology``."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

from contracts import topology
from projections.models.registry import REGISTRY

ROOT = Path(__file__).parents[2]
THE_LIST = ROOT / "shared/contracts/src/contracts/topology.py"
TOOLS = ("services/*/src", "shared/*/src", "docs", "benchmarks")
TESTS = ("tests",)
NAMES = frozenset(
    {
        *topology.STACK_NAMES,
        *topology.TOPIC_NAMES,
        *(it.module for it in topology.STACK),
        *(it.database for it in topology.STACK),
    }
)
NOT_A_LIST = {
    "shared/contracts/src/contracts/topics.py": "the modules of messages by topic",
    "tests/deploy/test_network.py": "who may reach whom, one row a pod",
    "tests/end_to_end/test_secrecy.py": "which secrets each process may hold, one row a service",
    "tests/end_to_end/test_operating.py": "consumer groups, some of which are called like their service",
    "tests/integration/access/conftest.py": "where each service keeps its migrations",
    "tests/integration/access/test_rights.py": "the rights of each service's role, one row a service",
    "tests/proofs/inputs/prepared.py": "topics that are sent foreign records, one a reader",
    "tests/proofs/restore/restores.py": "a valid request of each service, one row a service",
    "tests/support/applications.py": "how each service's application is built, one row a service",
    "tests/unit/cli/test_dead_letters.py": "made-up pages, one a service",
    "tests/unit/proofs/test_plan.py": "a made-up stack",
    "tests/unit/simulation/test_wiring.py": "how each service is wired, one row a service",
}
"""Files that may list several names, with the reason: they define something for each."""


def lists(tree: ast.AST, least: int) -> Iterator[str]:
    """Displays (tuple, list, set, dict) with at least this many names of services or topics."""
    for node in ast.walk(tree):
        match node:
            case ast.Tuple(elts=elements) | ast.List(elts=elements) | ast.Set(elts=elements):
                members = elements
            case ast.Dict(keys=keys):
                members = [it for it in keys if it is not None]
            case _:
                continue
        texts = (it.value for it in members if isinstance(it, ast.Constant))
        found = {it for it in texts if isinstance(it, str) and it in NAMES}
        if len(found) >= least:
            yield f"{node.lineno}: {', '.join(sorted(found))}"


def found_in(folders: tuple[str, ...], least: int) -> dict[str, list[str]]:
    """By file, without the files that have a reason."""
    paths = sorted(path for it in folders for root in ROOT.glob(it) for path in root.rglob("*.py"))
    found = {
        str(it.relative_to(ROOT)): list(lists(ast.parse(it.read_text()), least))
        for it in paths
        if it != THE_LIST
    }
    return {name: rows for name, rows in found.items() if rows}


def test_no_product_or_tool_code_lists_services_or_topics_again() -> None:
    assert found_in(TOOLS, 2).keys() - NOT_A_LIST.keys() == set()


def test_no_test_lists_services_or_topics_again() -> None:
    assert found_in(TESTS, 3).keys() - NOT_A_LIST.keys() == set()


def test_each_exempted_file_still_lists_names() -> None:
    assert NOT_A_LIST.keys() - (found_in(TOOLS, 2) | found_in(TESTS, 3)).keys() == set()


def test_a_list_would_be_found() -> None:
    for text in ('("cart", "offer")', '["cart.events", "x", "cart.commands"]', '{"cart": 1, "offer": 2}'):
        assert list(lists(ast.parse(text), 2))
    assert not list(lists(ast.parse('("cart", "/v1/carts")'), 2))


def test_every_topic_is_sent_by_a_service_and_read_by_groups_of_services() -> None:
    for topic in topology.TOPICS:
        assert topic.sender in topology.SERVICE_NAMES
        assert {it.partition(".")[0] for it in topic.groups} <= set(topology.SERVICE_NAMES)


def test_the_read_models_read_the_topics_that_the_list_gives_them() -> None:
    assert {*REGISTRY.topics} == {*topology.read_by("projections")}


def test_the_checkout_is_read_before_the_services_that_it_commands() -> None:
    assert topology.READING_ORDER[0] == topology.CHECKOUT.name
    assert sorted(topology.READING_ORDER) == sorted(topology.PUBLISHERS)


def test_names_ports_and_databases_are_unique() -> None:
    stack = topology.STACK
    for values in ([it.name for it in stack], [it.port for it in stack], [it.database for it in stack]):
        assert len(set(values)) == len(stack)
    programs = (*stack, *topology.WORKERS)
    for others in (
        [it.name for it in programs],
        [it.port for it in programs],
        [it.module for it in programs],
    ):
        assert len(set(others)) == len(programs)
    assert len(set(topology.TOPIC_NAMES)) == len(topology.TOPICS)


def test_the_workspace_and_the_import_contracts_name_every_service() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    modules = {it.module for it in topology.SERVICES}
    assert {*topology.SERVICE_NAMES} <= {it.partition("[")[0] for it in project["project"]["dependencies"]}
    assert modules <= {*project["tool"]["importlinter"]["root_packages"]}
    contracts = {it["name"]: it for it in project["tool"]["importlinter"]["contracts"]}
    assert {*contracts["Services know one another only by their contracts"]["modules"]} == modules
    assert {*contracts["Shared code knows no service"]["forbidden_modules"]} == modules


def test_each_service_has_a_folder_of_its_name() -> None:
    assert {it.parent.name for it in ROOT.glob("services/*/pyproject.toml")} == {*topology.SERVICE_NAMES}


def test_the_pages_of_the_deployment_name_every_service_and_topic() -> None:
    page = "".join((ROOT / "deploy" / it).read_text() for it in ("README.md", "settings.md"))
    missing = [it for it in topology.TOPIC_NAMES if f"`{it}`" not in page]
    missing += [it.module for it in topology.SERVICES if f"`python -m {it.module}`" not in page]
    assert missing == []
    assert f"{topology.PARTITIONS} partitions" in page
    kept = {it.retention for it in topology.TOPICS} - {None}
    assert all(it is not None and f"{it.days} days" in page for it in kept)
