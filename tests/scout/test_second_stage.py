"""The second stage: an encoder is asked where it can change the outcome, and never needed."""

import itertools
import random
from dataclasses import replace

import numpy as np
import pytest

from scout.classify.blend import ASKED, Blend, blended, cross_blended, fit_blend, theme_odds
from scout.classify.corpus import read_corpus
from scout.classify.encoder import Encoder
from scout.classify.model import load_model
from scout.classify.pipeline import Recogniser, Text, score_of
from tests.scout.encoder_model import tiny_model

pytest.importorskip("onnx", reason="the test's encoder is written with onnx")


@pytest.fixture(scope="module")
def encoder(tmp_path_factory):
    """A small encoder with random weights: what it says means nothing, but always the same."""
    from scout.classify.encoder.produce import write

    folder = tmp_path_factory.mktemp("encoder")
    write(folder, tiny_model(), "0" * 16, 6, {})
    return Encoder.load(folder)


@pytest.fixture
def model(trained, encoder):
    """The product's first stage, blended with the test's encoder."""
    model = load_model(trained)
    blend = Blend(encoder.version, low=-3.0, first=0.5, second=0.7, shift=-0.2, threshold=0.1)
    return replace(model, card={**model.card, "blend": blend.as_dict()})


@pytest.fixture(scope="module")
def texts():
    chosen = random.Random(3).sample(read_corpus(), 60)
    return [Text(one.title, one.text) for one in chosen]


def logit(score):
    return np.log(score / (1 - score))


def test_the_encoder_has_its_say_where_the_first_stage_is_not_sure_of_a_no(model, encoder, texts):
    alone = list(Recogniser(model).judge(texts))
    both = list(Recogniser(model, encoder=encoder).judge(texts))

    asked = [n for n, one in enumerate(alone) if logit(one.score) > -2.99]
    left = [n for n, one in enumerate(alone) if logit(one.score) < -3.01]
    assert asked
    assert left
    for n in asked:
        said = float(encoder.logits([(texts[n].title, texts[n].text)])[0])
        assert both[n].score == pytest.approx(
            score_of(0.5 * logit(alone[n].score) + 0.7 * said - 0.2), abs=2e-5
        )
    assert [both[n].score for n in left] == [alone[n].score for n in left]
    assert [one.flagged for one in both] == [one.score >= 0.1 for one in both]


def test_neighbours_and_order_change_nothing(model, encoder, texts):
    recogniser = Recogniser(model, encoder=encoder)
    together = list(recogniser.judge(texts))

    alone = [next(recogniser.judge([text])) for text in texts]
    backwards = list(recogniser.judge(reversed(texts)))[::-1]

    facts = [(one.score, one.flagged, one.theme, one.theme_score) for one in together]
    assert [(one.score, one.flagged, one.theme, one.theme_score) for one in alone] == facts
    assert [(one.score, one.flagged, one.theme, one.theme_score) for one in backwards] == facts


def test_an_encoder_that_the_model_was_not_blended_with_is_left_out(model, encoder, texts):
    card = {**model.card, "blend": {**model.card["blend"], "encoder": "another"}}
    stranger = Recogniser(replace(model, card=card), encoder=encoder)

    assert stranger.threshold == model.threshold
    assert [one.score for one in stranger.judge(texts)] == [
        one.score for one in Recogniser(model).judge(texts)
    ]


def test_without_an_artefact_everything_works_on_the_first_stage(model, texts, tmp_path):
    nothing = Encoder.load(tmp_path)

    judged = list(Recogniser(model, encoder=nothing).judge(texts))

    assert nothing is None
    assert [one.flagged for one in judged] == [one.score >= model.threshold for one in judged]


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "😀😀😀",
        "漢字" * 300,
        "\u200b",
        "<div>&nbsp;</div>",
        "a" * 5_000,
        "wij beginnen zelf " * 60_000,
    ],
    ids=["nothing", "a space", "emoji", "another script", "zero width", "html", "no spaces", "a megabyte"],
)
def test_odd_texts_get_a_score(model, encoder, text):
    always = {**model.card, "blend": {**model.card["blend"], "low": -50.0}}

    (judged,) = Recogniser(replace(model, card=always), encoder=encoder).judge([Text("", text)])

    assert 0 <= judged.score <= 1


# The blend itself, on numbers made up here.


def answers(size=4_000, seed=1):
    """Labels, and two stages that each see half of what tells them."""
    chance = np.random.default_rng(seed)
    labels = chance.random(size) < 0.3
    one, other = (np.where(labels, 1.5, -1.5) + chance.normal(scale=2.0, size=size) for _ in range(2))
    return labels, np.ones(size), one, 4 * other


def test_two_stages_together_tell_more_than_either():
    labels, weights, first, second = answers()
    blend = fit_blend("e", labels, weights, first, second)

    asked = first >= blend.low
    both = blended(blend, first, second)

    assert np.mean(asked) == pytest.approx(ASKED, abs=0.01)
    assert blend.second * 4 == pytest.approx(blend.first, rel=0.35), "the encoder's overconfidence is undone"
    right = {name: np.mean((z > 0) == labels) for name, z in (("first", first), ("both", both))}
    assert np.mean((both[asked] > 0) == labels[asked]) > np.mean((first[asked] > 0) == labels[asked]) + 0.02
    assert right["both"] > right["first"]
    np.testing.assert_array_equal(both[~asked], first[~asked])


def test_texts_that_the_encoder_never_saw_keep_the_first_stages_word():
    labels, weights, first, second = answers()
    second[::3] = np.nan

    both = blended(fit_blend("e", labels, weights, first, second), first, second)

    np.testing.assert_array_equal(both[::3], first[::3])


def test_too_few_answers_make_no_blend():
    labels, weights, first, second = answers()
    second[500:] = np.nan

    assert fit_blend("e", labels, weights, first, second) is None


def test_a_blend_for_comparison_never_saw_the_texts_it_judges():
    labels, weights, first, second = answers(size=3_000)
    folds = np.arange(3_000) % 3

    mixed = cross_blended("e", labels, weights, first, second, folds=folds)

    for fold in range(3):
        out = folds == fold
        own = fit_blend("e", labels[~out], weights[~out], first[~out], second[~out])
        np.testing.assert_array_equal(mixed[out], blended(own, first[out], second[out]))


def test_both_stages_choose_the_theme():
    themes, named = ("groen", "zorg"), ("zorg", "groen")

    agreed = theme_odds(themes, np.array([0.6, 0.4]), named, np.array([-2.0, 2.0]))
    split = theme_odds(themes, np.array([0.6, 0.4]), named, np.array([2.0, -2.0]))
    unknown = theme_odds(("groen", "sport"), np.array([0.6, 0.4]), named, np.array([2.0, -2.0]))

    assert agreed.sum() == pytest.approx(1)
    assert agreed[0] > 0.8
    assert split[1] > 0.5
    assert list(unknown) == [0.6, 0.4], "an encoder that lacks a theme has no say"
    assert all(a >= b for a, b in itertools.pairwise(sorted(agreed, reverse=True)))
