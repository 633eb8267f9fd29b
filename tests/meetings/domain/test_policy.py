"""The unit's working values are data with a version."""

import copy
from datetime import UTC, datetime, timedelta
from importlib.resources import files

import pytest
import yaml

from forkant_meetings.domain.policy import Level, parse
from forkant_shared.errors import Invalid

DOCUMENT = yaml.safe_load(files("forkant_meetings").joinpath("policies/2026-1.yaml").read_text("utf-8"))


def test_the_shipped_policy_asks_for_two_representatives_where_the_method_does():
    policy = parse(DOCUMENT)
    assert [policy.levels[level].police for level in Level] == [2, 2, 1]
    assert policy.levels[Level.TACTICAL].lead_time == timedelta(hours=72)
    assert policy.version == "2026-1"


def test_reminders_come_in_the_local_morning_also_when_the_clocks_change():
    policy = parse(DOCUMENT)
    before, after = (policy.morning_of(datetime(2026, 10, day).date()).astimezone(UTC) for day in (24, 26))
    assert (before.hour, after.hour) == (6, 7)
    assert policy.local_day(datetime(2026, 11, 20, 23, 30, tzinfo=UTC)).isoformat() == "2026-11-21"


@pytest.mark.parametrize(
    "path",
    [("version",), ("levels", "STRATEGIC"), ("levels", "TACTICAL", "police"), ("promises", "remind_at")],
    ids=".".join,
)
def test_a_policy_with_something_missing_is_refused_by_name(path):
    broken = copy.deepcopy(DOCUMENT)
    part = broken
    for step in path[:-1]:
        part = part[step]
    del part[path[-1]]
    with pytest.raises(Invalid) as refused:
        parse(broken)
    assert path[-1] in str(refused.value.field)


@pytest.mark.parametrize("value", [-1, True, "two", None])
def test_a_count_that_is_none_is_refused(value):
    broken = copy.deepcopy(DOCUMENT)
    broken["levels"]["TACTICAL"]["police"] = value
    with pytest.raises(Invalid):
        parse(broken)
