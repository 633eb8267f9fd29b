"""Times as a person reads them, in Oslo's time, each inside a `<time>` that a machine can read."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_timedelta
from babel.numbers import format_decimal
from markupsafe import Markup

from forkant_shared.web.language import LOCALES

OSLO = ZoneInfo("Europe/Oslo")
_LONG = {"nb": "EEEE d. MMM{year} 'kl.' HH.mm", "en": "EEEE d MMM{year} 'at' HH:mm"}
_SHORT = {"nb": "d. MMM 'kl.' HH.mm", "en": "d MMM HH:mm"}
_CLOCK = {"nb": "HH.mm", "en": "HH:mm"}
_DAY = {"nb": "EEEE d. MMMM y", "en": "EEEE d MMMM y"}


def as_text(at: datetime, now: datetime, language: str) -> str:
    """`mandag 23. nov. kl. 21.40`; the year is said when it is not this one. `at` must be aware."""
    local = at.astimezone(OSLO)
    year = "" if local.year == now.astimezone(OSLO).year else " y"
    return format_datetime(local, _LONG[language].format(year=year), tzinfo=OSLO, locale=LOCALES[language])


def local_time(at: datetime, now: datetime, language: str) -> Markup:
    """The whole moment: weekday, day and clock."""
    return _time(at, as_text(at, now, language))


def short_time(at: datetime, language: str) -> Markup:
    """`23. nov. kl. 21.40`, for tables."""
    return _time(at, format_datetime(at.astimezone(OSLO), _SHORT[language], tzinfo=OSLO, locale=LOCALES[language]))


def clock_time(at: datetime, language: str) -> Markup:
    """`21.40`, where the day is said already."""
    return _time(at, format_datetime(at.astimezone(OSLO), _CLOCK[language], tzinfo=OSLO, locale=LOCALES[language]))


def local_date(day: date, language: str) -> Markup:
    """`mandag 23. november 2026`; an aware datetime counts as its day in Oslo."""
    if isinstance(day, datetime):
        day = day.astimezone(OSLO).date()
    text = format_date(day, _DAY[language], locale=LOCALES[language])
    return Markup('<time datetime="{}">{}</time>').format(day.isoformat(), text)


def relative_time(at: datetime, now: datetime, language: str) -> Markup:
    """`for 3 minutter siden`, kept fresh by forkant.js; the whole moment stands in the title."""
    text = format_timedelta(at - now, add_direction=True, threshold=1, locale=LOCALES[language])
    return Markup('<time datetime="{}" title="{}" data-relative>{}</time>').format(
        _iso(at), as_text(at, now, language), text
    )


def countdown(at: datetime, now: datetime) -> Markup:
    """`4:05` until then, counted down by forkant.js; `0:00` when it has passed."""
    return Markup('<time datetime="{}" class="fk-countdown" data-countdown>{}</time>').format(
        _iso(at), minutes_and_seconds(at - now)
    )


def minutes_and_seconds(left: timedelta) -> str:
    """`1:02:03` or `4:05`; never below zero."""
    seconds = max(0, round(left.total_seconds()))
    hours, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def number(value: float, digits: int, language: str, *, signed: bool = False) -> str:
    """`0,937`; with `signed` also `+2,31` and `−0,40`."""
    pattern = "0." + "0" * digits if digits else "0"
    text = format_decimal(abs(value), format=pattern, locale=LOCALES[language])
    if value < 0 and float(f"{value:.{digits}f}") != 0:
        return f"−{text}"
    return f"+{text}" if signed else text


def _time(at: datetime, text: str) -> Markup:
    return Markup('<time datetime="{}">{}</time>').format(_iso(at), text)


def _iso(at: datetime) -> str:
    if at.tzinfo is None:
        raise ValueError("a moment on a page must say its zone")
    return at.astimezone(UTC).isoformat(timespec="seconds")
