"""The dashboards are what their code says, and explain what they show."""

from __future__ import annotations

import json

import pytest
import yaml

from deploy.observability import generate_dashboards
from deploy.observability.dashboards.boards import BOARDS
from deploy.observability.dashboards.panel import Board
from deploy.observability.rule_files import RULES, alert_names

KUSTOMIZATION = RULES.parent / "kustomization.yaml"
UNMEASURED = {
    "FeiraBackupStale": "CloudNativePG has a dashboard of its own",
    "FeiraCertificateExpiring": "cert-manager and Strimzi have dashboards of their own",
}


def test_the_json_is_that_of_the_code() -> None:
    folder = generate_dashboards.JSON
    written = {path.name: path.read_text() for path in folder.iterdir()}
    assert written == generate_dashboards.files(), "make dashboards"


@pytest.mark.parametrize("board", BOARDS, ids=lambda it: it.uid)
def test_each_panel_says_what_it_shows_in_which_unit_and_what_to_do(board: Board) -> None:
    document = json.loads(generate_dashboards.files()[f"{board.uid}.json"])
    assert document["uid"] == board.uid
    assert [it["name"] for it in document["templating"]["list"]] == ["datasource", "service", "runbooks"]
    for panel, shown in zip(board.panels, document["panels"], strict=True):
        assert shown["description"].endswith(".")
        assert shown["fieldConfig"]["defaults"]["unit"] == panel.unit.value
        assert [it["url"] for it in shown["links"]] == [f"${{runbooks}}/{it}.md" for it in panel.alerts]
        assert [it["expr"] for it in shown["targets"]] == [it.expr for it in panel.queries]


def test_each_alert_is_linked_from_a_panel_that_shows_its_cause() -> None:
    linked = {alert for board in BOARDS for panel in board.panels for alert in panel.alerts}
    assert linked | UNMEASURED.keys() == alert_names()


def test_no_two_dashboards_share_a_uid() -> None:
    assert len({it.uid for it in BOARDS}) == len(BOARDS) == 5


def test_kubernetes_gets_every_dashboard() -> None:
    [config_map] = yaml.safe_load(KUSTOMIZATION.read_text())["configMapGenerator"]
    assert set(config_map["files"]) == {f"dashboards/json/{it.uid}.json" for it in BOARDS}
