"""Which phrases carried a score, and the snippet that shows it."""

import unicodedata

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from models.settings import load_settings
from scout.classify.evidence import SNIPPET, explain, safe_cut
from scout.classify.features import FEATURES
from scout.classify.hashing import vectorise
from scout.classify.model import load_model
from scout.classify.reading import read
from scout.classify.signs import gather

TEXT = (
    "ARNHEM - Vorig jaar stonden er nog containers op het terrein achter de flat, zegt een voorbijganger. "
    "Het regende zaterdag flink en de markt ging niet door. Een groep bewoners van de Honigkamp is er zelf "
    "een moestuin begonnen en zoekt nog vrijwilligers. De weersverwachting voor volgende week is beter. "
    "Op de snelweg stond daardoor een lange file."
)


@pytest.fixture(scope="module")
def model(model_folder):
    return load_model(load_settings(var=model_folder.parent))


def evidence_of(model, text, title=""):
    reading = read(title, text)
    signs = gather(reading)
    row = model.space.row(vectorise(reading, signs))
    return reading, explain(model, reading, signs, row)


def test_phrases_are_pieces_of_the_text(model):
    reading, evidence = evidence_of(model, TEXT, title="Van container tot courgette")

    assert evidence.phrases
    for phrase in evidence.phrases:
        assert reading.text[phrase.start : phrase.end] == phrase.text
        assert phrase.weight > 0
    assert [phrase.weight for phrase in evidence.phrases] == sorted(
        (phrase.weight for phrase in evidence.phrases), reverse=True
    )


def test_the_snippet_is_the_passage_that_justifies_the_flag(model):
    _, evidence = evidence_of(model, TEXT)

    assert "bewoners van de Honigkamp is er zelf een moestuin begonnen" in evidence.snippet.text
    assert len(evidence.snippet.text) <= SNIPPET


def test_reasons_are_named_features_at_their_place_in_the_snippet(model):
    _, evidence = evidence_of(model, TEXT)
    snippet = evidence.snippet

    named = [reason for reason in snippet.reasons if reason.reason in FEATURES]
    assert named
    for reason in snippet.reasons:
        if reason.start is not None:
            assert 0 <= reason.start < reason.end <= len(snippet.text)
    assert "begonnen" in " ".join(
        snippet.text[reason.start : reason.end] for reason in snippet.reasons if reason.start is not None
    )


def test_a_short_text_is_shown_whole_and_a_title_only_without_text(model):
    _, short = evidence_of(model, "  Wij bouwen zaterdag een speeltuin. Help je mee?  ", title="Speeltuin")
    _, title_only = evidence_of(model, "", title="Wij bouwen een speeltuin")

    assert short.snippet.text == "Wij bouwen zaterdag een speeltuin. Help je mee?"
    assert title_only.snippet.text == "Wij bouwen een speeltuin"


PIECES = st.sampled_from(
    [
        "wij bouwen",
        "bewoners beginnen een tuin",
        "🧑‍🌾",
        "👍🏽",
        "e\u0301e\u0301n",
        "🇳🇱",
        "\n",
        " ",
        ". ",
        "«",
        "x" * 200,
        "\u200b",
        "ا",
        "漢字",
        "0",
    ]
)


@hypothesis_settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150
)
@given(pieces=st.lists(PIECES | st.text(max_size=20), max_size=60), title=st.text(max_size=40))
def test_a_snippet_is_never_longer_than_150_characters_and_always_from_the_text(model, pieces, title):
    reading, evidence = evidence_of(model, "".join(pieces), title=title)
    snippet = evidence.snippet

    assert len(snippet.text) <= 150
    assert reading.text[snippet.start :].replace("\n", " ").startswith(snippet.text)
    end = snippet.start + len(snippet.text)
    if snippet.text and end < len(reading.text):
        assert not unicodedata.category(reading.text[end]).startswith("M") or len(set(snippet.text)) == 1
    for reason in snippet.reasons:
        if reason.start is not None:
            assert 0 <= reason.start < reason.end <= len(snippet.text)


@pytest.mark.parametrize("letters", range(1, 12))
def test_a_long_sentence_is_cut_at_a_word_and_within_150_characters(model, letters):
    _, evidence = evidence_of(model, " ".join(["b" * letters] * 300))

    assert 0 < len(evidence.snippet.text) <= 150
    assert set(evidence.snippet.text.split()) == {"b" * letters}


@pytest.mark.parametrize(
    "whole",
    ["👩‍👩‍👧", "👍🏽", "🇳🇱", "e\u0301", "❤️"],
    ids=["family", "skin tone", "flag", "accent", "variation"],
)
def test_a_cut_never_splits_a_character_with_its_marks(whole):
    text = "a" * 149 + whole + "b" * 50

    assert safe_cut(text, 0, 150) == 149
