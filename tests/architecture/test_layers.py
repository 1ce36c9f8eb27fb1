"""Domain and use cases import only inwards, and know no HTTP statuses and no JSON pointers."""

import ast
import re
from http import HTTPStatus

import pytest

from contracts import topology
from tests.support.layers import MODULES, ROOT

SERVICES = frozenset(it.module for it in topology.SERVICES)
LAYERS = {
    "domain": ("domain",),
    "local_steps": ("domain", "use_cases"),
    "workflow": ("domain", "local_steps"),
    "use_cases": ("domain", "ports", "workflow", "use_cases"),
}
"""Of a slice: the names of what each layer may import of its own and of other slices."""
IN_SLICES = [
    (path, layer)
    for path in MODULES
    for layer in path.relative_to(ROOT).with_suffix("").parts[5:6]  # services/NAME/src/PACKAGE/SLICE/LAYER
    if layer in LAYERS
]
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


def outer_layers(source: str, layer: str) -> list[str]:
    """What a module of a slice's layer imports of layers further out. ``source`` imports by absolute names:
    ``service.slice.layer…``."""
    imported = [
        f"{node.module}.{it.name}" if isinstance(node, ast.ImportFrom) else it.name
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for it in node.names
    ]
    inner = [[name] for name in LAYERS[layer]]
    return [it for it in imported if it.split(".")[0] in SERVICES and it.split(".")[2:3] not in inner]


def test_a_layer_inside_a_slice_imports_only_layers_further_in() -> None:
    found = {path: outer_layers(path.read_text(), layer) for path, layer in IN_SLICES}
    assert {path: wrong for path, wrong in found.items() if wrong} == {}


def test_every_layer_occurs_in_a_slice() -> None:
    assert {layer for _, layer in IN_SLICES} == LAYERS.keys()


@pytest.mark.parametrize(
    ("line", "layer"),
    [
        ("from cart.carts.use_cases.locking import lock", "domain"),
        ("from cart.carts.repository import Carts", "use_cases"),
        ("from cart.carts.schemas import CartView", "use_cases"),
        ("from cart.settings import CartSettings", "use_cases"),
        ("from cart.carts import repository", "use_cases"),
        ("import cart.carts.repository", "use_cases"),
        ("from checkout_saga.checkout import workflow", "local_steps"),
    ],
)
def test_the_check_finds_an_import_of_an_outer_layer(line: str, layer: str) -> None:
    assert outer_layers(line, layer) != []


def test_domain_and_use_cases_know_no_http_status_and_no_json_pointer() -> None:
    found = {path: outer_ideas(path.read_text()) for path, _ in IN_SLICES}
    assert {path: wrong for path, wrong in found.items() if wrong} == {}


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
