"""What every table of meetings is made of."""

from __future__ import annotations

import sqlalchemy as sa

from forkant_shared.database import new_metadata

METADATA = new_metadata()

SUBJECT = sa.String(120)
NAME = sa.String(200)
CODE = sa.String(30)
