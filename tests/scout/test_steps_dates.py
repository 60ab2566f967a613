"""Dates as sources write them."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scout.steps.dates import parse

#: A Saturday in winter, 15:00 in Amsterdam.
NOW = datetime(2026, 11, 21, 14, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("raw", "expected", "confidence"),
    [
        # -- with a zone
        pytest.param("Tue, 03 Mar 2026 14:05:00 +0100", "2026-03-03T13:05", 1.0, id="RFC 822"),
        pytest.param("Tue, 03 Mar 2026 14:05:00 GMT", "2026-03-03T14:05", 1.0, id="GMT"),
        pytest.param("Tue, 3 Mar 2026 14:05 EST", "2026-03-03T19:05", 1.0, id="EST, without seconds"),
        pytest.param("Wed, 01 Jul 2026 14:05:00 CEST", "2026-07-01T12:05", 1.0, id="CEST is two hours ahead"),
        pytest.param("Tue, 03 Mar 2026 14:05:00 CET", "2026-03-03T13:05", 1.0, id="CET is one hour ahead"),
        pytest.param(
            "Wed, 01 Jul 2026 14:05:00 CET", "2026-07-01T12:05", 1.0, id="CET in summer: wall clock"
        ),
        pytest.param(
            "Sun, 25 Oct 2026 02:30:00 CEST", "2026-10-25T00:30", 1.0, id="first of two half past two"
        ),
        pytest.param(
            "Sun, 25 Oct 2026 02:30:00 CET", "2026-10-25T01:30", 1.0, id="second of two half past two"
        ),
        pytest.param("di, 03 mrt 2026 14:05:00 +0100", "2026-03-03T13:05", 1.0, id="RFC 822 in Dutch"),
        pytest.param("Tue, 03 Mar 2026 14:05:00 +0100 (CET)", "2026-03-03T13:05", 1.0, id="comment behind"),
        pytest.param("2026-03-03T14:05:00Z", "2026-03-03T14:05", 1.0, id="ISO in UTC"),
        pytest.param("2026-03-03T14:05:00.123+01:00", "2026-03-03T13:05", 1.0, id="ISO with offset"),
        pytest.param("20260303T140500Z", "2026-03-03T14:05", 1.0, id="compact ISO"),
        pytest.param("Tue Mar  3 14:05:00 CET 2026", "2026-03-03T13:05", 1.0, id="Unix date"),
        # -- without a zone: Amsterdam
        pytest.param("2026-03-03T14:05:00", "2026-03-03T13:05", 0.9, id="ISO without offset, winter"),
        pytest.param("2026-07-03T14:05:00", "2026-07-03T12:05", 0.9, id="ISO without offset, summer"),
        pytest.param("2026-03-29 02:30", "2026-03-29T01:30", 0.9, id="an hour that did not exist"),
        pytest.param("20260303140500", "2026-03-03T13:05", 0.9, id="fourteen digits"),
        pytest.param("maandag 2 maart 2026 om 14.05 uur", "2026-03-02T13:05", 0.9, id="Dutch in full"),
        pytest.param("ma 2 mrt. 2026, 14:05", "2026-03-02T13:05", 0.9, id="Dutch abbreviated"),
        pytest.param("2 maart 2026 14u05", "2026-03-02T13:05", 0.9, id="Belgian time"),
        pytest.param("2 maart 2026 om 14 uur", "2026-03-02T13:00", 0.9, id="whole hour"),
        pytest.param("March 3, 2026 2:05 pm", "2026-03-03T13:05", 0.9, id="American"),
        pytest.param("2026-03-03T24:00:00", "2026-03-03T23:00", 0.9, id="midnight at the end"),
        # -- seconds since 1970
        pytest.param("1772546700", "2026-03-03T14:05", 0.9, id="seconds"),
        pytest.param("1772546700000", "2026-03-03T14:05", 0.9, id="milliseconds"),
        # -- a day only: midnight in Amsterdam
        pytest.param("12-05-2026", "2026-05-11T22:00", 0.8, id="day first, dashes"),
        pytest.param("12/5/2026", "2026-05-11T22:00", 0.8, id="day first, slashes"),
        pytest.param("2026/5/12", "2026-05-11T22:00", 0.8, id="year first, slashes"),
        pytest.param("2026-03-03", "2026-03-02T23:00", 0.8, id="ISO day"),
        pytest.param("20260303", "2026-03-02T23:00", 0.8, id="eight digits"),
        pytest.param("3 maart 2026", "2026-03-02T23:00", 0.8, id="Dutch month"),
        pytest.param("3-mrt-2026", "2026-03-02T23:00", 0.8, id="Dutch month with dashes"),
        pytest.param("3e maart 2026", "2026-03-02T23:00", 0.8, id="ordinal"),
        pytest.param("Geplaatst op: 3 maart 2026", "2026-03-02T23:00", 0.8, id="label before"),
        pytest.param("3 maaie 2026", "2026-05-02T22:00", 0.8, id="Frisian month"),
        # -- less sure
        pytest.param("12-5-26", "2026-05-11T22:00", 0.6, id="two digits of the year"),
        pytest.param("05/13/2026", "2026-05-12T22:00", 0.4, id="can only be month first"),
        pytest.param("30 december", "2025-12-29T23:00", 0.4, id="no year: the last one there was"),
        pytest.param("3. März 2026", "2026-03-02T23:00", 0.4, id="German month"),
        pytest.param("2026-03", "2026-02-28T23:00", 0.3, id="month only"),
        # -- relative
        pytest.param("3 uur geleden", "2026-11-21T11:00", 0.5, id="hours ago"),
        pytest.param("een uur geleden", "2026-11-21T13:00", 0.5, id="an hour ago"),
        pytest.param("2 dagen geleden", "2026-11-19T14:00", 0.5, id="days ago"),
        pytest.param("gisteren 14:05", "2026-11-20T13:05", 0.5, id="yesterday"),
        pytest.param("vandaag om 14.05 uur", "2026-11-21T13:05", 0.5, id="today"),
        pytest.param("zojuist", "2026-11-21T14:00", 0.5, id="just now"),
    ],
)
def test_a_date_is_understood(raw: str, expected: str, confidence: float) -> None:
    found = parse(raw, now=NOW)

    assert found.at is not None
    assert (found.at.isoformat()[:16], found.at.utcoffset(), found.confidence) == (
        expected,
        UTC.utcoffset(None),
        confidence,
    )
    assert found.raw == raw


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param("", id="nothing"),
        pytest.param("nieuws", id="a word"),
        pytest.param("12", id="a number"),
        pytest.param("2026", id="a year"),
        pytest.param("31-02-2026", id="a day that does not exist"),
        pytest.param("0000-00-00 00:00:00", id="zeros"),
        pytest.param("9999-12-31", id="the year 9999"),
        pytest.param("1970-01-01T00:00:00Z", id="the beginning of time"),
        pytest.param("1-1-1994", id="before the web"),
        pytest.param("3 maart 2027", id="next year"),
        pytest.param("Mon, 23 Nov 2026 09:00:00 +0100", id="two days ahead"),
        pytest.param("over 3 dagen", id="in three days"),
        pytest.param("99999999999999999999", id="too many digits"),
        pytest.param("Tue, 03 Mar 2026 14:05:00 QQQ", id="a zone that is none"),
    ],
)
def test_what_is_no_credible_date_is_none_and_keeps_its_words(raw: str) -> None:
    found = parse(raw, now=NOW)

    assert (found.at, found.confidence, found.raw) == (None, 0.0, raw)


def test_a_little_ahead_is_a_clock_that_runs_fast_and_becomes_now() -> None:
    found = parse("Sun, 22 Nov 2026 09:00:00 +0100", now=NOW)

    assert (found.at, found.confidence) == (NOW, 0.5)


def test_another_zone_may_be_the_default() -> None:
    found = parse("2026-03-03T14:05:00", now=NOW, default_zone="UTC")

    assert found.at == datetime(2026, 3, 3, 14, 5, tzinfo=UTC)


def test_the_words_are_kept_within_bounds() -> None:
    assert len(parse("x" * 5000, now=NOW).raw) == 200


@settings(deadline=None)
@given(st.text(alphabet="0123456789-/.:TZ+ amrtuc,", max_size=30))
def test_no_text_gives_a_date_in_the_future(raw: str) -> None:
    found = parse(raw, now=NOW)

    assert found.at is None or found.at <= NOW
