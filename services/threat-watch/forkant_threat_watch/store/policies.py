"""Policy and scenario files, checked by the domain as they are read; the versions there are, and which is in force."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from forkant_shared.database import Session
from forkant_threat_watch.domain.documents import Misread
from forkant_threat_watch.domain.policy import Policy
from forkant_threat_watch.domain.policy_document import SignedOff, policy_of
from forkant_threat_watch.domain.scenario import Story, story_of
from forkant_threat_watch.domain.workbench import Adoption
from forkant_threat_watch.store.workbench_rules import current as rules
from forkant_threat_watch.store.yaml_files import line_of, parsed, read_document, read_text, too_large
from forkant_threat_watch.tables import POLICIES, POLICY_ADOPTIONS, POLICY_TEXTS

CURRENT = "2026-1"
#: How many of the newest adoptions decide what is in force: one that waits, one that is, and those withdrawn between.
NEWEST = 50
_PACKAGED = re.compile(r"\d{4}-\d+\.yaml")
_SIGNATURE_LINE = re.compile(r"signed_(by|on):")


def read_policy(path: Path) -> Policy:
    """The policy in a file. Raises Misread with the line and the path inside the file of what is wrong."""
    return policy_from(read_text(path, largest=rules().largest_policy), path.name)


def policy_from(text: str, name: str, signed: SignedOff | None = None) -> Policy:
    """The policy a text describes; `signed` where its signature stands elsewhere. Raises Invalid, with the line."""
    if len(text.encode()) > rules().largest_policy:
        raise too_large(name, rules().largest_policy)
    try:
        return policy_of(parsed(text, name), signed)
    except Misread as error:
        raise located(error, text) from error


def located(error: Misread, text: str) -> Misread:
    """The same complaint, with the line of the text that it is about."""
    return error if error.line is not None else error.on_line(line_of(text, error.path))


@cache
def packaged() -> dict[str, str]:
    """The texts of the policies that this release comes with, by version."""
    folder = resources.files("forkant_threat_watch") / "policies"
    names = sorted(entry.name for entry in folder.iterdir() if _PACKAGED.fullmatch(entry.name))
    return {name.removesuffix(".yaml"): (folder / name).read_text("utf-8") for name in names}


@cache
def current_policy() -> Policy:
    """The policy that is in force where nothing was adopted."""
    return policy_from(packaged()[CURRENT], CURRENT)


def read_story(path: Path) -> Story:
    """The story in a scenario file. Raises Invalid with the path inside the file of what is wrong."""
    return story_of(read_document(path))


def story_from(text: str, name: str) -> Story:
    """The story that a text tells. Raises Invalid, with the line."""
    if len(text.encode()) > rules().largest_scenario:
        raise too_large(name, rules().largest_scenario)
    try:
        return story_of(parsed(text, name))
    except Misread as error:
        raise located(error, text) from error


async def remember_text(session: Session, text: str) -> str:
    """Keep a text; its digest."""
    digest = hashlib.sha256(text.encode()).hexdigest()
    await session.insert_ignore(POLICY_TEXTS, [{"digest": digest, "text": text}])
    return digest


@dataclass(frozen=True, slots=True)
class Version:
    """A policy that may be adopted, as it was signed."""

    version: str
    text: str
    signed: SignedOff
    draft_id: str | None

    def policy(self) -> Policy:
        """What it says. Raises Invalid where this release does not read it any more."""
        return policy_from(self.text, self.version, self.signed)

    def file(self) -> str:
        """The text with its signature line, as a file that `replay` reads."""
        return (
            f"{self.text.rstrip()}\n\nsigned_by: {_quoted(self.signed.by)}\nsigned_on: {self.signed.on.isoformat()}\n"
        )


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


@cache
def of_release() -> dict[str, Version]:
    """The policies that this release comes with, by version."""
    return {version: _with_signature_line(text, version) for version, text in packaged().items()}


def of_file(path: Path) -> Version:
    """The policy in a file. Raises Invalid."""
    return _with_signature_line(read_text(path, largest=rules().largest_policy), path.name)


def _with_signature_line(text: str, name: str) -> Version:
    """A policy as it was signed, its signature line taken out of the text."""
    policy = policy_from(text, name)
    bare = "\n".join(line for line in text.splitlines() if not _SIGNATURE_LINE.match(line))
    return Version(policy.version, bare + "\n", SignedOff(policy.signed_by, policy.signed_on), None)


async def add_version(session: Session, version: str, digest: str, signed: SignedOff, draft_id: str) -> bool:
    """Keep a signed policy; False where the version is taken."""
    row = {
        "version": version,
        "digest": digest,
        "signed_by": signed.by[:400],
        "signed_on": signed.on,
        "draft_id": draft_id,
    }
    return await session.insert_ignore(POLICIES, [row]) == 1


async def versions(session: Session, only: str | None = None) -> list[Version]:
    """The signed policies, the newest signature last; or the one of this version."""
    statement = sa.select(POLICIES, POLICY_TEXTS.c.text).join(POLICY_TEXTS, POLICY_TEXTS.c.digest == POLICIES.c.digest)
    if only is not None:
        statement = statement.where(POLICIES.c.version == only)
    found = await session.execute(statement.order_by(POLICIES.c.draft_id))
    return [Version(row.version, row.text, SignedOff(row.signed_by, row.signed_on), row.draft_id) for row in found]


async def adoptions(session: Session, limit: int = NEWEST) -> list[Adoption]:
    """Which versions were adopted from when, the newest first."""
    found = await session.execute(sa.select(POLICY_ADOPTIONS).order_by(POLICY_ADOPTIONS.c.number.desc()).limit(limit))
    return [Adoption(**row._mapping) for row in found]


async def adopting(session: Session) -> None:
    """Wait until nobody else adopts or withdraws, and keep others from it until the transaction ends."""
    await session.lock(["policy-adoption"])


async def add_adoption(session: Session, adoption: Adoption) -> None:
    """Keep an adoption."""
    columns = ("number", "version", "from_at", "by", "at", "reason")
    await session.execute(POLICY_ADOPTIONS.insert(), {name: getattr(adoption, name) for name in columns})


async def withdraw(session: Session, number: int, by: str, at: datetime, because: str) -> None:
    """An adoption is not to come into force."""
    values: dict[str, Any] = {"withdrawn_at": at, "withdrawn_by": by, "withdrawn_because": because}
    await session.execute(POLICY_ADOPTIONS.update().where(POLICY_ADOPTIONS.c.number == number).values(values))


async def settle(session: Session, number: int, at: datetime) -> bool:
    """Every threat has been assessed under it; False where another instance has said so."""
    unsettled = sa.and_(POLICY_ADOPTIONS.c.number == number, POLICY_ADOPTIONS.c.settled_at.is_(None))
    found = await session.execute(POLICY_ADOPTIONS.update().where(unsettled).values(settled_at=at))
    return found.rowcount == 1
