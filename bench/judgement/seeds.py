"""Which cities are for choosing, and which are for judging. They are never the same."""

from __future__ import annotations

# For every choice: the four others' settings, and the numbers of policy 2026-2.
DEVELOPMENT = (1, 2, 3, 4, 5, 6)
# For the tables. Nothing is chosen by them but the threshold at which all are compared, and that for all alike.
TEST = (101, 102, 103, 104, 105)
