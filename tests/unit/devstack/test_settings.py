"""Rules for what a person may set about the stack."""

from pathlib import Path

import pytest

from cli.errors import StackError
from devstack import settings

REPLICABLE = ("cart", "projections")


def test_replicas_are_counted_by_service_and_one_where_none_are_named() -> None:
    chosen = settings.read(REPLICABLE, {"FEIRA_REPLICAS": "projections=3"})
    assert chosen.replicas == {"cart": 1, "projections": 3}


def test_the_state_directory_is_configurable(tmp_path: Path) -> None:
    assert settings.read(REPLICABLE, {"FEIRA_HOME": str(tmp_path)}).home == tmp_path


@pytest.mark.parametrize(
    ("setting", "value", "complaint"),
    [
        ("FEIRA_REPLICAS", "gateway=2", "may name cart, projections"),
        ("FEIRA_REPLICAS", "cart=0", "may be 1 to"),
        ("FEIRA_REPLICAS", "cart", "may be 1 to"),
        ("FEIRA_KAFKA", "kafka.internal", "host:port"),
        ("FEIRA_POSTGRES", "mysql://root@db", "postgresql://"),
        ("FEIRA_KAFKA_SECURITY", "ssl", "a broker elsewhere"),
        ("FEIRA_SIMULATED_PROVIDERS", "stripe,acme", "may name stripe, paypal"),
        ("FEIRA_ENV", "prod", "local, test or production"),
    ],
)
def test_an_invalid_setting_is_refused_by_name(setting: str, value: str, complaint: str) -> None:
    with pytest.raises(StackError, match=complaint) as refusal:
        settings.read(REPLICABLE, {setting: value})
    assert setting in str(refusal.value)


@pytest.mark.parametrize(
    "url", ["mysql://root:hush@db/x", "postgresql://root:hush/word@db/x", "postgres+asyncpg://root:hush@db/x"]
)
def test_a_url_that_is_refused_is_not_repeated_for_it_may_hold_a_password(url: str) -> None:
    with pytest.raises(StackError, match="FEIRA_POSTGRES") as refusal:
        settings.read(REPLICABLE, {"FEIRA_POSTGRES": url})
    assert "hush" not in str(refusal.value)


SECRETS = {"FEIRA_MASTER_KEY": "a key", "FEIRA_LINK_KEY": "another", "FEIRA_GATEWAY_SECRET": "s"}
ELSEWHERE = {
    "FEIRA_KAFKA": "kafka:9093",
    "FEIRA_KAFKA_SECURITY": "ssl",
    "FEIRA_POSTGRES": "postgresql://db/postgres?sslmode=verify-full",
}


COMPLETE = ELSEWHERE | SECRETS | {"FEIRA_GATEWAY_URL": "https://pay.example"}


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"FEIRA_KAFKA": "kafka:9092"},
        ELSEWHERE,
        COMPLETE | {"FEIRA_POSTGRES": "postgresql://db/postgres?sslmode=require"},
        COMPLETE | {"FEIRA_KAFKA_SECURITY": "plaintext"},
        ELSEWHERE | {"FEIRA_MASTER_KEY": "a key"},
        ELSEWHERE | {"FEIRA_MASTER_KEY": "a key", "FEIRA_GATEWAY_URL": "https://pay.example"},
        COMPLETE | {"FEIRA_LINK_KEY": ""},
        ELSEWHERE | SECRETS | {"FEIRA_GATEWAY_URL": "http://pay.example"},
        ELSEWHERE | SECRETS | {"FEIRA_GATEWAY_URL": "http://127.0.0.1:8005"},
        COMPLETE | {"FEIRA_SIMULATED_PROVIDERS": "stripe"},
    ],
)
def test_production_requires_explicit_settings(environment: dict[str, str]) -> None:
    with pytest.raises(StackError, match="FEIRA_ENV=production"):
        settings.read(REPLICABLE, {"FEIRA_ENV": "production", **environment})


def test_payments_go_where_the_setting_says() -> None:
    production = settings.read(REPLICABLE, {"FEIRA_ENV": "production", **COMPLETE})
    assert production.gateway_url == "https://pay.example"
    assert settings.read(REPLICABLE, {}).gateway_url is None, "the simulated one of the stack"
