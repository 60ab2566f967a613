"""How the first stage reads a text: offsets, actors and their roles, hashed features."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scout.classify.corpus import CorpusError, read_corpus
from scout.classify.features import FEATURES
from scout.classify.hashing import END, pack, unpack, vectorise
from scout.classify.reading import READ_CHARACTERS, fold, read
from scout.classify.signs import gather


def features_of(text):
    signs = gather(read("", text))
    return {name for name, feature in FEATURES.items() if feature(signs)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("Bewoners bouwen een speeltuin.", "bewoners doen het werk", id="residents build"),
        pytest.param("Wij beginnen vrijdag in de garage.", "wij beginnen iets", id="we begin"),
        pytest.param(
            "Het hek is gebouwd door buurtbewoners.", "gedaan door bewoners", id="built by residents"
        ),
        pytest.param("Zes Needenaren rapen zwerfvuil.", "bewoners doen het werk", id="people of a town"),
        pytest.param(
            "Op initiatief van bewoners komt er een tuin.", "op initiatief van bewoners", id="initiative of"
        ),
        pytest.param(
            "De gemeente begint met de aanleg.", "de gemeente doet iets", id="the municipality begins"
        ),
        pytest.param(
            "Wij als gemeente onderhouden het bankje.", "wij als gemeente of organisatie", id="we as"
        ),
        pytest.param("Bel onze medewerkers.", "onze medewerkers of klanten", id="our staff"),
        pytest.param("Kom naar de inloopavond.", "bekendmaking of inspraak", id="official notice"),
        pytest.param("Teken de petitie!", "protest zonder eigen plan", id="petition"),
    ],
)
def test_named_features_say_who_acts(text, expected):
    assert expected in features_of(text)


@pytest.mark.parametrize(
    ("text", "absent"),
    [
        pytest.param(
            "De gemeente bouwt een speeltuin voor bewoners.", "bewoners doen het werk", id="for residents"
        ),
        pytest.param(
            "De corporatie maakt met bewoners een tuin.", "bewoners doen het werk", id="with residents"
        ),
        pytest.param(
            "Teken de petitie! Wij bouwen zelf een bad.", "protest zonder eigen plan", id="and they do it"
        ),
    ],
)
def test_half_a_clause_decides(text, absent):
    assert absent not in features_of(text)


def test_accents_quotes_and_invisible_characters_read_alike():
    plain = vectorise(*reading_and_signs("Buurtcooperatie 'De Ree' begint"))
    marked = vectorise(*reading_and_signs("Buurt\u200bcoo\u0308peratie ‘De Reé’ be\u00adgint"))

    assert list(plain.indices) == list(marked.indices)


def reading_and_signs(text):
    reading = read("", text)
    return reading, gather(reading)


def test_mark_up_is_not_read():
    assert fold("<p>Wij&nbsp;beginnen</p>")[0].split() == ["wij", "beginnen"]


@given(st.text(max_size=400), st.text(max_size=60))
def test_offsets_point_at_the_words_of_the_text_itself(text, title):
    reading = read(title, text)

    for token in reading.tokens:
        assert 0 <= token.start < token.end <= len(reading.text)
        if token.word[0] != "0":
            assert fold(reading.text[token.start : token.end])[0] == token.word


@given(st.text(max_size=300))
def test_packed_features_come_back_as_they_were(text):
    vector = vectorise(*reading_and_signs(text))

    again = unpack(pack(vector))

    assert list(again.indices) == list(vector.indices)
    assert list(again.counts) == list(vector.counts)
    assert sorted(set(vector.indices.tolist())) == vector.indices.tolist()
    assert not len(vector.indices) or int(vector.indices[-1]) < END


def test_bytes_that_are_no_features_are_refused():
    with pytest.raises(ValueError, match="not packed features"):
        unpack(b"something else")


def test_only_the_beginning_of_a_very_long_text_is_read():
    assert len(read("", "wij bouwen " * 100_000).text) == READ_CHARACTERS


def test_minimal_sets_are_never_split():
    groups = {example.id: example.group for example in read_corpus()}

    assert groups["pair-0001a"] == groups["pair-0001b"] == groups["pair-0001c"]
    assert groups["pair-0001a"] != groups["pair-0002a"]
    assert groups["stream-0001"] != groups["stream-0002"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        pytest.param("{", "line 1: not JSON", id="not JSON"),
        pytest.param('{"id": "a", "title": "", "label": "other"}', "needs 'text'", id="no text"),
        pytest.param(
            '{"id": "a", "title": "", "text": "x", "label": "maybe"}', "label must be", id="unknown label"
        ),
        pytest.param(
            '{"id": "a", "title": "", "text": "x", "label": "other"}', "both labels", id="one label"
        ),
    ],
)
def test_a_mistake_in_the_corpus_is_named(tmp_path, line, message):
    (tmp_path / "own.jsonl").write_text(line + "\n", "utf-8")

    with pytest.raises(CorpusError, match=message):
        read_corpus(tmp_path)
