"""The domain and the use cases of a service do not depend on HTTP statuses or JSON pointers."""

import ast
import re
from http import HTTPStatus
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LAYERS = (
    "domain/*.py",
    "application/*.py",
    "*/domain.py",
    "*/domain/*.py",
    "*/use_cases.py",
    "*/use_cases/*.py",
)
INNER = sorted({path for layer in LAYERS for path in ROOT.glob(f"services/*/src/*/{layer}")})
POINTER = re.compile(r"#?/[a-z]\w*(/|$)")
STATUSES = frozenset(it.value for it in HTTPStatus if it >= HTTPStatus.BAD_REQUEST)


def outer_ideas(source: str) -> list[str]:
    """What of HTTP a module mentions: imports, JSON pointers as string constants, and error statuses."""
    found = []
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names):
                found += [it.name for it in names if "http" in it.name]
            case ast.ImportFrom(module=str(module)) if "http" in module:
                found.append(module)
            case ast.Constant(value=str(text)) if POINTER.match(text):
                found.append(text)
            case ast.Constant(value=int(number)) if number in STATUSES:
                found.append(str(number))
            case _:
                pass
    return found


@pytest.mark.parametrize("path", INNER, ids=lambda it: str(it.relative_to(ROOT)))
def test_domain_and_application_know_no_http_status_and_no_json_pointer(path: Path) -> None:
    assert outer_ideas(path.read_text()) == []


@pytest.mark.parametrize(
    "line",
    [
        "from kernel.http.problems import Problem",
        "import http",
        'raise Invalid("/max_users", "is below min_users")',
        'raise Invalid(f"/prices/{index}/currency", "is unknown")',
        'errors = [{"pointer": "#/email"}]',
        "status = 422",
    ],
)
def test_the_check_finds_each_kind_of_leak(line: str) -> None:
    assert outer_ideas(line) != []
