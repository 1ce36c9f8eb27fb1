"""Settings of the connections to Kafka and PostgreSQL: what does not fit together is refused in one line."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest
from pydantic_settings import BaseSettings

from kernel.messaging.connection import KafkaConnection
from kernel.service.environment import read
from kernel.service.kafka_settings import KafkaSettings
from kernel.service.settings import MigrationSettings, ServiceSettings
from tests.support.certificates import Authority

BROKERS = "kafka-1.test:9093,kafka-2.test:9093"
VERIFIED = "postgresql://cart:hush@db.test/feira_cart?sslmode=verify-full"
SERVICE = {"FEIRA_PORT": "8001", "FEIRA_DATABASE_URL": VERIFIED, "FEIRA_KAFKA_BOOTSTRAP": BROKERS}
ENCRYPTED = {"FEIRA_KAFKA_SECURITY": "ssl"}
IDENTIFIED = {
    "FEIRA_KAFKA_SECURITY": "sasl_ssl",
    "FEIRA_KAFKA_USERNAME": "cart",
    "FEIRA_KAFKA_PASSWORD": "hush",
}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in (*ServiceSettings.model_fields, *MigrationSettings.model_fields):
        monkeypatch.delenv(f"FEIRA_{name.upper()}", raising=False)
    return monkeypatch


def refusal(environment: pytest.MonkeyPatch, kind: type[BaseSettings], given: dict[str, str]) -> str:
    for name, value in given.items():
        environment.setenv(name, value)
    with pytest.raises(SystemExit) as refused:
        read(kind)
    return str(refused.value)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority.made_in(tmp_path)


def test_without_a_word_about_security_kafka_is_spoken_to_in_the_clear(
    environment: pytest.MonkeyPatch,
) -> None:
    environment.setenv("FEIRA_KAFKA_BOOTSTRAP", BROKERS)

    assert read(KafkaSettings).kafka == KafkaConnection(BROKERS)
    assert read(KafkaSettings).kafka.client_options() == {
        "bootstrap_servers": BROKERS,
        "security_protocol": "PLAINTEXT",
    }


def test_a_client_gets_the_identity_and_checks_the_brokers_name_and_authority(
    environment: pytest.MonkeyPatch, authority: Authority
) -> None:
    given = {"FEIRA_KAFKA_BOOTSTRAP": BROKERS, **IDENTIFIED, "FEIRA_KAFKA_CA_FILE": str(authority.file)}
    for name, value in given.items():
        environment.setenv(name, value)

    kafka = read(KafkaSettings).kafka
    options = kafka.client_options()

    context = options.pop("ssl_context")
    assert options == {
        "bootstrap_servers": BROKERS,
        "security_protocol": "SASL_SSL",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": "cart",
        "sasl_plain_password": "hush",
    }
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert len(context.get_ca_certs()) == 1, "no other authority is trusted"
    assert "hush" not in repr(kafka)


def test_a_renewed_authority_is_used_by_the_next_client(tmp_path: Path, authority: Authority) -> None:
    kafka = KafkaConnection(BROKERS, "ssl", ca_file=authority.file)
    (before,) = kafka.client_options()["ssl_context"].get_ca_certs()

    authority.file.write_bytes(Authority.made_in(tmp_path).file.read_bytes())

    (after,) = kafka.client_options()["ssl_context"].get_ca_certs()
    assert before["serialNumber"] != after["serialNumber"]


def test_a_client_certificate_may_be_the_identity(
    environment: pytest.MonkeyPatch, authority: Authority
) -> None:
    pair = authority.issue("cart")
    environment.setenv("FEIRA_KAFKA_BOOTSTRAP", BROKERS)
    environment.setenv("FEIRA_KAFKA_SECURITY", "ssl")
    environment.setenv("FEIRA_KAFKA_CA_FILE", str(authority.file))
    environment.setenv("FEIRA_KAFKA_CERT_FILE", str(pair.certificate))
    environment.setenv("FEIRA_KAFKA_KEY_FILE", str(pair.key))

    assert read(KafkaSettings).kafka.client_options()["security_protocol"] == "SSL"


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"FEIRA_KAFKA_SECURITY": "sasl_plaintext"}, "FEIRA_KAFKA_SECURITY: Input should be"),
        ({"FEIRA_KAFKA_CA_FILE": "README.md"}, "FEIRA_KAFKA_CA_FILE needs FEIRA_KAFKA_SECURITY=ssl or"),
        (ENCRYPTED | {"FEIRA_KAFKA_CA_FILE": "/none/ca.crt"}, "FEIRA_KAFKA_CA_FILE: there is no file /none"),
        (ENCRYPTED | {"FEIRA_KAFKA_CA_FILE": "README.md"}, "FEIRA_KAFKA_CA_FILE: cannot be used"),
        (
            ENCRYPTED | {"FEIRA_KAFKA_CERT_FILE": "README.md"},
            "FEIRA_KAFKA_CERT_FILE and FEIRA_KAFKA_KEY",
        ),
        (ENCRYPTED | {"FEIRA_KAFKA_KEY_FILE": "README.md"}, "FEIRA_KAFKA_CERT_FILE and FEIRA_KAFKA_KEY"),
        ({"FEIRA_KAFKA_PASSWORD": "hush"}, "FEIRA_KAFKA_PASSWORD needs FEIRA_KAFKA_SECURITY=sasl_ssl"),
        (
            ENCRYPTED | {"FEIRA_KAFKA_USERNAME": "cart"},
            "FEIRA_KAFKA_USERNAME needs FEIRA_KAFKA_SEC",
        ),
        (
            IDENTIFIED | {"FEIRA_KAFKA_USERNAME": ""},
            "FEIRA_KAFKA_SECURITY=sasl_ssl needs FEIRA_KAFKA_USER",
        ),
        (
            IDENTIFIED | {"FEIRA_KAFKA_PASSWORD": ""},
            "FEIRA_KAFKA_SECURITY=sasl_ssl needs FEIRA_KAFKA_PASS",
        ),
        (
            IDENTIFIED | {"FEIRA_KAFKA_SASL_MECHANISM": "GSSAPI"},
            "FEIRA_KAFKA_SASL_MECHANISM: Input should",
        ),
    ],
)
def test_settings_of_kafka_that_do_not_fit_together_are_refused(
    environment: pytest.MonkeyPatch, given: dict[str, str], sentence: str
) -> None:
    said = refusal(environment, ServiceSettings, SERVICE | given)

    assert said.startswith(sentence)
    assert "\n" not in said
    assert "hush" not in said


def test_an_encrypted_key_is_refused_without_a_question_at_the_terminal(
    environment: pytest.MonkeyPatch, authority: Authority
) -> None:
    pair = authority.issue("cart", key_password=b"hush")
    files = {"FEIRA_KAFKA_CERT_FILE": str(pair.certificate), "FEIRA_KAFKA_KEY_FILE": str(pair.key)}

    said = refusal(environment, ServiceSettings, SERVICE | ENCRYPTED | files)

    assert said.startswith("FEIRA_KAFKA_CERT_FILE, FEIRA_KAFKA_KEY_FILE: cannot be used")


@pytest.mark.parametrize(
    ("kind", "setting"),
    [(ServiceSettings, "FEIRA_DATABASE_URL"), (MigrationSettings, "FEIRA_MIGRATION_URL")],
)
@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("postgresql://cart:hush@db.test/feira_cart", "needs sslmode=verify-full in production"),
        (
            "postgresql://cart:hush@db.test/feira_cart?sslmode=require",
            "needs sslmode=verify-full in production",
        ),
        ("postgresql://cart:hush@db.test/feira_cart?sslmode=verify-ca", "needs sslmode=verify-full in"),
        ("postgresql://cart@db.test/feira_cart?sslmode=verify-full", "needs a password in production"),
        (VERIFIED + "&sslrootcert=/none/ca.crt", "its sslrootcert names no file"),
    ],
)
def test_production_demands_a_database_that_proves_who_it_is(
    environment: pytest.MonkeyPatch, kind: type[BaseSettings], setting: str, url: str, sentence: str
) -> None:
    said = refusal(environment, kind, SERVICE | ENCRYPTED | {"FEIRA_ENV": "production", setting: url})

    assert said.startswith(setting)
    assert sentence in said
    assert "hush" not in said


def test_production_refuses_kafka_in_the_clear(environment: pytest.MonkeyPatch) -> None:
    said = refusal(environment, ServiceSettings, SERVICE | {"FEIRA_ENV": "production"})

    assert said == "FEIRA_KAFKA_SECURITY must be ssl or sasl_ssl in production"


@pytest.mark.parametrize("stage", ["local", "production"])
def test_encrypted_connections_are_accepted_everywhere(environment: pytest.MonkeyPatch, stage: str) -> None:
    for name, value in (SERVICE | ENCRYPTED | {"FEIRA_ENV": stage, "FEIRA_MIGRATION_URL": VERIFIED}).items():
        environment.setenv(name, value)

    assert read(ServiceSettings).kafka.is_encrypted
    assert read(MigrationSettings).migration_url == VERIFIED


def test_a_password_of_its_own_is_put_into_the_url(environment: pytest.MonkeyPatch) -> None:
    for name, value in SERVICE.items():
        environment.setenv(name, value)
    environment.setenv("FEIRA_DATABASE_URL", "postgresql://cart@db.test:5432/feira_cart?sslmode=verify-full")
    environment.setenv("FEIRA_DATABASE_PASSWORD", "p/:@?#% ü")
    environment.setenv("FEIRA_MIGRATION_URL", "postgresql://owner@db.test/feira_cart")
    environment.setenv("FEIRA_MIGRATION_PASSWORD", "another")

    encoded = "p%2F%3A%40%3F%23%25%20%C3%BC"
    settings = read(ServiceSettings)
    assert settings.database_url == (
        f"postgresql://cart:{encoded}@db.test:5432/feira_cart?sslmode=verify-full"
    )
    assert read(MigrationSettings).migration_url == "postgresql://owner:another@db.test/feira_cart"
    assert encoded not in repr(settings)
    assert "p/:" not in repr(settings)


@pytest.mark.parametrize("url", ["postgresql://cart:old@db.test/x", "postgresql://db.test/x"])
def test_a_password_of_its_own_needs_a_url_with_a_user_and_no_password(
    environment: pytest.MonkeyPatch, url: str
) -> None:
    given = SERVICE | {"FEIRA_DATABASE_URL": url, "FEIRA_DATABASE_PASSWORD": "hush"}

    said = refusal(environment, ServiceSettings, given)

    assert said == "FEIRA_DATABASE_URL must name a user, and no password beside FEIRA_DATABASE_PASSWORD"
