"""Files that people write and sign, read as they seem to say."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from forkant_shared.errors import Invalid
from forkant_threat_watch.store.yaml_files import read_document

TEXT = st.text("abæøåO: -#'\"\n{[&*!", min_size=1)
NUMBERS = st.integers(-(10**6), 10**6) | st.floats(-1e6, 1e6).map(lambda x: round(x, 4))
PLAIN = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


def read(tmp_path: Path, text: str) -> object:
    path = tmp_path / "file.yaml"
    path.write_text(text, encoding="utf-8")
    return read_document(path)


def test_words_that_yaml_once_took_for_truth_values_are_words(tmp_path: Path) -> None:
    assert read(tmp_path, "{on: +40d, no: yes, y: off, t: true}") == {"on": "+40d", "no": "yes", "y": "off", "t": True}


def test_numbers_days_and_moments_are_what_they_look_like_and_quoted_ones_are_text(tmp_path: Path) -> None:
    found = read(tmp_path, "[1, -2.5, 1e3, .5, 2026-11-02, 2026-03-01T08:00:00+01:00, '1', \"2.5\", ~, '']")
    assert found == [
        1,
        -2.5,
        1000.0,
        0.5,
        date(2026, 11, 2),
        datetime(2026, 3, 1, 7, tzinfo=UTC),
        "1",
        "2.5",
        None,
        "",
    ]


@given(value=PLAIN)
def test_what_a_writer_of_yaml_writes_is_read_back(value: object, tmp_path_factory: pytest.TempPathFactory) -> None:
    text = yaml.safe_dump(value, allow_unicode=True)
    assert read(tmp_path_factory.getbasetemp(), text) == value


@pytest.mark.parametrize(
    "text", ["a: &x 1\nb: *x", "a: 1\na: 2", "{[1]: 2}", "a: [", "a: b: c", "{a: 2026-02-31}", "\tx: 1"]
)
def test_what_cannot_be_trusted_to_say_what_it_seems_to_say_is_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="is not YAML"):
        read(tmp_path, text)


def test_a_file_that_is_not_there_or_not_text_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match=r"none\.yaml cannot be read"):
        read_document(tmp_path / "none.yaml")
    (tmp_path / "raw.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(Invalid, match=r"raw\.yaml is not UTF-8"):
        read_document(tmp_path / "raw.yaml")


def test_an_empty_file_holds_nothing(tmp_path: Path) -> None:
    assert read(tmp_path, "") is None
