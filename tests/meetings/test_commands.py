"""What happens together or not at all, and what never leaves the database."""

from __future__ import annotations

import asyncio
import json

import pytest
import sqlalchemy as sa

from forkant_meetings import tables
from forkant_shared.audit import AUDIT
from forkant_shared.idempotency import KEYS
from forkant_shared.outbox import OUTBOX
from tests.meetings.builders import NOW, THREAT
from tests.meetings.served import LEADER, OFFICER, Served
from tests.meetings.test_api import LATER, plan, planned

SECRET = "hvalrosstann"


@pytest.fixture
def served(on_both: Served) -> Served:
    """Everything here holds on SQLite and on PostgreSQL."""
    return on_both


async def test_a_promise_broken_under_a_threat_leaves_as_an_event_with_its_threat(served: Served):
    body = {
        "dialogue_id": await served.dialogue(),
        "by": "COUNTERPART",
        "to": "Kari",
        "text": "Legge bort planen",
        "threat_id": THREAT,
    }
    promise_id = (await served.post("/promises", body)).json()["id"]
    at = "2026-11-20T09:30:00+01:00"
    judged = {"fate": "BROKEN", "manner": "INTENTIONAL", "evidence": "Sett ved boligen", "happened_at": at}
    assert (await served.post(f"/promises/{promise_id}/judgements", judged)).status_code == 200
    name, data = (await served.events())[-1]
    assert name == "promise-broken"
    assert data == {
        "promise_id": promise_id,
        "dialogue_id": body["dialogue_id"],
        "by": "COUNTERPART",
        "manner": "INTENTIONAL",
        "threat_id": THREAT,
        "broken_at": "2026-11-20T08:30:00Z",
    }


async def test_a_promise_given_in_a_threat_dialogue_stands_under_its_threat(served: Served):
    dialogue_id = await served.dialogue()
    meeting_id = (await served.post("/meetings", plan(dialogue_id=dialogue_id, threat_id=THREAT))).json()["id"]
    body = {"dialogue_id": dialogue_id, "by": "COUNTERPART", "to": "Kari", "text": "Ro", "meeting_id": meeting_id}
    made = (await served.post("/promises", body)).json()["id"]
    assert (await served.get(f"/promises/{made}")).json()["threat_id"] == THREAT
    other = {**body, "dialogue_id": await served.dialogue()}
    refused = await served.post("/promises", other)
    assert refused.status_code == 422 and refused.json()["errors"][0]["field"] == "meeting_id"


async def test_a_refused_step_leaves_nothing_behind(served: Served):
    meeting_id = await planned(served, await served.dialogue(), representatives=[])
    before = [len(await served.rows(sa.select(table))) for table in (AUDIT, OUTBOX, KEYS, tables.OVERRIDES)]
    refused = await served.post(f"/meetings/{meeting_id}/confirmation", {}, Idempotency_Key="once")
    assert refused.status_code == 409
    after = [len(await served.rows(sa.select(table))) for table in (AUDIT, OUTBOX, KEYS, tables.OVERRIDES)]
    assert before == after


async def test_an_outbox_that_fails_takes_the_step_with_it(served: Served, monkeypatch: pytest.MonkeyPatch):
    meeting_id = await planned(served, await served.dialogue())

    async def full(*_: object, **__: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr("forkant_shared.outbox.add", full)
    assert (await served.post(f"/meetings/{meeting_id}/confirmation", {})).status_code == 500
    monkeypatch.undo()
    assert (await served.get(f"/meetings/{meeting_id}")).json()["state"] == "PLANNED"
    assert (await served.post(f"/meetings/{meeting_id}/confirmation", {})).status_code == 200


async def test_of_many_who_confirm_at_once_one_does(served: Served):
    meeting_id = await planned(served, await served.dialogue())
    answers = await asyncio.gather(*(served.post(f"/meetings/{meeting_id}/confirmation", {}) for _ in range(6)))
    assert sorted(one.status_code for one in answers) == [200] + [409] * 5
    assert [name for name, _ in await served.events()].count("meeting-confirmed") == 1


async def test_what_somebody_wrote_is_in_the_database_and_nowhere_else(served: Served, capsys):
    dialogue_id = await served.dialogue()
    meeting_id = await planned(
        served,
        dialogue_id,
        purpose=SECRET,
        place=SECRET,
        fallback=SECRET,
        third_parties=[{"role": SECRET, "name": SECRET}],
        deconfliction={"outcome": "NOT_CHECKED", "because": SECRET},
        representatives=[{"subject": OFFICER, "name": SECRET}],
    )
    reason = {"overrides": [{"check": "POLICE_REPRESENTATIVES", "reason": SECRET}]}
    steps = [
        (f"/meetings/{meeting_id}/confirmation", reason),
        (f"/meetings/{meeting_id}/break-off", {"reason": SECRET}),
        ("/promises", {"dialogue_id": dialogue_id, "by": "POLICE", "to": SECRET, "text": SECRET}),
        (f"/meetings/{meeting_id}/minutes", {"text": SECRET}),
        (f"/meetings/{meeting_id}/cancellation", {"reason": SECRET, SECRET: 1}),
    ]
    answers = [await served.post(path, body, Idempotency_Key=f"k{n}") for n, (path, body) in enumerate(steps)]
    assert [one.status_code for one in answers] == [200, 200, 201, 409, 422]
    promise_id = answers[2].json()["id"]
    await served.post(f"/promises/{promise_id}/judgements", {"fate": "KEPT", "evidence": SECRET})
    kept = [
        dict(row._mapping)
        for table in (OUTBOX, AUDIT, KEYS, tables.REMINDERS)
        for row in await served.rows(sa.select(table))
    ]
    assert SECRET not in json.dumps(kept, default=str)
    assert SECRET not in "".join(one.text for one in answers[:4])
    assert SECRET not in capsys.readouterr().err
    assert SECRET in (await served.get(f"/meetings/{meeting_id}")).text


async def test_everything_about_a_meeting_survives_the_database(served: Served):
    dialogue_id = await served.dialogue()
    person = "0192f000-0000-7000-8000-0000000000cc"
    body = plan(
        initiative="THIRD_PARTY",
        counterparts=[person],
        counterpart_count=2,
        third_parties=[{"role": "imam", "name": "Per Eksempel"}],
        deconfliction={"outcome": "JOINT", "because": "Felles møte"},
        conflict_id=THREAT,
        fallback="Ingen",
        verification_at=LATER,
    )
    made = (await served.post("/meetings", {**body, "dialogue_id": dialogue_id})).json()
    found = (await served.get(f"/meetings/{made['id']}")).json()
    for name, value in body.items():
        if name in ("starts_at", "verification_at"):
            assert found[name] == LATER.replace("+00:00", "Z")
        elif name != "representatives":
            assert found[name] == value, name
    again = await served.put(f"/meetings/{made['id']}/plan", {"level": "OPERATIONAL"})
    assert again.status_code == 200
    emptied = (await served.get(f"/meetings/{made['id']}")).json()
    assert (emptied["representatives"], emptied["counterparts"], emptied["third_parties"]) == ([], [], [])
    assert (emptied["starts_at"], emptied["deconfliction"]) == (None, None)
    assert emptied["created_at"] == NOW.isoformat().replace("+00:00", "Z")


async def test_the_name_an_officer_signed_in_with_is_the_one_shown(served: Served):
    await served.get("/reminders", role=LEADER)
    dialogue_id = await served.dialogue()
    await served.client.get(f"/meetings/v1/dialogues/{dialogue_id}", headers=served.as_(LEADER))
    meeting_id = await planned(
        served,
        dialogue_id,
        representatives=[{"subject": LEADER, "name": "Feil navn"}, {"subject": "ny", "name": "Ny Eksempel"}],
    )
    found = (await served.get(f"/meetings/{meeting_id}")).json()
    assert [one["name"] for one in found["representatives"]] == [f"{LEADER} Eksempel", "Ny Eksempel"]


async def test_migrations_make_the_tables_the_code_expects_and_can_be_taken_back(tmp_path):
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext
    from sqlalchemy import make_url

    import forkant_meetings
    from forkant_shared.database import sqlite_url
    from forkant_shared.migrations import migrate

    path = tmp_path / "fresh.sqlite3"
    url = make_url(sqlite_url(str(path)))
    migrate(forkant_meetings, url)
    engine = sa.create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), tables.METADATA) == []
    migrate(forkant_meetings, url, revision="base")
    with engine.connect() as connection:
        assert set(sa.inspect(connection).get_table_names()) == {"alembic_version"}
    engine.dispose()
