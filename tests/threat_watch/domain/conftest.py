"""Settings of the property tests: what they measure is whether something holds, not how fast a busy machine is."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
