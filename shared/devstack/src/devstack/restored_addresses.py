"""Addresses for a recovery, also while the stack is still starting: a restored service is not ready."""

from collections.abc import Mapping

from cli import addresses
from cli.addresses import ADDRESSES, Addresses
from cli.home import home_of, read_state
from cli.process_identity import is_alive


def addresses_of(environment: Mapping[str, str]) -> Addresses:
    """Raises ``StackError`` if no stack runs in FEIRA_HOME and no other addresses are given."""
    state = read_state(home_of(environment))
    if environment.get(ADDRESSES) or not state or not is_alive(state["supervisor"]):
        return addresses.running(environment, needed=("databases", "kafka"))
    return Addresses(state["urls"], state["databases"] or {}, state["postgres"] or "", state["kafka"] or "")
