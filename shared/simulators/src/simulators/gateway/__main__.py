"""The simulated gateway: ``python -m simulators.gateway``, and ``python -m simulators.gateway migrate``."""

from pathlib import Path

from kernel import bootstrap


def serve() -> None:
    from simulators.gateway.app import run
    from simulators.gateway.settings import GatewaySettings

    bootstrap.serve(GatewaySettings, run)


if __name__ == "__main__":
    bootstrap.main(Path(__file__).parent / "migrations", serve, event_log=False)
