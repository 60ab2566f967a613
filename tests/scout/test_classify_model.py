"""Training, keeping and loading the first stage."""

import json
import subprocess
import sys

import numpy as np
import pytest

from models.settings import load_settings
from scout.classify import model as model_module
from scout.classify import model_card, train
from scout.classify.corpus import read_corpus
from scout.classify.hashing import vectorise
from scout.classify.model import ensure_model, load_model
from scout.classify.reading import read
from scout.classify.signs import gather
from scout.classify.training import fit, folds_of
from tests.scout.learning_world import FEW, use_only
from tests.scout.learning_world import small_corpus as few_texts


def logit_of(model, text):
    reading = read("", text)
    return model.logit(model.space.row(vectorise(reading, gather(reading))))


def small_corpus():
    return [example for example in read_corpus() if example.source in {"oost", "west", "stream"}]


def test_files_of_the_corpus_stay_together_in_cross_validation():
    examples = read_corpus()

    folds = folds_of(examples)

    of_source = {}
    for example, fold in zip(examples, folds, strict=True):
        of_source.setdefault(example.source, set()).add(int(fold))
    assert all(len(numbers) == 1 for numbers in of_source.values())


def test_with_one_file_minimal_sets_stay_together():
    pairs = [example for example in read_corpus() if example.source == "pairs"][:60]

    folds = folds_of(pairs)

    of_group = {}
    for example, fold in zip(pairs, folds, strict=True):
        of_group.setdefault(example.group, set()).add(int(fold))
    assert max(folds) > 1
    assert all(len(numbers) == 1 for numbers in of_group.values())


def test_the_threshold_keeps_95_of_100_initiatives_that_the_model_never_saw():
    examples = small_corpus()

    fitted = fit(examples)

    labels = np.array([example.initiative for example in examples])
    scores = 1 / (1 + np.exp(-fitted.out_of_fold))
    assert (scores[labels] >= fitted.threshold).mean() >= 0.95
    assert (scores[labels] > fitted.threshold).mean() < 0.95


def test_a_kept_model_scores_as_it_did(trained):
    first, second = load_model(trained), load_model(trained)
    assert first is not None
    assert second is not None

    for text in ("Bewoners beginnen een moestuin.", "De gemeente stelt een regeling vast.", "", "🙂"):
        assert logit_of(first, text) == logit_of(second, text)


def test_figures_of_the_model_stand_on_its_card(trained):
    card = model_card(trained)

    assert card["version"] == load_model(trained).version
    assert card["figures"]["all"]["recall"] >= 0.95
    # Measured 2026-11-22 on files not trained on: 0.881 over all but the stream; noise about 0.01.
    assert card["figures"]["all"]["average_precision"] > 0.86


def test_without_a_model_there_is_no_card(settings):
    assert model_card(settings) is None


def test_a_model_of_another_product_is_trained_again(trained, monkeypatch):
    asked = []
    monkeypatch.setattr(model_module, "product_version", lambda *args: "another")
    monkeypatch.setattr(model_module, "train_and_keep", lambda settings, **more: asked.append(settings))

    ensure_model(trained)

    assert asked == [trained]


@pytest.mark.parametrize("damage", ["empty weights", "no card", "current names nothing"])
def test_a_damaged_model_is_as_none(trained, damage):
    folder = trained.var / "model" / load_model(trained).version
    if damage == "empty weights":
        (folder / "weights.npz").write_bytes(b"")
    elif damage == "no card":
        (folder / "card.json").unlink()
    else:
        (trained.var / "model" / "current").write_text("nothing\n", "utf-8")

    assert load_model(trained) is None


def test_training_replaces_the_model_whole_and_keeps_the_one_before(trained, tmp_path, monkeypatch):
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    lines = [
        {"id": f"{label}-{theme}-{n}", "title": "", "text": f"{text} {n}", "label": label, "theme": theme}
        for n in range(6)
        for label, text, theme in (
            ("initiative", "wij bewoners beginnen een tuin", "groen"),
            ("initiative", "onze repaircafé opent in de schuur", "circulair"),
            ("other", "de gemeente stelt het plan vast", ""),
        )
    ]
    (corpus / "own.jsonl").write_text("\n".join(json.dumps(line) for line in lines), "utf-8")
    before = load_model(trained)
    small = model_module.train_and_keep(trained, corpus=corpus)

    assert load_model(trained).version == small.version != before.version
    assert (trained.var / "model" / before.version / "weights.npz").is_file()
    assert logit_of(small, "wij bewoners beginnen") > logit_of(small, "de gemeente stelt vast")
    assert not [path for path in (trained.var / "model").iterdir() if path.name.startswith(".")]


def test_scout_train_reports_what_it_made(settings, engine, monkeypatch):
    use_only(monkeypatch, FEW)

    report = train(settings)

    assert report.as_dict()["texts"] == len(few_texts(FEW))
    assert report.version in report.as_text()
    assert load_model(settings).version == report.version


def test_two_processes_that_need_a_model_train_it_once(settings):
    program = (
        "import sys; from pathlib import Path; from models.settings import load_settings\n"
        "from scout.classify import model as m; from tests.scout.learning_world import FEW, small_corpus\n"
        "m.read_corpus = lambda folder=None: small_corpus(FEW)\n"
        "kept = m.train_and_keep\n"
        "m.train_and_keep = lambda *a, **k: (print('trained'), kept(*a, **k))[1]\n"
        "m.ensure_model(load_settings(var=Path(sys.argv[1])))\n"
    )
    running = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(settings.var)], stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]

    said = [process.communicate(timeout=240)[0] for process in running]

    assert [process.returncode for process in running] == [0, 0]
    assert "".join(said).count("trained") == 1


def test_settings_without_a_folder_get_one(tmp_path, model_folder):
    fresh = load_settings(var=tmp_path / "deep" / "var")
    assert load_model(fresh) is None
