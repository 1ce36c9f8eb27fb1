"""An overlay in which a database is made again from its backups is as good as without."""

from __future__ import annotations

from pathlib import Path

from tests.deploy.checks import ALL
from tests.deploy.overlays import DEPLOY, build, with_component
from tests.deploy.resources import one

COMPONENT = DEPLOY / "components" / "restored-database"


def test_a_restored_database_passes_all_checks_and_changes_nothing_else(tmp_path: Path) -> None:
    documents = with_component("production", COMPONENT, tmp_path)
    assert {name: found for name, check in ALL.items() if (found := list(check(documents)))} == {}
    assert [it for it in documents if it not in build("production")] == [one(documents, "Cluster", "cart-db")]


def test_it_is_read_from_one_archive_and_written_to_another(tmp_path: Path) -> None:
    spec = one(with_component("production", COMPONENT, tmp_path), "Cluster", "cart-db")["spec"]
    (source,) = spec["externalClusters"]
    (archive,) = spec["plugins"]
    assert spec["bootstrap"].keys() == {"recovery"}
    assert spec["bootstrap"]["recovery"]["source"] == source["name"]
    assert archive["parameters"]["serverName"] != source["plugin"]["parameters"]["serverName"] == "cart-db"
    assert archive["parameters"]["barmanObjectName"] == source["plugin"]["parameters"]["barmanObjectName"]
