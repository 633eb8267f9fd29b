"""Plain modules the notifier's tests import."""
