"""How properties are tested: quickly by default; ``HYPOTHESIS_PROFILE=long make test`` looks much further."""

import os

from hypothesis import HealthCheck, settings

# a machine that is slow today is no reason to fail
PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

settings.register_profile("quick", PATIENT, max_examples=50)
settings.register_profile("long", PATIENT, max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))
