"""Partners' subscriptions, the secrets they are signed with, and what is delivered to them."""

from __future__ import annotations

import sqlalchemy as sa

from forkant_notifier.tables.metadata import METADATA
from forkant_shared.database import Id, Json, UtcDateTime

WEBHOOK_SUBSCRIPTIONS = sa.Table(
    "webhook_subscriptions",
    METADATA,
    sa.Column("id", Id, primary_key=True),
    sa.Column("organisation", sa.String(80), nullable=False),
    sa.Column("url", sa.String(500), nullable=False),
    sa.Column("types", Json, nullable=False),
    sa.Column("made_at", UtcDateTime, nullable=False),
    sa.Column("made_by", sa.String(80), nullable=False),
    sa.Column("disabled", sa.String(20)),
    sa.Column("disabled_at", UtcDateTime),
    sa.Column("failing_since", UtcDateTime),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("last_ok_at", UtcDateTime),
    sa.Column("last_failed_at", UtcDateTime),
    sa.Column("last_cause", sa.String(60)),
    sa.UniqueConstraint("organisation", "url"),
)
#: Sealed: readable only with the desk's key. The newest signs, and an older one along with it until `ends_at`.
WEBHOOK_SECRETS = sa.Table(
    "webhook_secrets",
    METADATA,
    sa.Column("id", Id, primary_key=True),
    sa.Column("subscription_id", Id, sa.ForeignKey("webhook_subscriptions.id"), nullable=False, index=True),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.Column("public_key", sa.String(60), nullable=False),
    sa.Column("made_at", UtcDateTime, nullable=False),
    sa.Column("ends_at", UtcDateTime),
)
WEBHOOK_DELIVERIES = sa.Table(
    "webhook_deliveries",
    METADATA,
    sa.Column("id", Id, primary_key=True),
    sa.Column("subscription_id", Id, sa.ForeignKey("webhook_subscriptions.id"), nullable=False),
    sa.Column("type", sa.String(60), nullable=False),
    sa.Column("thing", sa.String(60), nullable=False),
    sa.Column("happened_at", UtcDateTime, nullable=False),
    sa.Column("made_at", UtcDateTime, nullable=False),
    sa.Column("begun_at", UtcDateTime, nullable=False),
    sa.Column("due_at", UtcDateTime),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("tried_at", UtcDateTime),
    sa.Column("done_at", UtcDateTime, index=True),
    sa.Column("cause", sa.String(60)),
    sa.Column("lease_id", Id),
    sa.Column("lease_until", UtcDateTime),
    sa.Column("rules_version", sa.String(20)),
)
_of = WEBHOOK_DELIVERIES.c
_due = _of.state == "DUE"
#: By endpoint first: the sender asks each enabled one for its oldest.
sa.Index("ix_webhook_deliveries_due", _of.subscription_id, _of.due_at, postgresql_where=_due, sqlite_where=_due)
_held = _of.state == "LEASED"
sa.Index("ix_webhook_deliveries_leased", _of.lease_until, postgresql_where=_held, sqlite_where=_held)
_waits = _of.state == "WAITING"
sa.Index("ix_webhook_deliveries_waiting", _of.made_at, postgresql_where=_waits, sqlite_where=_waits)
sa.Index("ix_webhook_deliveries_of", _of.subscription_id, _of.id)
