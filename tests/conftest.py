"""How properties are tested: a machine that is slow today is no reason to fail."""

from hypothesis import HealthCheck, settings

settings.register_profile("feira", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("feira")
