"""What pages are made of: times, drawings, texts and the files from others."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forkant_shared.access import load
from forkant_shared.identity import Principal
from forkant_shared.web import catalogue, charts, missing_translations, times
from forkant_shared.web.messages import main
from forkant_shared.web.navigation import DOORS, doors

WEB = Path(times.__file__).parent
NOW = datetime(2026, 11, 23, 20, 45, tzinfo=UTC)
SHARES = st.floats(-6, 6, allow_nan=False)
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))


# ---------- Times ----------


def test_a_moment_is_told_in_oslo_with_weekday() -> None:
    at = datetime(2026, 11, 23, 20, 40, tzinfo=UTC)
    assert times.as_text(at, NOW, "nb") == "mandag 23. nov. kl. 21.40"
    assert times.as_text(at, NOW, "en") == "Monday 23 Nov at 21:40"


def test_summer_time_and_another_year_are_told() -> None:
    at = datetime(2025, 7, 1, 20, 40, tzinfo=UTC)
    assert times.as_text(at, NOW, "nb") == "tirsdag 1. juli 2025 kl. 22.40"


def test_the_year_is_that_of_oslo() -> None:
    new_year = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    assert "2027" in times.as_text(new_year, NOW, "nb")


def test_a_moment_can_be_read_by_machines() -> None:
    drawn = times.short_time(datetime(2026, 11, 23, 20, 40, tzinfo=UTC), "nb")
    assert drawn == '<time datetime="2026-11-23T20:40:00+00:00">23. nov. kl. 21.40</time>'


def test_a_moment_without_zone_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="zone"):
        times.local_time(datetime(2026, 11, 23), NOW, "nb")


def test_a_late_evening_belongs_to_its_day_in_oslo() -> None:
    assert "tirsdag 24. november 2026" in times.local_date(datetime(2026, 11, 23, 23, 30, tzinfo=UTC), "nb")
    assert "Tuesday 24 November 2026" in times.local_date(date(2026, 11, 24), "en")


@pytest.mark.parametrize(
    ("ago", "nb", "en"),
    [
        (timedelta(minutes=3), "for 3 minutter siden", "3 minutes ago"),
        (timedelta(hours=-2), "om 2 timer", "in 2 hours"),
        (timedelta(days=1), "for 1 døgn siden", "1 day ago"),
    ],
)
def test_how_long_ago(ago: timedelta, nb: str, en: str) -> None:
    assert nb in times.relative_time(NOW - ago, NOW, "nb")
    assert en in times.relative_time(NOW - ago, NOW, "en")


@pytest.mark.parametrize(("left", "text"), [(245, "4:05"), (59, "0:59"), (0, "0:00"), (-5, "0:00"), (3723, "1:02:03")])
def test_a_countdown_ends_at_zero(left: int, text: str) -> None:
    assert f">{text}</time>" in times.countdown(NOW + timedelta(seconds=left), NOW)


def test_figures_are_written_as_the_language_writes_them() -> None:
    assert times.number(0.937, 3, "nb") == "0,937"
    assert times.number(0.937, 3, "en") == "0.937"
    assert times.number(2.305, 1, "nb", signed=True) == "+2,3"
    assert times.number(-0.4, 2, "nb", signed=True) == "−0,40"
    assert times.number(-0.001, 2, "nb") == "0,00"


# ---------- Drawings ----------


@given(st.floats(0.01, 0.99), st.lists(SHARES, max_size=8))
def test_a_waterfall_ends_where_its_steps_lead_and_stays_in_its_box(start: float, shares: list[float]) -> None:
    drawn = charts.waterfall(start, [{"label": "x", "share": share} for share in shares], [("HIGH", 0.6)])
    assert drawn.index == pytest.approx(charts.index_of(charts.log_odds(start) + sum(shares)))
    at = drawn.start
    for step in drawn.steps:
        assert step.x >= 0 and step.x + step.width <= charts.WIDTH + 2
        assert min(abs(step.x - at), abs(step.x + step.width - at)) <= 2.1
        at = step.end
    assert at == pytest.approx(drawn.end, abs=0.2)


def test_a_borders_place_is_where_the_index_crosses_it() -> None:
    share = charts.log_odds(0.6) - charts.log_odds(0.02)
    drawn = charts.waterfall(0.02, [{"label": "x", "share": share}], [("HIGH", 0.6)])
    assert drawn.borders == (("HIGH", drawn.end),)
    assert drawn.steps[0].sign == "up"


@given(st.lists(MOMENTS, max_size=6), st.lists(st.tuples(MOMENTS, st.floats(0, 1)), max_size=6))
def test_a_time_axis_keeps_order_and_stays_in_its_box(
    moments: list[datetime], points: list[tuple[datetime, float]]
) -> None:
    axis = charts.time_axis([{"at": at, "title": "x"} for at in moments], points)
    assert [dot.event["at"] for dot in axis.dots] == sorted(moments)
    assert all(0 <= dot.x <= charts.WIDTH and 0 <= dot.y <= charts.HEIGHT for dot in axis.dots)
    assert [dot.x for dot in axis.dots] == sorted(dot.x for dot in axis.dots)
    for corner in axis.line.split():
        x, y = map(float, corner.split(","))
        assert 0 <= x <= charts.WIDTH and 0 <= y <= charts.HEIGHT


def test_an_index_holds_until_the_next_assessment() -> None:
    day = timedelta(days=1)
    axis = charts.time_axis([{"at": NOW, "title": "x"}], [(NOW - day, 0.5), (NOW, 1.0)], now=NOW + day)
    assert axis.line == "20,100 500,100 500,0 980,0"
    assert axis.dots[0].y == 0.0


# ---------- Texts ----------


def test_every_text_of_the_kit_has_its_english() -> None:
    assert missing_translations(WEB) == []


def test_the_kits_catalogue_is_in_step_with_its_texts() -> None:
    assert (WEB / "locale" / "en.po").read_text(encoding="utf-8") == catalogue.updated(WEB)


@pytest.fixture
def package(tmp_path: Path) -> Path:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "a.html").write_text('{{ _("Møte") }}{{ ngettext("%(num)d side", "%(num)d sider", 2) }}')
    (tmp_path / "pages.py").write_text('N_("Referat")\nprint("ikke dette")\nN_("Lav")\n')
    return tmp_path


def test_texts_without_english_are_named(package: Path) -> None:
    assert missing_translations(package) == ["%(num)d side", "Møte", "Referat"]


def test_updating_keeps_translations_adds_new_texts_and_drops_old_ones(
    package: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(package)]) == 1
    assert "not translated: Møte" in capsys.readouterr().out
    po = package / "locale" / "en.po"
    filled = po.read_text().replace('msgid "Møte"\nmsgstr ""', 'msgid "Møte"\nmsgstr "Meeting"')
    po.write_text(filled)
    (package / "pages.py").write_text('N_("Avtale")\n')
    main([str(package)])
    text = po.read_text()
    assert 'msgid "Møte"\nmsgstr "Meeting"' in text
    assert "Avtale" in text and "Referat" not in text and "Lav" not in text
    assert missing_translations(package) == ["%(num)d side", "Avtale"]
    assert main([str(package)]) == 1
    assert po.read_text() == text


def test_a_plural_needs_both_forms(package: Path) -> None:
    main([str(package)])
    po = package / "locale" / "en.po"
    po.write_text(po.read_text().replace('msgstr[0] ""', 'msgstr[0] "%(num)d page"'))
    assert "%(num)d side" in missing_translations(package)


def test_a_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    assert main([str(tmp_path / "none")]) == 2


# ---------- The menu ----------


def test_a_door_is_shown_to_those_it_opens_to() -> None:
    registrar = Principal("registrar", "R", "PERSON", roles=frozenset({"registrar"}))
    officer = Principal("dialogue.officer", "D", "PERSON", roles=frozenset({"dialogue.officer"}))
    assert "/meetings/" not in [to for to, _, _ in doors(registrar)]
    assert "/registry/actors" in [to for to, _, _ in doors(registrar)]
    assert "/meetings/" in [to for to, _, _ in doors(officer)]


def test_every_door_asks_for_a_right_that_somebody_has() -> None:
    asked = {action for _, _, _, action in DOORS if action is not None}
    assert asked <= set(load().grants)


# ---------- Files ----------


def test_files_from_others_are_those_named_in_sources() -> None:
    listed = dict(
        re.findall(
            r"^\| (\S+) \| @?\S+ \S+ \| \S+ \| \S+ \| ([0-9a-f]{64}) \|$",
            (WEB / "static" / "SOURCES.md").read_text(),
            re.M,
        )
    )
    assert len(listed) == 6
    for name, digest in listed.items():
        assert hashlib.sha256((WEB / "static" / name).read_bytes()).hexdigest() == digest
    ours = {"forkant.css", "forkant.js", "forkant.svg", "forkant.webmanifest", "SOURCES.md", "LICENSES.md"}
    ours |= {"icon-180.png", "icon-192.png", "icon-512.png", "icon-maskable-512.png"}
    assert {path.name for path in (WEB / "static").iterdir()} == set(listed) | ours


@pytest.mark.parametrize("path", sorted((WEB / "templates").glob("*.html")), ids=lambda path: path.name)
def test_no_template_needs_what_the_policy_forbids(path: Path) -> None:
    text = path.read_text()
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:|<script(?! nonce=)|hx-on", text)
