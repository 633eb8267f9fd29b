"""How much a card looks like somebody: every point is shown, blank is neutral, and no name is enough."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forkant_registry.domain.matching import KnownName
from forkant_registry.domain.resemblance import Likeness, Resemblance, best_first, resemblance
from forkant_shared.testing import token
from tests.registry.support.reference import SPELLING, WEIGHTS, uuid
from tests.registry.support.service import Registry

DUTY = token("duty.officer")
NAMES = ["Anders Testmann", "Anders Testmand", "Håkon Bråten", "Kari Prøve", "Lillebror"]
DAYS = ["1984-05-17", "1984-05-18", "1991-12-03"]


def known(*values: str, weak: bool = False) -> tuple[KnownName, ...]:
    return tuple(KnownName("legal", value, weak) for value in values)


def alike(asked: Likeness, card: Likeness) -> Resemblance:
    found = resemblance(asked, card, WEIGHTS, SPELLING)
    assert found is not None
    return found


def likenesses() -> st.SearchStrategy[Likeness]:
    return st.builds(
        Likeness,
        names=st.lists(st.sampled_from(NAMES), min_size=1, max_size=2).map(lambda names: known(*names)),
        born_on=st.frozensets(st.sampled_from(DAYS), max_size=2),
        groups=st.frozensets(st.sampled_from([uuid(1), uuid(2)]), max_size=2),
        districts=st.frozensets(st.sampled_from(["0301", "0301-06"]), max_size=1),
    )


@given(likenesses(), likenesses())
def test_the_points_add_up_to_the_score_which_is_between_0_and_1(asked: Likeness, card: Likeness) -> None:
    found = resemblance(asked, card, WEIGHTS, SPELLING)
    if found is not None:
        assert sum(feature.points for feature in found.features) == found.points
        assert 0 <= found.score <= 1
        assert found.matches == (found.points >= WEIGHTS.match)


@given(likenesses(), likenesses())
def test_no_name_is_a_match_without_the_same_day_of_birth(asked: Likeness, card: Likeness) -> None:
    found = resemblance(asked, card, WEIGHTS, SPELLING)
    if found is not None and not asked.born_on & card.born_on:
        assert found.score < 0.8 and not found.matches


@given(likenesses(), likenesses(), st.sampled_from(["born_on", "groups", "districts"]))
def test_blank_is_neutral_and_only_what_both_say_moves_the_score(asked: Likeness, card: Likeness, field: str) -> None:
    for one, other in (
        (replace(asked, **{field: frozenset()}), card),
        (asked, replace(card, **{field: frozenset()})),
    ):
        found = resemblance(one, other, WEIGHTS, SPELLING)
        if found is None:
            continue
        name = "district" if field == "districts" else field
        [blank] = [feature for feature in found.features if feature.name == name]
        assert (blank.points, blank.how) == (0, "BLANK")
        whole = alike(asked, card)
        [said] = [feature for feature in whole.features if feature.name == name]
        if said.how == "CONTRADICTION":
            assert whole.points <= found.points


def test_an_exact_name_alone_stays_below_a_match_and_the_day_of_birth_decides() -> None:
    asked = Likeness(known("Anders Testmann"))
    alone = alike(asked, asked)
    assert 0.75 <= alone.score < 0.8 and not alone.matches
    both = replace(asked, born_on=frozenset(["1984-05-17"]))
    assert alike(both, both).score >= 0.9 and alike(both, both).matches
    other = replace(asked, born_on=frozenset(["1991-12-03"]))
    against = alike(both, other)
    assert against.score < alone.score - 0.2 and against.features[1].how == "CONTRADICTION"


def test_everything_but_the_day_of_birth_is_held_below_a_match_and_says_so() -> None:
    asked = Likeness(known("Anders Testmann"), groups=frozenset([uuid(1)]), districts=frozenset(["0301"]))
    found = alike(asked, asked)
    assert found.score == 0.79 and found.features[-1].name == "without_birth_date"
    assert found.features[-1].points < 0 and found.features[-1].how == "CAPPED"


@pytest.mark.parametrize(
    ("one", "other", "how"),
    [
        ("1984-05-17", "1984-05-18", "NEAR"),
        ("1984-05-07", "1984-07-05", "NEAR"),
        ("1984-05-17", "1991-12-03", "CONTRADICTION"),
    ],
)
def test_a_day_written_wrongly_is_near_and_another_day_is_not(one: str, other: str, how: str) -> None:
    names = known("Anders Testmann")
    found = alike(Likeness(names, born_on=frozenset([one])), Likeness(names, born_on=frozenset([other])))
    assert found.features[1].how == how and not found.matches


def test_a_weak_nickname_is_hardly_like_anybody_and_a_strange_name_not_at_all() -> None:
    nick = Likeness(known("Lillebror", weak=True))
    assert alike(nick, nick).score < WEIGHTS.listed / 1000
    assert resemblance(Likeness(known("Zzyzx")), nick, WEIGHTS, SPELLING) is None


def test_the_most_alike_come_first_and_a_tie_has_an_order() -> None:
    asked = Likeness(known("Anders Testmann"))
    same, near = alike(asked, asked), alike(asked, Likeness(known("Anders Testmand")))
    found = best_first([(uuid(3), near), (uuid(2), same), (uuid(1), same)])
    assert [id for id, _ in found] == [uuid(1), uuid(2), uuid(3)]


async def matched(registry: Registry, auth: str = DUTY, **queries: dict[str, Any]) -> dict[str, Any]:
    answer = await registry.post("/match", {"queries": queries}, auth=auth)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def person(*names: str, **more: Any) -> dict[str, Any]:
    return {"kind": "PERSON", "names": list(names)} | more


async def test_a_named_batch_comes_back_under_its_names_with_the_query_and_every_point(registry: Registry) -> None:
    one = await registry.person("Anders Testmann")
    await registry.claim(one, "born_on", value="1984-05-17")
    group = await registry.group("Tveitagjengen")
    found = await matched(
        registry,
        fra_rapport=person("Anders Testman", born_on="1984-05-17", groups=[group]),
        ukjent=person("Zzyzx"),
        gjeng={"kind": "GROUP", "names": ["Tveita gjengen"]},
    )
    assert set(found["responses"]) == {"fra_rapport", "ukjent", "gjeng"} and found["weights"] == WEIGHTS.version
    response = found["responses"]["fra_rapport"]
    assert response["query"]["names"] == ["Anders Testman"] and response["query"]["born_on"] == "1984-05-17"
    [result] = response["results"]
    assert (result["id"], result["match"]) == (one, True)
    assert sum(feature["points"] for feature in result["features"]) == pytest.approx(result["score"])
    assert {feature["feature"]: feature["how"] for feature in result["features"]} == {
        "name": "TYPING",
        "born_on": "SAME",
        "groups": "BLANK",
        "district": "BLANK",
    }
    assert found["responses"]["ukjent"]["results"] == []
    [gang] = found["responses"]["gjeng"]["results"]
    assert gang["id"] == group and not gang["match"] and gang["score"] < 0.8
    audited = (await registry.audited())[-1]
    assert (audited.action, audited.details) == ("registry.actor.search", {"queries": 3, "hits": 2})
    assert "Testman" not in str(audited.objects)


async def test_what_is_excluded_does_not_come_back_nor_who_is_one_with_it(registry: Registry) -> None:
    people = [await registry.person("Anders Testmann") for _ in range(4)]
    body = {"other": people[1], "verdict": "POSITIVE", "reason": "x"}
    assert (await registry.post(f"/actors/{people[0]}/judgements", body)).status_code == 201
    every = await matched(registry, q=person("Anders Testmann"))
    lines = every["responses"]["q"]["results"]
    assert [line["id"] for line in lines] == [people[0], *people[2:]]
    assert [other["id"] for other in lines[0]["also"]] == [people[1]]
    rest = await matched(registry, q=person("Anders Testmann", exclude_ids=[people[1], people[2]]))
    assert [line["id"] for line in rest["responses"]["q"]["results"]] == [people[3]]


async def test_two_cards_of_one_person_answer_with_what_both_know(registry: Registry) -> None:
    one, two = await registry.person("Anders Testmann"), await registry.person("Ola Nordmannsen")
    await registry.claim(two, "born_on", value="1984-05-17")
    query = person("Anders Testmann", born_on="1984-05-17")
    assert (await matched(registry, q=query))["responses"]["q"]["results"][0]["match"] is False
    body = {"other": two, "verdict": "POSITIVE", "reason": "x"}
    await registry.post(f"/actors/{one}/judgements", body)
    [result] = (await matched(registry, q=query))["responses"]["q"]["results"]
    assert (result["id"], result["match"]) == (one, True)


async def test_what_one_may_not_know_neither_matches_nor_contradicts(registry: Registry) -> None:
    handler = token("source.handler")
    one = await registry.person("Anders Testmann")
    await registry.claim(one, "born_on", value="1984-05-17", handling="SECRET", auth=handler)
    await registry.person("Anders Testmann", handling="SECRET", auth=handler)
    query = person("Anders Testmann", born_on="1984-05-17")
    [result] = (await matched(registry, q=query))["responses"]["q"]["results"]
    assert (result["id"], result["match"], result["features"][1]["how"]) == (one, False, "BLANK")
    assert len((await matched(registry, handler, q=query))["responses"]["q"]["results"]) == 2


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"queries": {}}, "queries"),
        ({"queries": {str(n): person("X Y") for n in range(101)}}, "queries"),
        ({"queries": {"q": person()}}, "queries.q.names"),
        ({"queries": {"q": person("X", "…")}}, "queries.q.names.1"),
        ({"queries": {"q": person("a\u0007b")}}, "queries.q.names.0"),
        ({"queries": {"not a name": person("X")}}, None),
        ({"queries": {"q": person("X", born_on="1984")}}, "queries.q.born_on"),
        ({"queries": {"q": person("X", exclude_ids=["x"])}}, "queries.q.exclude_ids.0"),
        ({"queries": {"q": person("X") | {"kind": "CAR"}}}, "queries.q.kind"),
        ({"queries": {"q": person("X", ethnicity="x")}}, "queries.q.ethnicity"),
        ({"queries": {"q": person("X")}, "threshold": 2}, "threshold"),
    ],
)
async def test_a_query_that_makes_no_sense_names_the_field(
    registry: Registry, body: dict[str, Any], field: str | None
) -> None:
    answer = await registry.post("/match", body, auth=DUTY)
    assert answer.status_code == 422, answer.text
    assert field is None or field in [error["field"] for error in answer.json()["errors"]]


async def test_matching_is_searching_and_needs_its_right(registry: Registry) -> None:
    assert (await registry.post("/match", {"queries": {"q": person("X")}}, "admin")).status_code == 403
    threshold = {"queries": {"q": person("Anders Testmann")}, "threshold": 0.1, "limit": 1}
    await registry.person("Anders Testmann")
    await registry.person("Anders Testmand")
    answer = await registry.post("/match", threshold, auth=DUTY)
    assert len(answer.json()["responses"]["q"]["results"]) == 1
