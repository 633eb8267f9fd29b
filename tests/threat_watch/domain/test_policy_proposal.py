"""Policy 2026-2, proposed and not in force: it keeps every page that the scenario files ask for, and no other rule."""

from __future__ import annotations

from pathlib import Path

import pytest

import forkant_threat_watch
from forkant_threat_watch.domain.policy_examples import failing_examples
from forkant_threat_watch.domain.replay import tell
from forkant_threat_watch.domain.scenario import Story, story_of
from forkant_threat_watch.domain.verdict import differences
from forkant_threat_watch.store.policies import CURRENT, read_policy
from forkant_threat_watch.store.yaml_files import read_document

SCENARIOS = sorted((Path(__file__).parent.parent / "scenarios").glob("*.yaml"))
PROPOSAL = read_policy(Path(forkant_threat_watch.__path__[0]) / "policies" / "2026-2.yaml")


def test_it_is_a_proposal_and_not_what_this_release_goes_by() -> None:
    assert PROPOSAL.version == "2026-2"
    assert "2026-2" not in CURRENT


def test_its_rules_do_what_their_examples_say() -> None:
    assert failing_examples(PROPOSAL) == []


def _pages_only(path: Path) -> Story:
    """The scenario without what it expects of levels and indices, which are the first policy's working values."""
    document = read_document(path)
    assert isinstance(document, dict)
    kept = [one for one in document["expect"] if not {"level", "index"} & one.keys()]
    assert kept
    return story_of({**document, "expect": kept})


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_what_the_scenarios_say_of_pages_and_reviews_holds_under_it_as_well(path: Path) -> None:
    story = _pages_only(path)
    assert differences(story, tell(story, PROPOSAL)) == []


def test_eight_anonymous_rumours_stay_low_under_it() -> None:
    story = _pages_only(next(path for path in SCENARIOS if path.stem == "rumours"))
    told = tell(story, PROPOSAL)
    assert {said.level.name for said in told.said if hasattr(said, "automatic")} == {"LOW"}
