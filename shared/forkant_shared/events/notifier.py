"""What notifier tells the others."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Literal

from forkant_shared.envelope import Event


class PageOpened(Event):
    """A page began to ring."""

    TYPE: ClassVar[str] = "no.forkant.notifier.page-opened.v1"
    OWNER: ClassVar[str] = "notifier"
    KEY: ClassVar[str] = "page_id"
    NOUN: ClassVar[str] = "page"

    page_id: str
    threat_id: str | None = None
    escalation_id: str | None = None
    lane: Literal["LIFE", "NORMAL"]
    drill: bool = False


class PageAnswered(Event):
    """A person accepted a page that waits for further answers: it rings on."""

    TYPE: ClassVar[str] = "no.forkant.notifier.page-answered.v1"
    OWNER: ClassVar[str] = "notifier"
    KEY: ClassVar[str] = "page_id"
    NOUN: ClassVar[str] = "page"

    page_id: str
    threat_id: str | None = None
    escalation_id: str | None = None
    user: str
    answered_at: datetime
    given: int
    needed: int
    drill: bool = False


class PageAccepted(Event):
    """A person accepted the page."""

    TYPE: ClassVar[str] = "no.forkant.notifier.page-accepted.v1"
    OWNER: ClassVar[str] = "notifier"
    KEY: ClassVar[str] = "page_id"
    NOUN: ClassVar[str] = "page"

    page_id: str
    threat_id: str | None = None
    escalation_id: str | None = None
    user: str
    answered_at: datetime
    drill: bool = False


class PageClosed(Event):
    """A page is over."""

    TYPE: ClassVar[str] = "no.forkant.notifier.page-closed.v1"
    OWNER: ClassVar[str] = "notifier"
    KEY: ClassVar[str] = "page_id"
    NOUN: ClassVar[str] = "page"

    page_id: str
    threat_id: str | None = None
    escalation_id: str | None = None
    cause: str
    drill: bool = False


class SessionEnded(Event):
    """A browser session is over, everywhere."""

    TYPE: ClassVar[str] = "no.forkant.notifier.session-ended.v1"
    OWNER: ClassVar[str] = "notifier"
    KEY: ClassVar[str] = "session_id"
    NOUN: ClassVar[str] = "session"

    session_id: str
    subject_id: str
