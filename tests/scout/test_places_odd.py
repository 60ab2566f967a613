"""Odd texts never break the gazetteer, and none makes it crawl."""

import pytest

from scout.places import place

MEGABYTE = 1_000_000


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("🏡" * 1000, id="only emoji"),
        pytest.param("Αθήνα και Πάτρα " * 100, id="Greek"),
        pytest.param("東京都と大阪府 " * 100, id="Japanese"),
        pytest.param("<p class='x'>&amp;nbsp;</p>" * 100, id="left-overs of HTML"),
        pytest.param("Arn\u200bhem\u00ad", id="zero-width"),
        pytest.param("\ud800 kapot", id="half a surrogate pair"),
        pytest.param("\x00\x01", id="control characters"),
    ],
)
def test_texts_without_places_determine_nothing(text):
    placed = place(text, text)

    assert placed.location.municipality_code is None
    assert placed.places == ()


# A megabyte of each took at most seconds; a loop that is quadratic in any of them would take hours,
# so that the suite itself tells (it has a time limit of its own).
@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param("Arnhem" * (MEGABYTE // 6), None, id="no spaces"),
        pytest.param("#" + "a" * MEGABYTE, None, id="one endless tag"),
        pytest.param("(" * MEGABYTE, None, id="brackets"),
        pytest.param("in Amsterdam, Bergen en Beek " * (MEGABYTE // 28), "GM0363", id="ambiguous names"),
        pytest.param("#arnhem " * (MEGABYTE // 8), "GM0202", id="tags"),
        pytest.param("VELP - " * (MEGABYTE // 7), "GM0275", id="datelines"),
    ],
)
def test_a_megabyte_is_read(text, code):
    assert place("", text).location.municipality_code == code
