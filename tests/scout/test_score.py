"""``scout score``: JSON lines in, JSON lines out."""

import json
import random

import pytest

from scout.classify import evaluate_lines, pipeline, score_lines

GARDEN = {
    "id": "a",
    "title": "Van container tot courgette",
    "text": "ARNHEM - Bewoners van Presikhaaf zijn hier zelf een moestuin begonnen. Wie helpt mee?",
    "kind": "news",
}
NOTICE = {
    "id": "b",
    "title": "Inloopavond herinrichting plein",
    "text": "De gemeente Arnhem legt het ontwerp ter inzage. Reageren kan met het formulier.",
    "kind": "site",
}
PANELS = {
    "id": "c",
    "title": "Zonnedak van de buurt",
    "text": "ARNHEM - Bewoners richten zelf een energiecoöperatie op en leggen zonnepanelen op de sporthal.",
}
KEYS = ["id", "score", "flagged", "theme", "municipality", "municipality_name", "places", "evidence"]


def score(settings, lines):
    written, warned = [], []
    fine = score_lines(settings, lines, written.append, warned.append)
    assert all(line.endswith("\n") for line in written)
    return [json.loads(line) for line in written], warned, fine


def lines_of(*rows):
    return [json.dumps(row, ensure_ascii=False).encode() for row in rows]


def test_each_line_gets_what_was_promised(trained):
    (garden, notice), warned, fine = score(trained, lines_of(GARDEN, NOTICE))

    assert fine
    assert not warned
    assert list(garden) == KEYS
    assert (garden["id"], notice["id"]) == ("a", "b")
    assert garden["flagged"] is True
    assert notice["flagged"] is False
    assert 0 <= notice["score"] < garden["score"] <= 1
    assert garden["theme"] in {"groen", "voedsel"}
    assert (garden["municipality"], garden["municipality_name"]) == ("GM0202", "Arnhem")
    whole = GARDEN["title"] + "\n" + GARDEN["text"]
    assert garden["evidence"]
    for piece in garden["evidence"]:
        assert list(piece) == ["text", "start", "end", "weight"]
        assert whole[piece["start"] : piece["end"]] == piece["text"]
    assert garden["places"]
    for place in garden["places"]:
        assert list(place) == ["name", "code", "kind", "start", "end"]
        assert 0 <= place["start"] < place["end"] <= len(whole)


def test_where_nothing_can_be_kept_it_scores_all_the_same(trained, tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    closed = trained.model_copy(update={"var": tmp_path / "file" / "var"})
    trains = pipeline.ensure_model

    def with_the_model_of_another_folder(settings, **how):
        return trains(closed if settings is closed else trained, **how)

    monkeypatch.setattr(pipeline, "ensure_model", with_the_model_of_another_folder)

    (garden,), (warned,), fine = score(closed, lines_of(GARDEN))

    assert fine
    assert garden["flagged"] is True
    assert "can't be kept" in warned


def test_other_keys_are_never_read(trained):
    misleading = {
        **NOTICE,
        "label": "initiative",
        "municipality": "Urk",
        "source_url": GARDEN["text"],
        "score": 1,
    }

    (plain,), _, _ = score(trained, lines_of(NOTICE))
    (other,), _, _ = score(trained, lines_of(misleading))

    assert other == plain


def test_neither_kind_nor_company_changes_a_score(trained):
    """What a text is scored does not depend on its kind, nor on what else is in the file."""
    others = [{"id": n, "title": "", "text": f"Bericht {n} over de {'buurt' * (n % 7)}"} for n in range(300)]
    mixed = [*others, {**GARDEN, "kind": "social"}]
    random.Random(1).shuffle(mixed)

    (alone,), _, _ = score(trained, lines_of(GARDEN))
    together, _, _ = score(trained, lines_of(*mixed))

    assert [row["id"] for row in together] == [row["id"] for row in mixed]
    assert next(row for row in together if row["id"] == "a") == alone


@pytest.mark.parametrize("name", ["x", "", 0, 12, 1.5, True, None, "é🙂"])
def test_every_plain_id_comes_back(trained, name):
    (row,), _, fine = score(trained, lines_of({"id": name, "title": "", "text": "Hallo buurt"}))

    assert fine
    assert row["id"] == name


@pytest.mark.parametrize("row", [{"title": None}, {"title": ""}, {}, {"text": None}, {"text": ""}])
def test_title_or_text_may_be_missing(trained, row):
    given = {"id": 1, "title": "Wij beginnen", "text": "Wij beginnen een buurttuin"}
    if row == {}:
        del given["title"]
    given.update(row)

    (scored,), warned, fine = score(trained, lines_of(given))

    assert fine, warned
    assert scored["id"] == 1


@pytest.mark.parametrize(
    ("line", "why"),
    [
        pytest.param(b"{", "not JSON", id="not JSON"),
        pytest.param(b"[1]", "not an object", id="a list"),
        pytest.param(b'"text"', "not an object", id="a string"),
        pytest.param(b'{"id": 1}', "neither title nor text", id="nothing to score"),
        pytest.param(b'{"text": "a"}', "needs an id", id="no id"),
        pytest.param(b'{"id": [1], "text": "a"}', "needs an id", id="id is a list"),
        pytest.param(b'{"id": NaN, "text": "a"}', "not JSON", id="id is no number"),
        pytest.param(b'{"id": 1, "text": 5}', "text is not a string", id="text is a number"),
        pytest.param(b'{"id": 1, "text": "\xff"}', "not UTF-8", id="not UTF-8"),
        pytest.param(b"[" * 100_000, "not JSON", id="too deep"),
    ],
)
def test_a_bad_line_is_named_with_its_number_and_skipped(trained, line, why):
    rows, warned, fine = score(trained, [*lines_of(GARDEN), b"", line, *lines_of(NOTICE)])

    assert [row["id"] for row in rows] == ["a", "b"]
    assert not fine
    (warning,) = warned
    assert warning.startswith("line 3: ")
    assert why in warning


ODD = {
    "empty": "",
    "a megabyte": "Bewoners beginnen samen een buurttuin. " * 27_000,
    "no spaces": "bewonersbeginneneentuin" * 40_000,
    "only emoji": "🙂🧑‍🌾🇳🇱" * 3_000,
    "other scripts": "居民开始了一个花园 жители начали сад السكان بدأوا حديقة " * 50,
    "HTML left over": "<div class='x'><p>Wij&nbsp;beginnen</p><script>alert(1)</script>" * 200,
    "unclosed tag": "<" * 30_000,
    "zero width": "be\u200bwo\u200cners\ufeff be\u00adginnen\u2060 een tuin",
    "combining": "e" + "\u0301" * 5_000,
    "lone surrogate": "wij \ud83d beginnen \udc00",
    "control": "wij\x00beginnen\x07\x1b[2J",
    "only marks": ".,;:!?()\"'«»—" * 2_000,
    "right to left": "\u202ewij beginnen\u202c",
    "spaces": " \n\t\u3000" * 5_000,
    "digits": "0" * 50_000,
}


@pytest.mark.parametrize("text", ODD.values(), ids=ODD.keys())
def test_odd_input_never_breaks_it(trained, text):
    rows, warned, fine = score(
        trained,
        [json.dumps({"id": 1, "title": "", "text": text}), json.dumps({"id": 2, "title": text, "text": ""})],
    )

    assert fine, warned
    assert [row["id"] for row in rows] == [1, 2]
    for row in rows:
        assert 0 <= row["score"] <= 1


def test_text_without_a_word_is_not_flagged(trained):
    rows, _, _ = score(
        trained, lines_of(*({"id": n, "text": text} for n, text in enumerate(["", "🙂🙂", "?!"])))
    )

    assert [(row["flagged"], row["theme"]) for row in rows] == [(False, None)] * 3


def test_flagged_is_a_score_at_or_above_the_threshold_of_the_model(trained):
    from scout.classify import model_card

    threshold = model_card(trained)["threshold"]
    rows, _, _ = score(trained, lines_of(GARDEN, NOTICE, {"id": 3, "text": "Wij doen mee met de buurt"}))

    assert [row["flagged"] for row in rows] == [row["score"] >= threshold for row in rows]


def evaluated(settings, *rows):
    warned = []
    return evaluate_lines(settings, lines_of(*rows), warn=warned.append), warned


def test_evaluate_counts_recognition_theme_and_location(trained):
    report, warned = evaluated(
        trained,
        {**PANELS, "label": "initiative", "municipality": "Arnhem", "theme": "energie", "hard": False},
        {**NOTICE, "label": "other", "municipality": "GM0202", "hard": True},
        {"id": 3, "title": "", "text": "Morgen regen.", "label": "other", "municipality": "", "kind": "news"},
    )

    figures = report.as_dict()
    assert report.fine
    assert not warned
    assert figures["recognition"]["average_precision"] == 1.0
    assert (figures["recognition"]["hits"], figures["recognition"]["missed"]) == (1, 0)
    assert figures["theme"] == {**figures["theme"], "texts": 1, "right": 1}
    location = figures["location"]
    assert (location["determined"], location["right"], location["undetermined"], location["guessed"]) == (
        2,
        2,
        1,
        0,
    )
    assert set(figures["breakdown"]["difficulty"]) == {"hard", "plain"}
    assert json.dumps(figures)
    text = report.as_text()
    assert "difficulty hard" in text
    assert "location: right 2" in text


def test_evaluate_names_bad_lines_and_goes_on(trained):
    report, warned = evaluated(
        trained,
        {**GARDEN, "label": "initiative"},
        {**NOTICE, "label": "no"},
        {**NOTICE, "label": "other", "municipality": "Nergenshuizen"},
        {**NOTICE, "label": "other"},
    )

    assert not report.fine
    assert report.as_dict()["recognition"]["texts"] == 2
    assert [warning.split(":")[0] for warning in warned] == ["line 2", "line 3"]


def test_evaluate_without_a_usable_line_still_answers(trained):
    report, _ = evaluated(trained)

    assert report.as_dict()["recognition"]["texts"] == 0
    assert report.as_text()


def test_evaluate_says_when_texts_were_trained_on(trained):
    from scout.classify.corpus import read_corpus

    known = read_corpus()[0]
    _, warned = evaluated(
        trained, {"id": known.id, "title": known.title, "text": known.text, "label": "other"}
    )

    assert "1 of 1 texts were trained on" in warned[0]
