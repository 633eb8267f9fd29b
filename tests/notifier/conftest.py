"""Fixtures of the notifier's tests; nobody imports from here."""
