"""Settings that make no sense are refused in one line, without telling secrets."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from kernel.security.master_keys import MasterKey
from kernel.service.environment import read
from kernel.service.settings import ServiceSettings, WebUrl

ENOUGH = {
    "FEIRA_PORT": "8001",
    "FEIRA_DATABASE_URL": "postgresql://cart:hush@127.0.0.1:5432/feira_cart",
    "FEIRA_KAFKA_BOOTSTRAP": "127.0.0.1:9092",
}


class WithKey(ServiceSettings):
    master_key: MasterKey


class WithAll(ServiceSettings):
    master_key: MasterKey = b"k" * 32
    gateway_url: WebUrl | None = None


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in WithAll.model_fields:
        monkeypatch.delenv(f"FEIRA_{name.upper()}", raising=False)
    for name, value in ENOUGH.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def in_production(environment: pytest.MonkeyPatch) -> None:
    """Set what production demands of every service."""
    environment.setenv("FEIRA_ENV", "production")
    environment.setenv("FEIRA_DATABASE_URL", f"{ENOUGH['FEIRA_DATABASE_URL']}?sslmode=verify-full")
    environment.setenv("FEIRA_KAFKA_SECURITY", "ssl")


def test_what_is_compulsory_is_enough() -> None:
    settings = read(ServiceSettings)

    assert (settings.env, settings.host, settings.port) == ("local", "127.0.0.1", 8001)
    with pytest.raises(ValidationError):
        setattr(settings, "port", 1)  # noqa: B010  # mypy knows that this is forbidden


def test_a_setting_that_is_no_json_is_refused_in_one_line(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("FEIRA_TENANT_RATES", '{"demo": hush')
    with pytest.raises(SystemExit, match="FEIRA_TENANT_RATES") as refused:
        read(ServiceSettings)
    assert "hush" not in str(refused.value)
    assert "\n" not in str(refused.value)


def test_the_master_key_is_given_in_base64(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("FEIRA_MASTER_KEY", base64.b64encode(b"k" * 32).decode())

    assert read(WithKey).master_key == b"k" * 32


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FEIRA_PORT", "0"),
        ("FEIRA_PORT", "eighty"),
        ("FEIRA_ENV", "staging"),
        ("FEIRA_DATABASE_URL", "mysql://root:hush@db/x"),
        ("FEIRA_DATABASE_URL", "postgresql://cart:hush@db"),
        ("FEIRA_DATABASE_URL", "postgresql://cart:hush/word@db/x"),
        ("FEIRA_KAFKA_BOOTSTRAP", "localhost"),
        ("FEIRA_MASTER_KEY", "hush"),
        ("FEIRA_GATEWAY_URL", "hush"),
        ("FEIRA_LOG_LEVEL", "loud"),
        ("FEIRA_SUPERVISOR_PID", "-1"),
        ("FEIRA_CLOCK_URLS", "http://127.0.0.1:8001"),
        ("FEIRA_CLOCK_URLS", "cart=127.0.0.1:8001"),
        ("FEIRA_RATE_PER_KEY", "hush"),
        ("FEIRA_TENANT_RATES", '{"demo": {"per_key": "0/60"}}'),
        ("FEIRA_TENANT_RATES", '{"demo": {"per_hour": "1/60"}}'),
    ],
)
def test_nonsense_is_refused_in_one_line_that_names_the_setting(
    environment: pytest.MonkeyPatch, name: str, value: str
) -> None:
    environment.setenv(name, value)
    with pytest.raises(SystemExit) as refused:
        read(WithAll)

    message = str(refused.value)
    assert message.startswith(f"{name}: ")
    assert "\n" not in message
    assert "hush" not in message


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ('{"demo": {}, "rival": {"per_key": "5"}}', "rival.per_key: must be off or look like 5/60"),
        ('{"demo": {"per_hour": "1/60"}}', "demo.per_hour: Extra inputs are not permitted"),
        ('{"rival": 2}', "rival: Input should be a valid dictionary"),
        ("5/60", "must be valid JSON"),
    ],
)
def test_a_refusal_names_the_place_within_a_setting_of_several_parts(
    environment: pytest.MonkeyPatch, value: str, message: str
) -> None:
    environment.setenv("FEIRA_TENANT_RATES", value)
    with pytest.raises(SystemExit, match=f"^FEIRA_TENANT_RATES: {re.escape(message)}"):
        read(ServiceSettings)


def test_what_a_service_cannot_do_without_is_asked_for() -> None:
    with pytest.raises(SystemExit, match="FEIRA_MASTER_KEY: Field required"):
        read(WithKey)


def test_settings_show_no_secrets(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("FEIRA_MASTER_KEY", base64.b64encode(b"k" * 32).decode())

    assert "hush" not in repr(read(WithKey))
    assert "kkkk" not in repr(read(WithKey))


def test_failpoints_are_refused_in_production_and_where_they_make_no_sense(
    environment: pytest.MonkeyPatch,
) -> None:
    environment.setenv("FEIRA_FAILPOINTS", "relay.after_send=kill@3")
    assert read(ServiceSettings).failpoints == "relay.after_send=kill@3"

    in_production(environment)
    with pytest.raises(SystemExit, match="FEIRA_FAILPOINTS must not be set in production"):
        read(ServiceSettings)

    environment.setenv("FEIRA_ENV", "test")
    environment.setenv("FEIRA_FAILPOINTS", "relay.after_sand=kill")
    with pytest.raises(SystemExit, match=r"FEIRA_FAILPOINTS: there is no failpoint 'relay\.after_sand'"):
        read(ServiceSettings)


def test_a_clock_to_move_is_refused_in_production_and_needs_a_secret(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("FEIRA_CLOCK_URLS", "cart=http://127.0.0.1:8001/,offer=http://127.0.0.1:8002")
    with pytest.raises(SystemExit, match="FEIRA_CLOCK_SECRET needs 16 characters"):
        read(ServiceSettings)

    environment.setenv("FEIRA_CLOCK_SECRET", "hush" * 4)
    settings = read(ServiceSettings)
    urls = {"cart": "http://127.0.0.1:8001", "offer": "http://127.0.0.1:8002"}
    assert settings.clock_addresses == urls
    assert "hush" not in repr(settings)

    in_production(environment)
    with pytest.raises(SystemExit, match="FEIRA_CLOCK_URLS and FEIRA_CLOCK_SECRET must not be set"):
        read(ServiceSettings)


def test_secrets_may_stand_in_files_and_the_environment_wins(
    environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "feira_master_key").write_text(base64.b64encode(b"k" * 32).decode() + "\n")
    (tmp_path / "feira_database_url").write_text("postgresql://another@db/x")
    environment.setenv("FEIRA_SECRETS_DIR", str(tmp_path))

    settings = read(WithKey)

    assert settings.master_key == b"k" * 32
    assert settings.database_url == ENOUGH["FEIRA_DATABASE_URL"]
    environment.setenv("FEIRA_SECRETS_DIR", str(tmp_path / "none"))
    with pytest.raises(SystemExit, match="FEIRA_SECRETS_DIR: there is no folder"):
        read(WithKey)


def test_a_tenant_without_a_rate_of_its_own_has_the_general_one(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("FEIRA_RATE_PER_KEY", "1/60")
    environment.setenv("FEIRA_TENANT_RATES", '{"demo": {"per_tenant": "5/60"}, "large": {"per_key": "off"}}')
    rates = read(ServiceSettings).request_rates()

    assert [rates.count(tenant, "shop") is None for tenant in ("demo", "demo")] == [True, False]
    assert [rates.count(tenant, "shop") is None for tenant in ("large", "large")] == [True, True]


def test_a_long_name_of_a_replica_keeps_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"checkout-saga-{'x' * 60}-7d9c5b6f8-{it}" for it in ("abcde", "fghij")]
    settings = []
    for name in names:
        monkeypatch.setenv("FEIRA_INSTANCE", name)
        settings.append(read(ServiceSettings).instance)
    assert settings == [it[-63:] for it in names]
