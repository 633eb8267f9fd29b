"""A draft of the policy beside the one in force on a year of recorded history, and what others notice of it meanwhile."""

from __future__ import annotations

REPORTS_A_YEAR = 50_000
GROUPS = (100, 1000)
