"""What may be shown of a threat: the keepers' answers, new words, two signatures, and how they end."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from forkant_shared import audit
from forkant_threat_watch.commands import due
from tests.threat_watch.followed import CONTACTS_TEXT, HANDLERS_TEXT, SAID, Followed


async def denied(followed: Followed) -> list[str]:
    async with followed.served.app.state.parts.database.read() as session:
        rows = await session.execute(audit.AUDIT.select().order_by(audit.AUDIT.c.seq))
        return [row.action for row in rows if row.kind == "DENIED"]


async def test_two_signatures_by_two_people_clear_a_dialogue_for_the_time_of_the_policy(
    followed_on_both: Followed,
) -> None:
    await followed_on_both.clear()
    (told,) = await followed_on_both.told_cleared()
    assert told.valid_until == followed_on_both.served.clock.now() + timedelta(hours=168)
    found = await followed_on_both.get("disclosure")
    assert found["cleared_until"] is not None
    (clearance,) = found["clearances"]
    assert [(one["part"], one["by"]) for one in clearance["signatures"]] == [
        ("SOURCE", "source.handler"),
        ("LEADER", "duty.leader"),
    ]
    assert (await followed_on_both.whats())[:2] == ["signed", "cleared"]


@pytest.mark.parametrize("role", ["dialogue.officer", "dialogue.leader", "duty.leader", "analyst", "registrar"])
async def test_a_handlers_report_is_answered_for_by_a_handler_alone(followed: Followed, role: str) -> None:
    assert (await followed.answer(followed.handlers, role)).status_code == 403
    assert len(await denied(followed)) == 1
    assert (await followed.get("disclosure"))["reports"][0]["answer"] is None


@pytest.mark.parametrize("role", ["source.handler", "duty.leader", "analyst"])
async def test_what_came_in_at_the_door_is_answered_for_by_a_dialogue_contact_instead(
    followed: Followed, role: str
) -> None:
    assert (await followed.answer(followed.contacts, role)).status_code == 403
    assert await denied(followed) != []
    assert (await followed.answer(followed.contacts, "dialogue.officer")).status_code == 201


async def test_the_contact_sees_the_words_of_what_they_answer_for_and_of_nothing_else(followed: Followed) -> None:
    found = await followed.get("disclosure", "dialogue.officer")
    assert [(one["report"], one["text"]) for one in found["reports"]] == [(followed.contacts, CONTACTS_TEXT)]
    assert found["hidden"] == {"NOT_ANSWERED": 2}
    assert HANDLERS_TEXT not in str(found)
    readers = await followed.get("disclosure", "analyst")
    assert len(readers["reports"]) == 3 and all(one["text"] is None for one in readers["reports"])


@pytest.mark.parametrize(
    "text",
    [
        HANDLERS_TEXT,
        HANDLERS_TEXT.upper().replace(".", " !"),
        "Vi har hørt at to av lederne snakket om å ta prosjektledere ved huset hans før helgen.",
        CONTACTS_TEXT.removesuffix("."),
        "Guttene har leid en grå varebil i Drammen.",
    ],
)
async def test_a_text_for_outside_is_never_a_reports_own_words(followed: Followed, text: str) -> None:
    refused = await followed.post("disclosure/lines", {"text": text, "reports": [followed.handlers]}, "analyst")
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "text"
    assert (await followed.get("disclosure"))["lines"] == []


async def test_the_writer_does_not_approve_and_what_is_approved_is_not_approved_again(followed: Followed) -> None:
    line = await followed.write(followed.handlers, role="source.handler")
    assert (await followed.approve(line, "source.handler")).status_code == 409
    assert (await followed.approve(line, "duty.officer")).status_code == 403
    assert (await followed.approve(line, "duty.leader")).status_code == 204
    assert (await followed.approve(line, "analyst")).status_code == 409


@pytest.mark.parametrize(
    ("answers", "obstacle"),
    [
        ({}, "NOT_ANSWERED"),
        ({"exposure": "NO"}, "ANSWERED_NO"),
        ({"could_know": 2}, "TOO_FEW"),
    ],
)
async def test_what_cannot_be_shown_is_not_signed(
    followed: Followed, answers: dict[str, object], obstacle: str
) -> None:
    if answers:
        await followed.answer(followed.handlers, **answers)
    await followed.approve(await followed.write(followed.handlers))
    refused = await followed.sign("SOURCE", "source.handler")
    assert refused.status_code == 409
    assert refused.json()["errors"][0]["field"] == f"plan.{obstacle}"
    assert [one["code"] for one in (await followed.get("disclosure"))["obstacles"]] == [obstacle]


async def test_an_empty_plan_and_one_nobody_approved_are_not_signed(followed: Followed) -> None:
    assert (await followed.sign("LEADER", "duty.leader")).json()["errors"][0]["field"] == "plan.NO_LINES"
    await followed.answer(followed.handlers)
    await followed.write(followed.handlers)
    assert (await followed.sign("LEADER", "duty.leader")).json()["errors"][0]["field"] == "plan.NOT_APPROVED"


async def test_what_an_open_origin_tells_as_well_points_to_nobody(followed: Followed) -> None:
    await followed.answer(followed.handlers, could_know=1, open_origin=True)
    await followed.approve(await followed.write(followed.handlers))
    assert (await followed.sign("SOURCE", "source.handler")).status_code == 201
    assert (await followed.get("disclosure"))["weakest"] is None


async def test_the_weakest_link_is_the_two_reports_that_few_could_have_known_both_of(
    followed_on_both: Followed,
) -> None:
    await followed_on_both.answer(followed_on_both.handlers, could_know=9)
    await followed_on_both.answer(followed_on_both.contacts, "dialogue.officer", could_know=40)
    await followed_on_both.approve(await followed_on_both.write(followed_on_both.handlers, followed_on_both.contacts))
    both = sorted([followed_on_both.handlers, followed_on_both.contacts])
    weakest = (await followed_on_both.get("disclosure"))["weakest"]
    assert weakest == {"reports": both, "could_know": None, "at_most": 9, "weak": True}
    refused = await followed_on_both.sign("SOURCE", "source.handler")
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "because")
    said = await followed_on_both.put("exposure-overlaps", {"reports": both, "could_know": 10}, "dialogue.officer")
    assert said.status_code == 422
    said = await followed_on_both.put("exposure-overlaps", {"reports": both, "could_know": 4}, "dialogue.officer")
    assert said.status_code == 201
    assert (await followed_on_both.get("disclosure"))["weakest"]["could_know"] == 4
    assert (await followed_on_both.sign("SOURCE", "source.handler")).status_code == 201
    # Whoever may not know of one of the two is told how many, not which.
    assert (await followed_on_both.get("disclosure", "dialogue.officer"))["weakest"]["reports"] is None


async def test_a_weak_link_is_signed_with_a_reason_that_stays(followed: Followed) -> None:
    await followed.answer(followed.handlers, could_know=9)
    await followed.answer(followed.patrols, could_know=9)
    await followed.approve(await followed.write(followed.handlers, followed.patrols))
    assert (await followed.sign("SOURCE", "source.handler", because="Patruljen sto åpent.")).status_code == 201
    (signature,) = (await followed.get("disclosure"))["signatures"]
    assert signature["because"] == "Patruljen sto åpent."


async def test_the_sources_are_signed_for_by_their_keeper_and_the_dialogue_by_a_leader(followed: Followed) -> None:
    await followed.plan()
    for part, role in (
        ("SOURCE", "dialogue.leader"),
        ("SOURCE", "duty.leader"),
        ("LEADER", "source.handler"),
        ("LEADER", "dialogue.officer"),
        ("LEADER", "analyst"),
    ):
        assert (await followed.sign(part, role)).status_code == 403, (part, role)
    assert len(await denied(followed)) == 5
    assert (await followed.get("disclosure"))["signatures"] == []


async def test_where_all_came_in_at_the_door_the_contact_signs_for_the_sources_and_not_for_both(
    followed: Followed,
) -> None:
    await followed.answer(followed.contacts, "dialogue.leader")
    await followed.approve(await followed.write(followed.contacts), "duty.leader")
    assert (await followed.sign("SOURCE", "source.handler")).status_code == 403
    assert (await followed.sign("SOURCE", "dialogue.leader")).status_code == 201
    both = await followed.sign("LEADER", "dialogue.leader")
    assert (both.status_code, both.json()["errors"][0]["field"]) == (409, "by")
    assert (await followed.sign("LEADER", "dialogue.leader", user="another.leader")).json()["cleared"] is True


async def test_a_part_is_signed_once_also_when_two_do_it_at_the_same_moment(followed_on_both: Followed) -> None:
    await followed_on_both.plan()
    version = await followed_on_both.version()
    answers = await asyncio.gather(
        *(
            followed_on_both.sign("LEADER", "duty.leader", version=version, user=f"leader.{number}")
            for number in range(4)
        )
    )
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    assert len((await followed_on_both.get("disclosure"))["signatures"]) == 1


async def test_the_two_parts_signed_at_the_same_moment_clear_once(followed_on_both: Followed) -> None:
    await followed_on_both.plan()
    version = await followed_on_both.version()
    answers = await asyncio.gather(
        followed_on_both.sign("SOURCE", "source.handler", version=version),
        followed_on_both.sign("LEADER", "duty.leader", version=version),
    )
    assert [answer.status_code for answer in answers] == [201, 201]
    assert sorted(answer.json()["cleared"] for answer in answers) == [False, True]
    assert len(await followed_on_both.told_cleared()) == 1


async def test_what_was_read_in_another_version_is_not_signed(followed_on_both: Followed) -> None:
    await followed_on_both.plan()
    version = await followed_on_both.version()
    line = await followed_on_both.write(text="Vi har sett uvedkommende ved et hus, og vi følger med.")
    assert (await followed_on_both.approve(line)).status_code == 204
    refused = await followed_on_both.sign("LEADER", "duty.leader", version=version)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (412, "plan_version")


async def test_a_signature_does_not_wait_for_ever_and_a_used_one_clears_nothing_more(
    followed_on_both: Followed,
) -> None:
    await followed_on_both.plan()
    await followed_on_both.sign("SOURCE", "source.handler")
    followed_on_both.served.forward(hours=73)
    assert (await followed_on_both.sign("LEADER", "duty.leader")).json()["cleared"] is False
    assert (await followed_on_both.sign("SOURCE", "source.handler")).json()["cleared"] is True
    # The next round begins anew, with both.
    assert (await followed_on_both.sign("LEADER", "duty.leader")).json()["cleared"] is False
    assert (await followed_on_both.sign("SOURCE", "source.handler")).json()["cleared"] is True
    found = await followed_on_both.get("disclosure")
    assert [one["cause"] for one in found["clearances"]] == [None, "REPLACED"]
    assert len(await followed_on_both.told_cleared()) == 2 and await followed_on_both.told_withdrawn() == []


async def test_the_clearance_ends_by_the_clock_and_nobody_is_told_twice(followed_on_both: Followed) -> None:
    await followed_on_both.clear()
    followed_on_both.served.forward(hours=167)
    await due.let_time_speak(followed_on_both.served.app.state.parts)
    assert (await followed_on_both.get("disclosure"))["cleared_until"] is not None
    followed_on_both.served.forward(hours=2)
    await due.let_time_speak(followed_on_both.served.app.state.parts)
    found = await followed_on_both.get("disclosure")
    assert found["cleared_until"] is None and found["clearances"][0]["cause"] == "EXPIRED"
    assert await followed_on_both.told_withdrawn() == []
    assert "clearance-ended" in await followed_on_both.whats()


@pytest.mark.parametrize(
    ("report", "role", "answers", "cause"),
    [
        ("handlers", "source.handler", {"exposure": "NO"}, "ANSWERED_NO"),
        ("handlers", "source.handler", {"could_know": 8}, "ANSWER_CHANGED"),
        ("handlers", "source.handler", {"exposure": "OK"}, "ANSWER_CHANGED"),
        ("contacts", "dialogue.officer", {"exposure": "NO"}, "ANSWERED_NO"),
    ],
)
async def test_a_new_no_or_another_answer_withdraws_what_was_cleared(
    followed: Followed, report: str, role: str, answers: dict[str, object], cause: str
) -> None:
    await followed.clear()
    assert (await followed.answer(getattr(followed, report), role, **answers)).status_code == 201
    (told,) = await followed.told_withdrawn()
    assert told.cause == cause
    found = await followed.get("disclosure")
    assert found["cleared_until"] is None and found["clearances"][0]["ended_by"] == role


async def test_the_same_answer_again_or_one_about_what_is_not_said_withdraws_nothing(followed: Followed) -> None:
    await followed.clear()
    await followed.answer(followed.handlers)
    await followed.answer(followed.patrols, exposure="OK")
    assert await followed.told_withdrawn() == []
    assert (await followed.get("disclosure"))["cleared_until"] is not None


async def test_another_plan_withdraws_what_was_cleared_and_every_signature(followed_on_both: Followed) -> None:
    await followed_on_both.clear()
    line = (await followed_on_both.get("disclosure"))["lines"][0]["id"]
    assert (
        await followed_on_both.post(f"disclosure/lines/{line}/removal", {"reason": "Sagt før."}, "analyst")
    ).status_code == 204
    (told,) = await followed_on_both.told_withdrawn()
    assert told.cause == "PLAN_CHANGED"
    assert (await followed_on_both.get("disclosure"))["lines"] == []


async def test_a_clearance_is_withdrawn_by_hand_with_a_reason(followed: Followed) -> None:
    nothing = await followed.post("disclosure/withdrawal", {"reason": "x"}, "source.handler")
    assert nothing.status_code == 409
    await followed.clear()
    assert (await followed.post("disclosure/withdrawal", {"reason": " "}, "source.handler")).status_code == 422
    assert (await followed.post("disclosure/withdrawal", {"reason": "Kilden er redd."}, "analyst")).status_code == 403
    assert (
        await followed.post("disclosure/withdrawal", {"reason": "Kilden er redd."}, "source.handler")
    ).status_code == 204
    assert [one.cause for one in await followed.told_withdrawn()] == ["WITHDRAWN"]


async def test_the_duty_leader_alone_clears_in_danger_to_life_and_another_reviews_it_the_next_day(
    followed_on_both: Followed,
) -> None:
    await followed_on_both.answer(followed_on_both.handlers, could_know=2)
    await followed_on_both.write(followed_on_both.handlers, role="duty.leader")
    alone = {"plan_version": await followed_on_both.version(), "because": "Liv i fare i natt."}
    for role in ("dialogue.leader", "duty.officer", "source.handler"):
        assert (await followed_on_both.post("disclosure/lone-signature", alone, role)).status_code == 403
    assert (await followed_on_both.post("disclosure/lone-signature", alone | {"because": " "})).status_code == 422
    assert (await followed_on_both.post("disclosure/lone-signature", alone)).json()["cleared"] is True
    (told,) = await followed_on_both.told_cleared()
    assert told.valid_until == followed_on_both.served.clock.now() + timedelta(hours=24)
    reviews = (
        await followed_on_both.served.client.get(
            f"/threat-watch/v1/reviews?threat={followed_on_both.id}",
            headers=followed_on_both.served.head("duty.leader"),
        )
    ).json()["items"]
    (review,) = [one for one in reviews if one["cause"] == "signed-alone"]
    path = f"/threat-watch/v1/reviews/{review['id']}/answer"
    own = await followed_on_both.served.client.post(
        path, json={"note": "ok"}, headers=followed_on_both.served.head("duty.leader")
    )
    assert (own.status_code, own.json()["errors"][0]["field"]) == (409, "review")
    other = await followed_on_both.served.client.post(
        path, json={"note": "ok"}, headers=followed_on_both.served.head("dialogue.leader")
    )
    assert other.status_code == 204


async def test_the_duty_leader_alone_does_not_get_past_a_no_or_what_nobody_answered(followed: Followed) -> None:
    await followed.write(followed.handlers, role="duty.leader")
    alone = {"plan_version": await followed.version(), "because": "Liv i fare."}
    refused = await followed.post("disclosure/lone-signature", alone)
    assert refused.json()["errors"][0]["field"] == "plan.NOT_ANSWERED"
    await followed.answer(followed.handlers, exposure="NO")
    alone["plan_version"] = await followed.version()
    refused = await followed.post("disclosure/lone-signature", alone)
    assert refused.json()["errors"][0]["field"] == "plan.ANSWERED_NO"
    assert await followed.told_cleared() == []


async def test_a_report_of_another_threat_is_in_no_line_and_no_answer_here(followed: Followed) -> None:
    other = await Followed.at(followed.served)
    line = {"text": SAID, "reports": [other.handlers]}
    assert (await followed.post("disclosure/lines", line, "analyst")).status_code == 422
    assert (await followed.answer(other.handlers)).status_code == 404
