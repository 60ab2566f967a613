"""Training on a handful of texts with a tiny model: it learns, repeats itself, and goes on after a kill."""

import json
from dataclasses import replace

import numpy as np
import pytest

from scout.classify.corpus import Example
from scout.classify.encoder import Encoder, artefact
from scout.classify.encoder.trained import Recipe
from tests.scout.encoder_model import tiny_base

pytest.importorskip("torch", reason="training needs the extra train")
pytest.importorskip("onnx", reason="training needs the extra train")
pytest.importorskip("onnxruntime", reason="training needs the extra train")

from scout.classify.encoder import produce, train

RECIPE = Recipe(epochs=3, longest=48, batch=4, rate=3e-3, head_rate=1e-2, frozen=1, hidden=0.1, threads=1)


def example(number: int, *, initiative: bool, source: str, set_member: str = "") -> Example:
    who = "bewoners" if initiative else "gemeente"
    return Example(
        id=f"{source}-{number:04}{set_member}",
        title="" if number % 3 else "tuin",
        text=f"de {who} beginnen een tuin er is {'zelf ' * (number % 5)}",
        initiative=initiative,
        theme=("groen", "zorg")[number % 2] if initiative else "",
        municipality="",
        place="",
        kind="news",
        hard=False,
        source=source,
    )


@pytest.fixture
def examples():
    singles = [example(n, initiative=n % 2 == 0, source=("west", "oost", "stream")[n % 3]) for n in range(24)]
    sets = [
        example(n, initiative=member == "a", source="pairs", set_member=member)
        for n in range(4)
        for member in "ab"
    ]
    return singles + sets


def weights_of(model):
    return {
        **model.base.weights,
        "head": model.head,
        "themes": model.theme_head,
        "bias": np.array(model.head_bias),
    }


def test_training_learns_who_acts_and_leaves_the_frozen_layers(examples):
    base = tiny_base()

    model = train.train(base, examples, RECIPE)

    for name, values in model.base.weights.items():
        same = np.array_equal(values, base.weights[name])
        assert same == (not name.startswith("1.")), name
    assert model.themes == ("groen", "zorg")


def test_the_written_model_tells_them_apart(examples, tmp_path):
    model = train.train(tiny_base(), examples, RECIPE)
    produce.write(tmp_path, model, "0" * 16, len(examples), {})

    outputs = Encoder.load(tmp_path).outputs([(one.title, one.text) for one in examples])

    initiative = np.array([one.initiative for one in examples])
    assert outputs[initiative, 0].min() > outputs[~initiative, 0].max()


def test_the_same_texts_give_the_same_weights(examples):
    first = weights_of(train.train(tiny_base(), examples, RECIPE))
    second = weights_of(train.train(tiny_base(), examples, RECIPE))
    other = weights_of(train.train(tiny_base(), examples, replace(RECIPE, seed=2)))

    assert all(np.array_equal(first[name], second[name]) for name in first)
    assert not all(np.array_equal(first[name], other[name]) for name in first)


def test_killed_after_an_epoch_it_ends_at_the_same_weights(examples, tmp_path):
    whole = weights_of(train.train(tiny_base(), examples, RECIPE))

    class Killed(Exception):
        pass

    def kill(epoch, _model):
        if epoch == 2:
            raise Killed

    with pytest.raises(Killed):
        train.train(tiny_base(), examples, RECIPE, after_epoch=kill, checkpoint=tmp_path / "state.pt")
    steps = []
    resumed = train.train(
        tiny_base(),
        examples,
        RECIPE,
        checkpoint=tmp_path / "state.pt",
        progress=lambda what, done, total: steps.append(what),
    )

    assert all(what.startswith(("reading", "epoch 3")) for what in steps)
    resumed = weights_of(resumed)
    assert all(np.array_equal(whole[name], resumed[name]) for name in whole)


def test_the_state_of_another_training_is_not_taken_up(examples, tmp_path):
    train.train(tiny_base(), examples[:20], RECIPE, checkpoint=tmp_path / "state.pt")

    fresh = weights_of(train.train(tiny_base(), examples, RECIPE))
    beside = weights_of(train.train(tiny_base(), examples, RECIPE, checkpoint=tmp_path / "state.pt"))

    assert all(np.array_equal(fresh[name], beside[name]) for name in fresh)


def test_minimal_sets_are_never_split(examples):
    for seed in range(5):
        made = train.batches(examples, 4, seed)
        assert sorted(place for batch in made for place in batch) == list(range(len(examples)))
        home = {place: number for number, batch in enumerate(made) for place in batch}
        for group in {one.group for one in examples}:
            assert len({home[place] for place, one in enumerate(examples) if one.group == group}) == 1


def test_rates_rise_and_fall():
    factors = [train.schedule(step, 100, 0.1) for step in range(100)]

    assert factors[0] == pytest.approx(0.1)
    assert max(factors) == factors[9] == factors[10] == 1
    assert factors[10:] == sorted(factors[10:], reverse=True)
    assert 0 < factors[-1] < 0.02


def test_the_whole_command_writes_an_artefact_and_answers_on_unseen_texts(examples, tmp_path, monkeypatch):
    monkeypatch.setattr(produce, "load_base", lambda name: tiny_base())
    monkeypatch.setattr(produce.vocabulary, "choose", lambda full, texts: list(range(len(full.pieces))))

    manifest = produce.train_encoder(tmp_path, examples=examples, recipe=RECIPE)

    encoder = Encoder.load(tmp_path)
    assert encoder.manifest == manifest
    assert manifest.texts == len(examples)
    assert 0 <= manifest.figures["hard: average precision"] <= 1
    unseen = artefact.out_of_fold(tmp_path)
    logits = unseen.logits()
    assert set(logits) == {one.id for one in examples}
    assert unseen.themes == ("groen", "zorg")
    assert {len(row) for row in unseen.outputs.values()} == {3}
    assert not (tmp_path / produce.WORK).exists()
    # Out of fold: not what the final model says of texts that it learnt from.
    final = encoder.logits([(one.title, one.text) for one in examples])
    assert not np.allclose([logits[one.id] for one in examples], final, atol=0.01)


def test_finished_folds_are_not_trained_again(examples, tmp_path, monkeypatch):
    first = produce.cross_validate(tiny_base(), examples, RECIPE, tmp_path)
    monkeypatch.setattr(produce, "_train", lambda *_, **__: pytest.fail("trained again"))

    again = produce.cross_validate(tiny_base(), examples, RECIPE, tmp_path)

    np.testing.assert_array_equal(first, again)
    assert json.loads((tmp_path / "fold-0.json").read_text())["rows"]
