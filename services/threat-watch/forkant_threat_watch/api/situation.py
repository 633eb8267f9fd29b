"""The situation picture: for those who lead, and the partners' part of it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel

from forkant_shared.identity import SignedIn
from forkant_shared.service import PartsOf
from forkant_threat_watch.commands import situation
from forkant_threat_watch.domain.situation import DistrictLine, SituationRules, Theme
from forkant_threat_watch.domain.words import Level, Party
from forkant_threat_watch.store.situations import rules

router = APIRouter(tags=["situation"])


class LevelCounts(BaseModel):
    """Open threats by level."""

    LOW: int
    MODERATE: int
    HIGH: int
    CRITICAL: int


class DistrictView(BaseModel):
    """One district; `code` is null where signals name no place. `trend`: HIGH and above, now less before."""

    code: str | None
    name: str | None
    now: LevelCounts
    before: LevelCounts
    trend: int


class PartyView(BaseModel):
    """Somebody the picture names."""

    kind: str
    id: str
    name: str | None


class ConflictView(BaseModel):
    """How two groups stand to each other."""

    status: str
    since: datetime
    groups: list[PartyView]


class ComingView(BaseModel):
    """A day that matters to somebody."""

    at: datetime
    parties: list[PartyView]


class ClimateView(BaseModel):
    """How the newest meeting with a group felt, from -2 to 2: to us, and as they said; null: nobody said."""

    group: PartyView
    ours: int | None
    theirs: int | None
    at: datetime


class SituationView(BaseModel):
    """The picture as the one who asks may see it."""

    version: str
    at: datetime
    before: datetime
    districts: list[DistrictView]
    conflicts: list[ConflictView]
    coming: list[ComingView]
    climate: list[ClimateView]
    overdue_reviews: int


class CellView(BaseModel):
    """A number of threats, rounded and blurred; null where it is below `fewer_than`."""

    code: str
    name: str | None
    threats: int | None
    fewer_than: int | None


class PictureView(BaseModel):
    """One period, from its first day to the day after its last."""

    begins: date
    ends: date
    published_at: datetime
    version: str
    districts: list[CellView]
    themes: list[CellView]


class PartnerPictures(BaseModel):
    """What partners may see, the newest period first. A picture never changes once it is out."""

    round_to: int
    fewer_than: int
    delay_days: int
    items: list[PictureView]


@router.get("/threat-watch/v1/situation")
async def show_situation(who: SignedIn, parts: PartsOf) -> SituationView:
    """Levels and trend per district, conflicts, coming days, climate of dialogues, reviews overdue."""
    found = await situation.draw_situation(parts, who)
    return SituationView(
        version=found.rules.version,
        at=found.at,
        before=found.before,
        districts=[_district(line, found.rules) for line in found.districts],
        conflicts=[
            ConflictView(status=one.status, since=one.since, groups=[_party(g, found.labels) for g in one.groups])
            for one in found.conflicts
        ],
        coming=[ComingView(at=one.at, parties=[_party(p, found.labels) for p in one.parties]) for one in found.coming],
        climate=[
            ClimateView(group=_party(one.group, found.labels), ours=one.ours, theirs=one.theirs, at=one.at)
            for one in found.climate
        ],
        overdue_reviews=found.overdue_reviews,
    )


def _district(line: DistrictLine, known: SituationRules) -> DistrictView:
    now, before = ({level.name: counts[level] for level in Level} for counts in (line.now, line.before))
    name = known.districts.get(line.district) if line.district else None
    return DistrictView(
        code=line.district, name=name, now=LevelCounts(**now), before=LevelCounts(**before), trend=line.trend
    )


def _party(party: Party, labels: dict[str, str]) -> PartyView:
    return PartyView(kind=party.kind.value, id=party.ref, name=labels.get(party.ref))


@router.get("/threat-watch/partner/v1/situation")
async def show_partner_situation(who: SignedIn, parts: PartsOf) -> PartnerPictures:
    """Numbers for partners: per district and per theme, small ones gone, rounded, blurred and delayed."""
    found = await situation.read_partner_pictures(parts, who)
    known = rules()
    return PartnerPictures(
        round_to=known.partner.round_to,
        fewer_than=known.partner.smallest,
        delay_days=known.partner.delay.days,
        items=[_picture(row, known) for row in found],
    )


def _picture(row: Any, known: SituationRules) -> PictureView:
    return PictureView(
        begins=row.begins,
        ends=row.ends,
        published_at=row.published_at,
        version=row.rules_version,
        districts=[_cell(row.cells, f"district:{code}", code, name, known) for code, name in known.districts.items()],
        themes=[_cell(row.cells, f"theme:{theme}", theme.value, None, known) for theme in Theme],
    )


def _cell(cells: dict[str, int | None], key: str, code: str, name: str | None, known: SituationRules) -> CellView:
    threats = cells.get(key)
    return CellView(
        code=code, name=name, threats=threats, fewer_than=known.partner.smallest if threats is None else None
    )
