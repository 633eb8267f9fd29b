"""Plain modules the registry's tests import."""
