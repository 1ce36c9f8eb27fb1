"""A missing or broken part is reported in one sentence, with exit code 1 and no traceback."""

import os
import shutil
import socket
from pathlib import Path

import pytest

from devstack import stale_processes
from tests.support.stack import MINIMAL_STACK, PROGRAM, refusal, running_stack


def sentence(home: Path, env: dict[str, str] | None = None) -> str:
    said = refusal(home, env, MINIMAL_STACK)
    assert said.startswith("feira: ")
    assert len(said.splitlines()) == 1, said
    assert stale_processes.find_all(home) == []
    return said


def test_a_taken_port(tmp_path: Path) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = str(listener.getsockname()[1])
        assert f"Port {port} for kafka is taken" in sentence(tmp_path / "home", {"FEIRA_PORT_KAFKA": port})


def test_jars_out_of_reach(tmp_path: Path) -> None:
    nowhere = dict.fromkeys(("HTTPS_PROXY", "https_proxy"), "http://127.0.0.1:9")
    said = sentence(tmp_path / "home", {"XDG_CACHE_HOME": str(tmp_path), **nowhere})
    assert "could not be downloaded" in said


@pytest.mark.parametrize(
    ("folder", "file", "content", "complaint"),
    [
        ("postgres", "PG_VERSION", "16\n", "was created by PostgreSQL 16"),
        ("postgres", "diary.txt", "dear diary", "is not a PostgreSQL data directory"),
        ("kafka/data", "meta.properties", "version=1\ncluster.id=elsewhere\n", "another Kafka cluster"),
        ("kafka/data", "diary.txt", "dear diary", "is not a Kafka data directory"),
    ],
)
def test_a_foreign_data_directory(
    tmp_path: Path, folder: str, file: str, content: str, complaint: str
) -> None:
    place = tmp_path / "home" / folder
    place.mkdir(parents=True)
    (place / file).write_text(content)
    assert complaint in sentence(tmp_path / "home")
    assert (place / file).read_text() == content


def test_another_stacks_databases(tmp_path: Path) -> None:
    with running_stack(tmp_path / "one", command=MINIMAL_STACK):
        pass
    (tmp_path / "two").mkdir()
    shutil.move(tmp_path / "one" / "postgres", tmp_path / "two" / "postgres")
    assert "does not accept the password" in sentence(tmp_path / "two")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_home_that_cannot_be_written(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    assert "cannot be written" in sentence(tmp_path / "home")


def test_a_stack_that_is_not_up(tmp_path: Path) -> None:
    assert "start one with `feira up`" in refusal(tmp_path, command=(PROGRAM, "status"))


def test_docker_that_is_not_there(tmp_path: Path) -> None:
    said = sentence(tmp_path / "home", {"FEIRA_KAFKA": "docker", "DOCKER_HOST": "tcp://127.0.0.1:9"})
    assert "FEIRA_KAFKA=docker needs a running Docker" in said


def test_a_database_server_that_is_not_there(tmp_path: Path) -> None:
    said = sentence(tmp_path / "home", {"FEIRA_POSTGRES": "postgresql://postgres@127.0.0.1:9/postgres"})
    assert "PostgreSQL at postgresql://postgres@127.0.0.1:9/postgres cannot be used" in said
