"""The notifier's tables."""

from __future__ import annotations

from forkant_notifier.tables.attempts import ATTEMPTS as ATTEMPTS
from forkant_notifier.tables.attempts import RECEIPTS as RECEIPTS
from forkant_notifier.tables.attempts import SANDBOX_MESSAGES as SANDBOX_MESSAGES
from forkant_notifier.tables.calls import CALLS as CALLS
from forkant_notifier.tables.calls import CONTACT_JOBS as CONTACT_JOBS
from forkant_notifier.tables.calls import REPORT_JOBS as REPORT_JOBS
from forkant_notifier.tables.drills import DRILLS as DRILLS
from forkant_notifier.tables.duty import CALENDAR_SECRETS as CALENDAR_SECRETS
from forkant_notifier.tables.duty import CHECK_INS as CHECK_INS
from forkant_notifier.tables.duty import DEVICES as DEVICES
from forkant_notifier.tables.duty import DUTY_CHANGES as DUTY_CHANGES
from forkant_notifier.tables.duty import DUTY_NOTICES as DUTY_NOTICES
from forkant_notifier.tables.duty import HANDOVERS as HANDOVERS
from forkant_notifier.tables.duty import OVERRIDES as OVERRIDES
from forkant_notifier.tables.duty import PEOPLE as PEOPLE
from forkant_notifier.tables.duty import ROTATIONS as ROTATIONS
from forkant_notifier.tables.duty import SWAPS as SWAPS
from forkant_notifier.tables.duty import WAIVERS as WAIVERS
from forkant_notifier.tables.metadata import METADATA as METADATA
from forkant_notifier.tables.pages import PAGES as PAGES
from forkant_notifier.tables.pages import POLICIES as POLICIES
from forkant_notifier.tables.pages import POLICY_CHOICES as POLICY_CHOICES
from forkant_notifier.tables.pages import TIMELINE as TIMELINE
from forkant_notifier.tables.reach import PINS as PINS
from forkant_notifier.tables.reach import PUSH_SUBSCRIPTIONS as PUSH_SUBSCRIPTIONS
from forkant_notifier.tables.routes import ROUTES as ROUTES
from forkant_notifier.tables.sessions import SESSIONS as SESSIONS
from forkant_notifier.tables.sessions import SIGNING_KEYS as SIGNING_KEYS
from forkant_notifier.tables.watch import WATCH as WATCH
from forkant_notifier.tables.webhooks import WEBHOOK_DELIVERIES as WEBHOOK_DELIVERIES
from forkant_notifier.tables.webhooks import WEBHOOK_SECRETS as WEBHOOK_SECRETS
from forkant_notifier.tables.webhooks import WEBHOOK_SUBSCRIPTIONS as WEBHOOK_SUBSCRIPTIONS
from forkant_shared.migrations import include_kit

include_kit(METADATA)
