"""The simulated Stripe: ``python -m simulators.stripe``."""

from simulators.provider.serving import serve
from simulators.stripe.app import build
from simulators.stripe.settings import StripeSettings

if __name__ == "__main__":
    settings = StripeSettings()
    serve(build(settings), settings.port)
