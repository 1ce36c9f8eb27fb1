"""The compose file agrees with Docker Compose, with the programs' settings and with the other deployments."""

from __future__ import annotations

import base64
import re
import stat
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import yaml
from pydantic import TypeAdapter
from pydantic_settings import BaseSettings

from checkout_saga.settings import CheckoutSettings
from cli.addresses import running
from contracts.topology import MODELS_WORKER, SERVICE_NAMES, SERVICES, STACK, Service
from deploy.image.context import version
from kernel.http.client_address import TrustedProxies, client_address
from kernel.service.environment import PREFIX, SECRETS_DIR, load
from kernel.service.settings import MigrationSettings
from tests.deploy.compose.conftest import COMPOSE, config
from tests.deploy.tools import tool

DEPLOY = COMPOSE.parent
SECRETS = "/run/secrets"
OPERATOR_JOBS = ("first-key", "feira")
JOBS = ("topics", *OPERATOR_JOBS, *(f"{it.name}-migrate" for it in STACK))
HTTP_PORT, ADMIN_PORT = 8080, 9090
Document = dict[str, Any]


def settings_class(path: str) -> type[BaseSettings]:
    module, _, name = path.partition(":")
    found: type[BaseSettings] = getattr(import_module(module), name)
    return found


def secret_files(container: Document) -> dict[str, str]:
    """Name of the file in FEIRA_SECRETS_DIR -> name of the secret."""
    mounted = {it["target"]: it["source"] for it in container.get("secrets", ())}
    return {target.removeprefix("feira/"): source for target, source in mounted.items()}


def given_to(container: Document, secrets: Path, folder: Path) -> dict[str, str]:
    """The container's environment, with its secrets in a folder of this machine."""
    for name, source in secret_files(container).items():
        (folder / name).write_bytes((secrets / source).read_bytes())
    return {**container["environment"], SECRETS_DIR: str(folder)}


def use_environment(monkeypatch: pytest.MonkeyPatch, given: dict[str, str]) -> None:
    for name, value in given.items():
        monkeypatch.setenv(name, value)


def names_of_settings(container: Document) -> set[str]:
    variables = {it.removeprefix(PREFIX).lower() for it in container["environment"]} - {"secrets_dir"}
    return variables | {it.removeprefix(PREFIX.lower()) for it in secret_files(container)}


def test_docker_compose_accepts_the_file_without_a_warning() -> None:
    read = config(COMPOSE / "compose.yaml", "--quiet")
    assert (read.returncode, read.stdout, read.stderr) == (0, "", "")


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("read_only:", "readonly:"),
        ("service_healthy", "service_is_healthy"),
        ("${FEIRA_ENV}", "${FEIRA_STAGE}"),
    ],
)
def test_docker_compose_finds_a_misspelling(tmp_path: Path, right: str, wrong: str) -> None:
    misspelt = tmp_path / "compose.yaml"
    misspelt.write_text((COMPOSE / "compose.yaml").read_text().replace(right, wrong))
    read = config(misspelt, "--quiet")
    assert read.returncode != 0 or "FEIRA_STAGE" in read.stderr


@pytest.mark.parametrize("service", STACK, ids=lambda it: it.name)
def test_a_service_starts_with_the_settings_of_its_container(
    compose: Document,
    secrets: Path,
    service: Service,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    container = compose["services"][service.name]
    kind = settings_class(service.settings)
    assert names_of_settings(container) <= {*kind.model_fields}
    use_environment(monkeypatch, given_to(container, secrets, tmp_path))
    settings = load(kind)
    read = settings.model_dump()
    assert (read["host"], read["port"], read["admin_port"]) == ("0.0.0.0", HTTP_PORT, ADMIN_PORT)  # noqa: S104
    password = quote((secrets / service.database).read_text(), safe="")
    assert f"{service.database}:{password}@postgres/{service.database}" in read["database_url"]
    assert container["command"] == ["python", "-m", service.module]


def test_checkouts_start_with_the_newest_version(compose: Document) -> None:
    given = compose["services"]["checkout-saga"]["environment"]["FEIRA_CHECKOUT_DEFINITION"]
    assert given == str(CheckoutSettings.model_fields["checkout_definition"].default)


def test_a_web_server_on_this_machine_may_say_where_a_client_is(compose: Document) -> None:
    """Docker passes its requests on from the gateway of the network, which is in one of its address pools."""
    given = compose["services"]["checkout-saga"]["environment"]["FEIRA_TRUSTED_PROXIES"]
    for peer in ("172.18.0.1", "192.168.16.1", "127.0.0.1"):
        assert (
            client_address(peer, ["203.0.113.9"], TypeAdapter(TrustedProxies).validate_python(given))
            == "203.0.113.9"
        )


@pytest.mark.parametrize("service", STACK, ids=lambda it: it.name)
def test_a_migration_runs_as_the_owner_before_its_service(
    compose: Document,
    secrets: Path,
    service: Service,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    container = compose["services"][f"{service.name}-migrate"]
    assert names_of_settings(container) <= {*MigrationSettings.model_fields}
    use_environment(monkeypatch, given_to(container, secrets, tmp_path))
    url = load(MigrationSettings).migration_url
    assert url.startswith(f"postgresql://{service.database}_owner:")
    assert url.endswith(f"@postgres/{service.database}")
    assert container["command"] == ["python", "-m", service.module, "migrate"]
    waits_for = compose["services"][service.name]["depends_on"]
    assert waits_for[f"{service.name}-migrate"]["condition"] == "service_completed_successfully"


@pytest.mark.parametrize("job", OPERATOR_JOBS)
def test_an_operator_s_job_finds_all_services_databases_and_kafka(
    compose: Document, secrets: Path, job: str, tmp_path: Path
) -> None:
    found = running(
        given_to(compose["services"][job], secrets, tmp_path), needed=["urls", "databases", "kafka"]
    )
    assert dict(found.urls) == {it: f"http://{it}:{HTTP_PORT}" for it in SERVICE_NAMES}
    assert found.databases.keys() == {it.name for it in STACK}
    assert found.kafka == "kafka:9092"
    assert found.key == (secrets / "operator_key").read_text()


@pytest.mark.parametrize("job", ["topics", "first-key"])
def test_feira_has_the_command_and_the_options_of_a_job(compose: Document, job: str) -> None:
    program, *words = compose["services"][job]["command"]
    options = {it.partition("=")[0] for it in words if it.startswith("--")}
    names = [it for it in words if not it.startswith("--")]
    command = [Path(sys.executable).with_name(program), *names, "--help"]
    shown = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert options <= set(shown.split())


def test_the_server_makes_the_roles_of_all_databases(compose: Document) -> None:
    """databases.sh makes a database for each file whose name ends with _owner."""
    roles = {it for it in secret_files(compose["services"]["postgres"]) if it.startswith("roles/")}
    assert roles == {f"roles/{it.database}{end}" for it in STACK for end in ("", "_owner")}
    assert all(
        it["source"] == it["target"].removeprefix("roles/")
        for it in compose["services"]["postgres"]["secrets"][1:]
    )
    script = DEPLOY / "overlays" / "local" / "servers" / "databases.sh"
    mounts = compose["services"]["postgres"]["volumes"]
    assert str(script) in {it["source"] for it in mounts}


def test_ports_are_those_of_the_stack_and_only_this_machine_reaches_them(compose: Document) -> None:
    published = {
        name: [(it["host_ip"], int(it["published"]), it["target"]) for it in container.get("ports", ())]
        for name, container in compose["services"].items()
    }
    assert all(host == "127.0.0.1" for ports in published.values() for host, _, _ in ports)
    assert {name: published[name] for name in SERVICE_NAMES} == {
        it.name: [("127.0.0.1", it.port, HTTP_PORT)] for it in SERVICES
    }
    assert published["postgres"] == published["kafka"] == published["gateway"] == []


@pytest.mark.parametrize("service", STACK, ids=lambda it: it.name)
def test_a_service_is_healthy_when_it_is_ready(compose: Document, service: Service) -> None:
    check = compose["services"][service.name]["healthcheck"]
    assert check["test"][:3] == ["CMD", "python", "-c"]  # the image has no shell
    assert f"http://127.0.0.1:{ADMIN_PORT}/readyz" in check["test"][3]
    compile(check["test"][3], "healthcheck", "exec")


def test_each_container_of_the_image_has_no_rights(compose: Document) -> None:
    for name in (*JOBS, *(it.name for it in STACK)):
        container = compose["services"][name]
        assert container["read_only"] is True, name
        assert container["cap_drop"] == ["ALL"], name
        assert container["security_opt"] == ["no-new-privileges:true"], name
        assert container["tmpfs"] == ["/tmp:size=16m"], name  # noqa: S108
        assert "user" not in container, name  # the image's own
        assert not container.get("privileged"), name


def test_images_have_versions_and_are_those_of_the_local_overlay(compose: Document) -> None:
    images = {name: container["image"] for name, container in compose["services"].items()}
    assert all(re.search(r"(:v?\d+\.\d+(\.\d+)?|@sha256:[0-9a-f]{64})$", it) for it in images.values())
    servers = DEPLOY / "overlays" / "local" / "servers"
    for name in ("kafka", "postgres"):
        assert f"image: {images[name]}\n" in (servers / f"{name}.yaml").read_text()
    assert {images[it] for it in (*JOBS, *(it.name for it in STACK))} == {f"feira:{version()}"}


def test_no_secret_stands_in_the_environment_or_on_a_command_line(compose: Document) -> None:
    for container in compose["services"].values():
        text = yaml.safe_dump([container.get("environment"), container.get("command")])
        assert not re.search(r"://[^/@\s]+:[^/@\s]+@", text)
        assert not re.search(r"(PASSWORD|SECRET|MASTER_KEY|LINK_KEY|FEIRA_KEY): ", text)


def test_make_secrets_makes_each_secret_once(compose: Document, secrets: Path) -> None:
    assert {it.name for it in secrets.iterdir()} == {*compose["secrets"]}
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o700
    texts = {it.name: it.read_text() for it in secrets.iterdir()}
    assert len({*texts.values()}) == len(texts)
    assert len(base64.b64decode(texts["master_key"], validate=True)) == 32
    subprocess.run([secrets.parent / "make-secrets"], check=True)
    assert {it.name: it.read_text() for it in secrets.iterdir()} == texts


def test_the_topics_are_made_before_a_service_starts(compose: Document) -> None:
    services = compose["services"]
    assert services["topics"]["command"] == ["feira", "topics", "create"]
    for name in SERVICE_NAMES:
        assert services[name]["depends_on"]["topics"]["condition"] == "service_completed_successfully"


def test_prometheus_reads_all_services_and_all_rules(tmp_path: Path) -> None:
    """promtool reads the rules, too, from the places that the container has them in."""
    rules = DEPLOY / "observability" / "rules"
    text = (COMPOSE / "watch" / "prometheus.yaml").read_text()
    document = yaml.safe_load(text)
    named = {Path(it).name for it in document["rule_files"]}
    assert named == {it.name for it in rules.glob("*.yaml") if not it.name.endswith(".test.yaml")}
    (scraped,) = document["scrape_configs"]
    assert scraped["job_name"] == "feira"
    assert {it["labels"]["service"]: it["targets"] for it in scraped["static_configs"]} == {
        it: [f"{it}:{ADMIN_PORT}"] for it in (*SERVICE_NAMES, MODELS_WORKER.name)
    }
    here = tmp_path / "prometheus.yaml"
    here.write_text(text.replace("/etc/prometheus/rules", str(rules)))
    checked = subprocess.run(
        [tool("promtool"), "check", "config", here], check=False, capture_output=True, text=True
    )
    assert checked.returncode == 0, checked.stderr
