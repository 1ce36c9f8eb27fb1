"""The page of a service lists each of its own settings."""

from importlib import import_module
from pathlib import Path

import pytest

from contracts.topology import SERVICES, Service
from kernel.service.environment import PREFIX
from kernel.service.settings import ServiceSettings

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_the_readme_of_a_service_names_its_settings(service: Service) -> None:
    module, _, name = service.settings.partition(":")
    kind: type[ServiceSettings] = getattr(import_module(module), name)
    own = {
        f"`{PREFIX}{field.upper()}`" for field in vars(kind)["__annotations__"] if field in kind.model_fields
    }
    readme = (ROOT / "services" / service.name / "README.md").read_text()
    assert own
    assert {setting for setting in own if setting not in readme} == set()
