"""Which history show that a process does not live any more."""

from devstack.liveness import FAILING_TIMEOUT_SECONDS, SILENT_TIMEOUT_SECONDS, ProbeHistory


def test_a_process_that_was_never_live_is_not_killed() -> None:
    history = ProbeHistory(1)
    assert history.failure(None, 0) is None
    assert history.failure(False, 1000) is None


def test_a_process_is_killed_after_failing_for_the_timeout() -> None:
    history = ProbeHistory(1)
    assert history.failure(True, 0) is None
    assert history.failure(False, FAILING_TIMEOUT_SECONDS - 1) is None
    assert history.failure(False, FAILING_TIMEOUT_SECONDS + 1) == "fails its liveness probe"


def test_a_process_without_response_is_killed_after_a_longer_timeout() -> None:
    history = ProbeHistory(1)
    assert history.failure(True, 0) is None
    assert history.failure(None, SILENT_TIMEOUT_SECONDS - 1) is None
    assert history.failure(None, SILENT_TIMEOUT_SECONDS + 1) == "has not answered for a minute"


def test_a_successful_probe_resets_the_timeout() -> None:
    history = ProbeHistory(1)
    history.failure(True, 0)
    history.failure(False, FAILING_TIMEOUT_SECONDS - 1)
    assert history.failure(True, FAILING_TIMEOUT_SECONDS) is None
    assert history.failure(False, FAILING_TIMEOUT_SECONDS + 1) is None
