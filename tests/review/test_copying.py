"""Own words or copied ones: the decision, without pages."""

from hypothesis import given, settings
from hypothesis import strategies as st

from models.shingles import shingle_hashes
from models.store.copying import ALLOWED, copied_by_shingles, copied_passage, plain

SOURCE = " ".join(f"Zin {number} gaat over iets anders dan zin {number + 1}." for number in range(40))
SECRET = b"alleen voor proeven"


def test_150_characters_in_a_row_may_be_the_same_and_one_more_may_not() -> None:
    source = plain(SOURCE)
    start = source.index("zin 7")

    assert copied_passage(f"x{source[start : start + ALLOWED]}x", [SOURCE]) is None
    assert copied_passage(f"x{source[start : start + ALLOWED + 1]}x", [SOURCE]) == source[start : start + 151]


def test_case_spaces_line_ends_and_sorts_of_quotes_do_not_hide_a_copy() -> None:
    source = "‘Wij doen dit zelf’, zegt men in de straat – al jaren. " * 4
    copied = source.upper().replace(" ", "\n  ").replace("‘", "'").replace("’", "'").replace("–", "-")

    assert copied_passage(copied, [source]) is not None


@given(own=st.text(max_size=400), source=st.text(max_size=400))
@settings(max_examples=50)
def test_short_texts_are_never_copied_and_a_text_within_its_source_always_is(own: str, source: str) -> None:
    assert copied_passage(own[:ALLOWED], [own]) is None or len(plain(own[:ALLOWED])) > ALLOWED
    if len(plain(own)) > ALLOWED:
        assert copied_passage(own, [source + own]) is not None


def test_hashed_shingles_tell_a_copy_from_own_words() -> None:
    known = shingle_hashes(SECRET, SOURCE)

    assert copied_by_shingles(SECRET, f"Mooi: {SOURCE[100:300]}", known) is not None
    assert copied_by_shingles(SECRET, f"Mooi: {SOURCE[100:240]}", known) is None
    assert copied_by_shingles(SECRET, "Bewoners schreven dit helemaal zelf. " * 10, known) is None
