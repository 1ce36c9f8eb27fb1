"""Names and sizes follow rules: of messages, of modules, of the files of a service."""

import re
from pathlib import Path

import pytest

from contracts.envelope import Message
from contracts.schemas import messages

ROOT = Path(__file__).parents[2]
LONGEST = 250
LONGER = {
    "shared/contracts/src/contracts/cart.py": 450,
    "shared/contracts/src/contracts/checkout.py": 300,
    "shared/contracts/src/contracts/offer.py": 300,
    "shared/contracts/src/contracts/order.py": 300,
}
"""The messages of one aggregate are one module, as their types say."""
SOURCES = sorted(
    path
    for part in ("services", "shared")
    for path in (ROOT / part).glob("*/src/**/*.py")
    if path.stat().st_size
)


def snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def type_of(message: type[Message]) -> str:
    module = message.__module__.rpartition(".")[2].removesuffix("_")  # of a keyword
    return f"{module}.{snake(message.__name__)}"


def test_a_type_is_module_dot_name_in_snake_case() -> None:
    assert {type_of(it): it.TYPE for it in messages() if type_of(it) != it.TYPE} == {}


def test_a_module_has_at_most_250_lines_and_a_docstring() -> None:
    texts = {str(path.relative_to(ROOT)): path.read_text() for path in SOURCES}
    assert [name for name, it in texts.items() if it.count("\n") > LONGER.get(name, LONGEST)] == []
    assert [name for name, it in texts.items() if not it.startswith('"""')] == []


def test_package_markers_are_empty() -> None:
    """Names are imported from where they are defined, so that a search lands there."""
    markers = [*ROOT.glob("services/*/src/**/__init__.py"), *ROOT.glob("shared/*/src/**/__init__.py")]
    assert [it for it in markers if it.stat().st_size] == []


PACKAGES = sorted(path for path in ROOT.glob("services/*/src/*") if path.is_dir())
ROOT_MODULES = {"__init__.py", "__main__.py", "app.py", "settings.py", "py.typed"}
OPTIONAL = {
    "consumed.py",
    "descriptions.py",
    "route_tables.py",
    "failpoints.py",
    "recovery.py",
    "recovery_settings.py",
    "timers.py",
    "worker.py",
    "worker_settings.py",
}


@pytest.mark.parametrize("service", PACKAGES, ids=lambda it: it.name)
def test_a_service_is_its_wiring_its_settings_and_its_slices(service: Path) -> None:
    files = {it.name for it in service.iterdir() if it.is_file()}
    assert files - OPTIONAL == ROOT_MODULES
    assert list(service.glob("*/__init__.py"))
