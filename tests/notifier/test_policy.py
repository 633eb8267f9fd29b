"""A policy is data with a version; one that could leave a page silent is refused."""

from __future__ import annotations

import json

import pytest
import sqlalchemy as sa

from forkant_notifier.commands.desk import adopt_policy
from forkant_notifier.domain.policy import PagingPolicy, from_document
from forkant_shared.clock import new_id
from forkant_shared.errors import Invalid
from tests.notifier.support.desk import TestDesk, escalation
from tests.notifier.support.people import document


async def test_a_policy_that_has_been_in_use_cannot_be_edited(desk: TestDesk) -> None:
    desk.desk.document = desk.desk.document | {"leader_tier": 2}
    with pytest.raises(Invalid, match="has been in use"):
        async with desk.parts.database.write() as session:
            await adopt_policy(session, desk.desk)


async def test_a_page_keeps_the_policy_it_started_with(desk: TestDesk) -> None:
    page = await desk.opened()
    changed = json.loads(json.dumps(desk.desk.document)) | {"version": "2026-2"}
    changed["lanes"]["LIFE"]["steps"][1]["after"] = 20
    desk.desk.document, desk.desk.policy = changed, from_document(changed)
    async with desk.parts.database.write() as session:
        await adopt_policy(session, desk.desk)
    await desk.wait(40)
    assert len(await desk.messages()) == 3
    await desk.wait(5)
    assert len(await desk.messages()) == 6
    await desk.hear(escalation(threat_id=new_id()))
    versions = {row["policy_version"] for row in await desk.rows("select policy_version from pages")}
    assert versions == {"2026-1", "2026-2"}
    assert page["state"] == "OPEN"


async def test_the_migrated_schema_is_the_one_the_code_expects(desk: TestDesk) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    from forkant_notifier.tables import METADATA

    url = desk.parts.settings.database_url
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
    engine.dispose()


def broken(change: dict[str, object]) -> PagingPolicy:
    changed = document()
    changed["lanes"]["LIFE"] |= change  # type: ignore[index]
    return from_document(changed)


@pytest.mark.parametrize(
    "change",
    [
        {"repeat_last_each": None},
        {"repeat_last_each": 0},
        {"steps": []},
        {"steps": [{"after": 5, "everyone": True, "channels": ["SMS"]}]},
        {"steps": [{"after": 0, "tiers": [1], "channels": ["SMS"]}]},
        {"steps": [{"after": 0, "everyone": True, "channels": []}]},
        {"steps": [{"after": 0, "everyone": True, "channels": ["PIGEON"]}]},
        {"steps": [{"after": 0, "becomes": "LIFE"}]},
    ],
)
def test_a_policy_that_could_leave_a_page_silent_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        broken(change)


def test_a_policy_whose_routes_may_outlive_their_lease_is_refused() -> None:
    with pytest.raises(Invalid, match="twice"):
        from_document(document() | {"attempts": {"lease": 3, "timeout": 3, "follow_up_after": []}})


def test_a_policy_without_a_lane_is_refused() -> None:
    changed = document()
    del changed["lanes"]["NORMAL"]  # type: ignore[attr-defined]
    with pytest.raises(Invalid, match="both lanes"):
        from_document(changed)
