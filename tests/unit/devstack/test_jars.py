"""Rules for Kafka's jars: every one is pinned, and a cache is not trusted."""

from pathlib import Path

import pytest

from cli.errors import StackError
from devstack import jars
from devstack.jars import Jar


def test_every_jar_is_pinned_by_its_hash() -> None:
    pinned = jars.pinned()
    assert len(pinned) == 46
    assert all(len(jar.sha256) == 64 for jar in pinned)
    assert Jar.at("org.apache.kafka:kafka-clients:4.3.1", "").path(Path("/c")) == Path(
        "/c/org/apache/kafka/kafka-clients/4.3.1/kafka-clients-4.3.1.jar"
    )


def test_a_jar_with_other_content_does_not_count(tmp_path: Path) -> None:
    jar = jars.pinned()[0]
    jar.path(tmp_path).parent.mkdir(parents=True)
    jar.path(tmp_path).write_bytes(b"something else")
    assert not jar.is_in(tmp_path)


def test_a_failed_download_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    for scheme in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(scheme, "http://127.0.0.1:9")
    with pytest.raises(StackError, match=r"could not be downloaded .*needs the network\.$"):
        jars.ensure_downloaded()
