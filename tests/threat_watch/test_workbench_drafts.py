"""A draft of the policy through the API: what is refused with its line, what is kept, who may sign it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from forkant_shared.service import LARGEST_BODY
from forkant_threat_watch.store.policies import of_release, read_policy
from tests.threat_watch.serving import Served
from tests.threat_watch.support.drafting import (
    DRAFTS,
    WRITER,
    begin,
    overview,
    signed,
    text,
    with_weight,
)

CIRCLE = """
  - id: a-page-calls-for-a-page
    version: 1
    require: [{happening: PAGE}]
    then: PAGE
    lane: LIFE
    reason: circle
    guide: {nb: Ring, en: Circle}
    examples: {positive: [[]], negative: [[]], echo: [[]]}
"""


def line_of(policy: str, words: str) -> int:
    return policy[: policy.index(words)].count("\n") + 1


async def test_a_draft_is_kept_with_its_examples_and_what_it_says_otherwise(served_on_both: Served) -> None:
    answer = await begin(served_on_both, with_weight(4.3))
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert (made["version"], made["based_on"], made["revision"], made["failing"]) == ("2026-8", "2026-1", 1, 0)
    assert answer.headers["etag"] == '"1"'
    opened = (await served_on_both.client.get(answer.headers["location"], headers=served_on_both.head(WRITER))).json()
    said = {one["path"]: (one["before"], one["after"]) for one in opened["differences"]}
    assert said == {"version": ("2026-1", "2026-8"), "index.weights.INTENT": ("4.4", "4.3")}
    kinds = {(one["rule"], one["kind"]) for one in opened["examples"]}
    rules = {rule.id for rule in of_release()["2026-1"].policy().rules}
    assert kinds == {(rule, kind) for rule in rules for kind in ("positive", "negative", "echo")}
    assert all(one["holds"] for one in opened["examples"])
    listed = (await served_on_both.client.get(DRAFTS, headers=served_on_both.head(WRITER))).json()["items"]
    assert [one["id"] for one in listed] == [made["id"]]


@pytest.mark.parametrize(
    ("changes", "words", "field"),
    [
        ({"weights: {GRIEVANCE": "weights: {ANGER: 1.0, GRIEVANCE"}, "weights: {ANGER", "index.weights.ANGER"),
        ({"INTENT: 4.4": "INTENT: -4.4"}, "INTENT: -4.4", "index.weights.INTENT"),
        ({"INTENT: 4.4": "INTENT: .nan"}, "INTENT: .nan", "index.weights.INTENT"),
        ({"INTENT: 4.4": "INTENT: 1e999"}, "INTENT: 1e999", "index.weights.INTENT"),
        ({"prior: 0.02": "prior: 0.02\n  prior: 0.5"}, "prior: 0.5", ""),
        ({"prior: 0.02": "prior: &p 0.02"}, "prior: &p", ""),
        ({"prior: 0.02": "prior: !!python/object/apply:os.abort []"}, "prior: !!python", ""),
        ({"strengths: {HINT: 0.5, ": "strengths: {"}, "strengths: {", "strengths"),
        ({"timezone: Europe/Oslo": "timezone: Europe/Oslo\nsigned_by: Meg"}, "signed_by: Meg", "signed_by"),
        ({"timezone: Europe/Oslo": "timezone: Europe/Oslo\nmood: good"}, "mood: good", "mood"),
    ],
)
async def test_a_policy_that_makes_no_sense_is_refused_with_its_line_and_what_helps(
    served: Served, changes: dict[str, str], words: str, field: str
) -> None:
    policy = text(**changes)
    answer = await begin(served, policy)
    assert answer.status_code == 422, answer.text
    told = answer.json()
    assert told["detail"].startswith(f"Line {line_of(policy, words)}"), told["detail"]
    (error,) = told["errors"]
    assert (error["field"], bool(error["remedy"])) == (field, True)
    assert (await overview(served))["current"] == "2026-1"


async def test_a_rule_without_examples_is_refused_with_its_line(served: Served) -> None:
    document = text()
    start = document.index("      echo:\n")
    end = document.index("\n\n", start) if "\n\n" in document[start:] else len(document)
    policy = document[:start] + "      echo: []" + document[end:]
    answer = await begin(served, policy)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "rules[0].examples.echo"
    assert answer.json()["detail"].startswith(f"Line {line_of(policy, '      echo: []')}")


async def test_a_rule_by_which_a_page_calls_for_a_page_is_refused(served: Served) -> None:
    policy = text().replace("\nrules:\n", f"\nrules:{CIRCLE}")
    answer = await begin(served, policy)
    assert answer.status_code == 422
    assert "goes in a circle" in answer.json()["detail"]
    assert answer.json()["detail"].startswith(f"Line {line_of(policy, 'require: [{happening: PAGE}]')}")


async def test_parties_that_belong_to_themselves_are_refused(served: Served) -> None:
    policy = text().replace("\nexample_parties:\n", "\nexample_parties:\n  ring: {kind: GROUP, member_of: [ring]}\n")
    answer = await begin(served, policy)
    assert answer.status_code == 422
    assert "belongs to itself" in answer.json()["detail"]
    assert answer.json()["detail"].startswith(f"Line {line_of(policy, '  ring: {')}")


@pytest.mark.parametrize("nonsense", ["", "- a\n- b", "7", "a: [", "\tx: 1", "a: 1\n---\nb: 2", "{" * 60, "\x07"])
async def test_what_is_no_policy_at_all_is_refused(served: Served, nonsense: str) -> None:
    answer = await begin(served, nonsense)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["remedy"]


async def test_a_text_that_is_too_large_is_refused_and_one_of_fifty_megabytes_is_not_even_read(served: Served) -> None:
    large = await begin(served, text() + "#" * 600_000)
    assert large.status_code == 422
    assert "larger than 500 kB" in large.json()["detail"]
    assert large.json()["errors"][0]["remedy"]
    huge = b'{"name": "Stor", "text": "' + b"#" * 50_000_000 + b'"}'
    head = served.head(WRITER) | {"content-type": "application/json"}
    answer = await served.client.post(DRAFTS, content=huge, headers=head)
    assert len(huge) > LARGEST_BODY
    assert (answer.status_code, answer.headers["content-type"]) == (413, "application/problem+json")
    assert (await overview(served))["current"] == "2026-1"
    assert (await served.report()).status_code == 201


async def test_a_version_that_is_taken_is_refused_with_its_line(served: Served) -> None:
    policy = of_release()["2026-1"].text
    answer = await begin(served, policy)
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith(f"Line {line_of(policy, 'version: 2026-1')}")


async def test_a_name_that_an_open_draft_has_is_refused_until_that_one_is_thrown_away(served_on_both: Served) -> None:
    first = (await begin(served_on_both, with_weight(4.0))).json()
    again = await begin(served_on_both, with_weight(4.1))
    assert (again.status_code, again.json()["errors"][0]["field"]) == (409, "name")
    gone = await served_on_both.client.delete(f"{DRAFTS}/{first['id']}", headers=served_on_both.head(WRITER))
    assert gone.status_code == 204
    assert (await begin(served_on_both, with_weight(4.1))).status_code == 201
    lost = await served_on_both.client.get(f"{DRAFTS}/{first['id']}", headers=served_on_both.head(WRITER))
    assert lost.status_code == 404


async def test_of_two_who_save_at_once_one_is_told_and_nothing_is_lost(served_on_both: Served) -> None:
    draft = (await begin(served_on_both, with_weight(4.0))).json()

    async def save(weight: float, user: str) -> int:
        head = served_on_both.head(WRITER, user=user) | {"if-match": '"1"'}
        body = {"text": with_weight(weight)}
        return (await served_on_both.client.put(f"{DRAFTS}/{draft['id']}", json=body, headers=head)).status_code

    assert sorted(await asyncio.gather(save(4.1, "one"), save(4.2, "two"))) == [200, 412]
    opened = (await served_on_both.client.get(f"{DRAFTS}/{draft['id']}", headers=served_on_both.head(WRITER))).json()
    assert (opened["revision"], opened["saved_by"] in ("one", "two")) == (2, True)


async def test_a_story_is_kept_in_place_of_the_one_before_and_taken_away(served_on_both: Served) -> None:
    address = "/threat-watch/v1/policy-scenarios/Natt%20og%20dag"
    story: dict[str, Any] = {"text": STORY}
    for _ in range(2):
        assert (
            await served_on_both.client.put(address, json=story, headers=served_on_both.head(WRITER))
        ).status_code == 204
    listed = await served_on_both.client.get(
        "/threat-watch/v1/policy-scenarios", headers=served_on_both.head("auditor")
    )
    assert [(one["name"], one["saved_by"]) for one in listed.json()["items"]] == [("Natt og dag", WRITER)]
    assert (await served_on_both.client.get(address, headers=served_on_both.head(WRITER))).text == STORY
    assert (await served_on_both.client.get(address, headers=served_on_both.head("operations"))).status_code == 403
    wrong = await served_on_both.client.put(address, json={"text": "name: [x"}, headers=served_on_both.head(WRITER))
    assert wrong.status_code == 422 and wrong.json()["detail"].startswith("Line ")
    assert (await served_on_both.client.delete(address, headers=served_on_both.head("duty.leader"))).status_code == 403
    assert (await served_on_both.client.delete(address, headers=served_on_both.head(WRITER))).status_code == 204
    assert (await served_on_both.client.delete(address, headers=served_on_both.head(WRITER))).status_code == 404


STORY = """
name: a night
start: 2026-03-02T09:00:00+01:00
until: +5d
parties: {gang: {kind: GROUP}, rival: {kind: GROUP}}
steps:
  - at: +1d
    report:
      {id: R1, grading: {scale: ADMIRALTY, source: B, information: "2"}, origin: S1, channel: HANDLER,
       signals: [{factor: INTENT, strength: 0.7, aggressor: gang, target: rival}]}
"""


async def test_a_signed_policy_can_be_fetched_as_a_file_that_replay_reads(served: Served, tmp_path: Any) -> None:
    await signed(served, with_weight(4.0))
    answer = await served.client.get("/threat-watch/v1/policies/2026-8/file", headers=served.head("auditor"))
    assert answer.status_code == 200
    (tmp_path / "2026-8.yaml").write_text(answer.text)
    read = read_policy(tmp_path / "2026-8.yaml")
    assert (read.version, read.signed_by) == ("2026-8", "dialogue.leader")
    missing = await served.client.get("/threat-watch/v1/policies/2099-1/file", headers=served.head("auditor"))
    assert missing.status_code == 404
