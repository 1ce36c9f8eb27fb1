"""The simulated PayPal: ``python -m simulators.paypal``."""

from simulators.paypal.app import build
from simulators.paypal.settings import PayPalSettings
from simulators.provider.serving import serve

if __name__ == "__main__":
    settings = PayPalSettings()
    serve(build(settings), settings.port)
