"""The simulated gateway: ``python -m simulators.gateway``, and ``python -m simulators.gateway migrate``."""

from pathlib import Path

from kernel import entry


def serve() -> None:
    from simulators.gateway.app import run
    from simulators.gateway.settings import GatewaySettings

    entry.serve(GatewaySettings, run)


if __name__ == "__main__":
    entry.main(Path(__file__).parent / "migrations", serve, event_log=False)
