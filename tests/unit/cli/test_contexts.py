"""Contexts: stored for one user alone, whole at every moment, without the key in anything that is shown."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from stat import S_IMODE

import pytest
from typer.testing import CliRunner, Result

from cli import contexts
from cli.addresses import CONTEXT, is_stack, key_for, running
from cli.errors import StackError
from cli.main import first_command, new_app
from cli.named_in_environment import url_variable
from contracts.topology import SERVICE_NAMES

SECRET = "feira_demo_a-made-up-key"
SHARED = "https://feira.example.test"


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {"XDG_CONFIG_HOME": str(tmp_path), "HOME": str(tmp_path), "COLUMNS": "200"}


@pytest.fixture
def file(environment: dict[str, str]) -> Path:
    return contexts.file_of(environment)


def feira(environment: dict[str, str], *words: str, typed: str = f"{SECRET}\n") -> Result:
    alone = {CONTEXT: None, "FEIRA_ADDRESSES": None, "FEIRA_HOME": None, "FEIRA_KEY": None}
    return CliRunner().invoke(new_app(), words, input=typed, env={**alone, **environment})


def refusal(done: Result) -> str:
    assert isinstance(done.exception, StackError), done.output
    return str(done.exception)


def test_one_url_leads_to_each_service_under_its_name(environment: dict[str, str]) -> None:
    assert feira(environment, "context", "add", "prod", "--url", f"{SHARED}/").exit_code == 0
    assert feira(environment, "context", "use", "prod").exit_code == 0

    found = running(environment)
    assert found.urls == {it: f"{SHARED}/{it}" for it in SERVICE_NAMES}
    assert (found.key, found.context) == (SECRET, "prod")


def test_a_url_of_one_service_takes_precedence(environment: dict[str, str]) -> None:
    feira(environment, "context", "add", "prod", "--url", SHARED, "--url", "cart=http://127.0.0.1:8001/")

    assert running({**environment, CONTEXT: "prod"}).urls["cart"] == "http://127.0.0.1:8001"
    assert running({**environment, CONTEXT: "prod"}).urls["offer"] == f"{SHARED}/offer"


@pytest.mark.parametrize(
    ("urls", "says"),
    [
        (["cart=https://a.test"], "no URL for offer, checkout-saga, projections"),
        (["https://a.test", "https://b.test"], "Give one --url for all services"),
        (["shop=https://a.test"], "'shop' is not a service"),
        (["http://a.test"], "would reach a.test unencrypted"),
        (["https://u:p@a.test"], "without a user"),
        (["https://a.test:99999"], "looks like"),
        (["ftp://a.test"], "looks like"),
    ],
)
def test_urls_that_cannot_be_used_are_refused_without_repeating_them(
    environment: dict[str, str], file: Path, urls: list[str], says: str
) -> None:
    given = [word for it in urls for word in ("--url", it)]
    said = refusal(feira(environment, "context", "add", "prod", *given))

    assert says in said and "u:p" not in said
    assert not file.exists()


def test_the_file_and_its_folder_are_the_users_alone(environment: dict[str, str], file: Path) -> None:
    feira(environment, "context", "add", "prod", "--url", SHARED)

    assert S_IMODE(file.stat().st_mode) == 0o600
    assert S_IMODE(file.parent.stat().st_mode) == 0o700
    file.chmod(0o640)
    with pytest.raises(StackError, match="may be read by others"):
        running({**environment, CONTEXT: "prod"})


def test_the_key_is_read_from_a_file_and_shown_by_no_command(
    environment: dict[str, str], tmp_path: Path
) -> None:
    key_file = tmp_path / "key"
    key_file.write_text(f"{SECRET}\n")
    said = feira(
        environment, "context", "add", "prod", "--url", SHARED, "--key-file", str(key_file), typed=""
    ).output
    feira(environment, "context", "use", "prod")
    for words in (["list"], ["list", "--json"], ["show"], ["show", "prod", "--json"]):
        said += feira(environment, "context", *words).output

    assert running(environment).key == SECRET
    assert SECRET not in said and SECRET not in repr(running(environment))


@pytest.mark.parametrize("typed", ["", "\n", "two words\n", "ключ\n"])
def test_a_context_without_a_usable_key_is_not_stored(
    environment: dict[str, str], file: Path, typed: str
) -> None:
    assert "not an API key" in refusal(
        feira(environment, "context", "add", "prod", "--url", SHARED, typed=typed)
    )
    assert not file.exists()


def test_a_context_is_replaced_only_on_request(environment: dict[str, str]) -> None:
    feira(environment, "context", "add", "prod", "--url", SHARED)
    other = ("context", "add", "prod", "--url", "https://other.test")

    assert "--replace" in refusal(feira(environment, *other))
    assert running({**environment, CONTEXT: "prod"}).urls["cart"] == f"{SHARED}/cart"
    assert feira(environment, *other, "--replace").exit_code == 0
    assert running({**environment, CONTEXT: "prod"}).urls["cart"] == "https://other.test/cart"


def test_what_is_removed_is_no_longer_in_use(environment: dict[str, str], file: Path) -> None:
    feira(environment, "context", "add", "prod", "--url", SHARED)
    feira(environment, "context", "use", "prod")
    feira(environment, "context", "remove", "prod")

    assert contexts.read(file) == contexts.Contexts("", {})
    assert SECRET not in file.read_text()
    assert "There is no context prod" in refusal(feira(environment, "context", "remove", "prod"))


def test_local_is_the_stack_on_this_machine_and_no_name_of_a_context(environment: dict[str, str]) -> None:
    feira(environment, "context", "add", "prod", "--url", SHARED)
    feira(environment, "context", "use", "prod")

    assert not is_stack(environment)
    assert is_stack({**environment, CONTEXT: "local"})
    feira(environment, "context", "use", "local")
    assert is_stack(environment)
    assert "cannot be the name" in refusal(feira(environment, "context", "add", "local", "--url", SHARED))


def test_the_nearest_to_the_command_line_wins(environment: dict[str, str], tmp_path: Path) -> None:
    addresses = tmp_path / "addresses.json"
    addresses.write_text(json.dumps({"urls": dict.fromkeys(SERVICE_NAMES, "https://file.test")}))
    for name in ("first", "second", "third"):
        feira(environment, "context", "add", name, "--url", f"https://{name}.test")
    feira(environment, "context", "use", "third")
    by_variable = {
        f"FEIRA_{it.upper().replace('-', '_')}_URL": "https://variable.test" for it in SERVICE_NAMES
    }
    at_home = {**environment, "FEIRA_HOME": str(tmp_path)}
    layers = [environment, at_home, {**at_home, **by_variable}]
    layers.append({**layers[-1], "FEIRA_ADDRESSES": str(addresses)})
    layers.append({**layers[-1], CONTEXT: "second"})

    found = [None if is_stack(it) else running(it).urls["cart"] for it in layers]
    assert found == [
        "https://third.test/cart",
        None,
        "https://variable.test",
        "https://file.test",
        "https://second.test/cart",
    ]
    said = refusal(feira(layers[-1], "--context", "first", "events", "tail"))
    assert "a context does not have" in said
    assert "There is no context fourth" in refusal(feira(layers[-1], "--context", "fourth", "saga", "list"))


def test_a_command_that_needs_databases_says_that_it_runs_as_a_job(environment: dict[str, str]) -> None:
    feira(environment, "context", "add", "prod", "--url", SHARED)
    inside = {**environment, CONTEXT: "prod"}
    stream = "019a2b3c-0000-7000-8000-000000000001"

    for words in (["events", "show", stream], ["saga", "export", stream], ["events", "tail"]):
        assert "run it as a Job" in refusal(feira(inside, *words))


def test_no_key_is_sent_that_belongs_elsewhere(tmp_path: Path) -> None:
    named = {url_variable(it): "https://a.test" for it in SERVICE_NAMES}
    at = running({**named, "HOME": str(tmp_path)})

    with pytest.raises(StackError, match="There is no API key"):
        key_for(at, None)
    assert key_for(at, "given") == "given"


def test_databases_are_named_by_variables_and_passwords_by_files(tmp_path: Path) -> None:
    environment = {"FEIRA_SECRETS_DIR": str(tmp_path), "FEIRA_KAFKA_BOOTSTRAP": "kafka:9092"}
    for service in SERVICE_NAMES:
        name = f"feira_{service.replace('-', '_')}_database"
        environment[f"{name.upper()}_URL"] = f"postgresql://reader@db.test:5432/{service}?sslmode=verify-full"
        (tmp_path / f"{name}_password").write_text("p@ss/word\n")

    found = running(environment, needed=["databases", "kafka"])
    assert (
        found.databases["cart"] == "postgresql://reader:p%40ss%2Fword@db.test:5432/cart?sslmode=verify-full"
    )
    assert found.kafka == "kafka:9092"
    assert "p@ss" not in str(vars(found))
    with pytest.raises(StackError, match="does not have urls of cart"):
        running(environment)
    with pytest.raises(StackError, match=r"^FEIRA_CART_DATABASE_URL looks like"):
        running({**environment, "FEIRA_CART_DATABASE_URL": "nonsense"}, needed=["databases"])


def test_two_changes_at_once_are_both_kept(environment: dict[str, str], file: Path) -> None:
    program = "from cli.main import run; run()"
    names = [f"c{it}" for it in range(6)]

    def store(name: str) -> int:
        words = [sys.executable, "-c", program, "context", "add", name, "--url", SHARED]
        return subprocess.run(
            words, input=SECRET, text=True, env=environment, timeout=60, check=False
        ).returncode

    with ThreadPoolExecutor(len(names)) as pool:
        assert set(pool.map(store, names)) == {0}
    assert sorted(contexts.read(file).by_name) == names
    assert {it.name for it in file.parent.iterdir()} == {file.name, file.with_suffix(".lock").name}


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"current": "", "contexts": {"a": {"key": "k"}}}'])
def test_a_damaged_file_is_one_sentence(file: Path, content: str) -> None:
    file.parent.mkdir(parents=True)
    file.touch(0o600)
    file.write_text(content)

    with pytest.raises(StackError, match="is damaged"):
        contexts.read(file)


def test_the_option_stands_before_the_command() -> None:
    assert first_command(["saga", "list"]) == "saga"
    assert first_command(["--context", "prod", "saga"]) == "saga"
    assert first_command(["--context=prod", "keys"]) == "keys"
    assert first_command(["--context"]) == first_command([]) == ""
