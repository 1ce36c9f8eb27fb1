"""One stack for all end-to-end tests, used only from outside."""

from collections.abc import Iterator

import pytest

from tests.end_to_end.shop_client import Shop
from tests.support.otlp_receiver import OtlpReceiver, receiving_spans
from tests.support.stack import RunningStack, running_stack

# short, because requests that complete do so at once here
SHORT_LIMITS = {"FEIRA_HEADER_SECONDS": "10", "FEIRA_BODY_SECONDS": "10"}
PATIENT = {"FEIRA_CHECKOUT_ANSWER_SECONDS": "20"}


@pytest.fixture(scope="package")
def spans() -> Iterator[OtlpReceiver]:
    with receiving_spans() as receiver:
        yield receiver


@pytest.fixture(scope="package")
def stack(tmp_path_factory: pytest.TempPathFactory, spans: OtlpReceiver) -> Iterator[RunningStack]:
    # the most verbose level: no secret may be logged at any
    settings = {"FEIRA_GATEWAY_DOWN_SECONDS": "3", "FEIRA_LOG_LEVEL": "debug", **SHORT_LIMITS, **PATIENT}
    # only traces whose caller asks for it are recorded
    settings |= {"OTEL_EXPORTER_OTLP_ENDPOINT": spans.url, "OTEL_TRACES_SAMPLER_ARG": "0"}
    with running_stack(tmp_path_factory.mktemp("whole"), settings) as running:
        yield running


@pytest.fixture(scope="package")
def shop(stack: RunningStack) -> Iterator[Shop]:
    with Shop(stack.addresses.urls) as shop:
        yield shop
