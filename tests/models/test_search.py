"""Words: how texts are taken apart, and how what somebody typed is read. No database is needed."""

import pytest

from models.search import fold, parts, read, stem


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Initiatieven", "initiatief"),
        ("zonnepanelen", "zonnepaneel"),
        ("moskeeën", "moskee"),
        ("kinderen", "kind"),
        ("huizen", "huis"),
        ("wijkje", "wijk"),
        ("coöperaties", "cooperatie"),
        ("ﬁetsen", "FIETS"),
        ("tuintjes", "tuin"),
    ],
)
def test_words_that_belong_together_have_one_stem(one: str, other: str) -> None:
    assert stem(fold(one)) == stem(fold(other))


def test_parts_of_compounds() -> None:
    assert parts("buurtmarkt") == (stem("buurt"), stem("markt"))
    assert parts("voedselbossen")[-1] == "bos"
    assert parts("thuis") == ()
    assert parts("tuin") == ()


def test_no_more_is_read_than_counts() -> None:
    assert len(read(" ".join(f"woord{n}" for n in range(100)))) <= 12
    assert read("de het een") != []
    assert read("' \" ?") == []
