"""The routes files in the documents are ones the notifier takes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from forkant_notifier.clients.routes_file import read
from forkant_notifier.domain.lanes import Channel
from tests.notifier.support.browser_push import vapid_pem
from tests.notifier.test_mail_and_webhook import WHSEC

OPERATIONS = Path(__file__).parents[2] / "docs" / "operations.md"


def examples() -> list[str]:
    blocks = re.findall(r"```yaml\n(.*?)```", OPERATIONS.read_text("utf-8"), re.DOTALL)
    return [block for block in blocks if "\ngateways:" in block]


@pytest.mark.parametrize("example", examples())
def test_the_routes_file_of_the_operations_guide_is_taken_as_it_stands(
    example: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SMS_B_KEY", "key")
    for name in re.findall(r"file: ([\w.-]+)", example):
        secrets = {"vapid.pem": vapid_pem(), "whsec": WHSEC}
        (tmp_path / name).write_text(secrets.get(name, "a-secret-of-the-carrier"))
    found = read(yaml.safe_load(example), tmp_path)
    assert {channel for route in found.routes for channel in route.channels} == set(Channel)
    assert set(found.test_to) == {route.name for route in found.routes}


def test_there_is_such_an_example() -> None:
    assert examples()
