"""Faults of manifests, each of which a named check must find: a check that finds none is of no use."""
