"""Learning from decisions: what a decision weighs, and that a worse model never comes into use by itself."""

import hashlib
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import tomllib
from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner
from sklearn.metrics import average_precision_score

from models.commands import CannotFinishError
from scout.classify import gate, model_card
from scout.classify import model as model_module
from scout.classify.card import folder_of, read_pointer
from scout.classify.corpus import fingerprint, read_corpus
from scout.classify.gate import Compared, Verdict, average_precisions, compare, frozen_files, judge
from scout.classify.learning import MOST_SHARE, balanced, is_held_out, keep, kept
from scout.classify.model import REFUSED, ensure_model, load_model, train_and_keep
from scout.classify.retraining import Ending, go_back, train
from scout.cli import cli
from tests.scout.learning_world import (
    FEW,
    FILES,
    fit_once,
    right_decisions,
    small_corpus,
    use_only,
    vectors_once,
    wrong,
)


@pytest.fixture
def small(monkeypatch):
    use_only(monkeypatch, FILES)


@pytest.fixture
def few(monkeypatch):
    use_only(monkeypatch, FEW)


TRAIN_AND_PRINT = """
from tests.scout.test_learning import print_of
from tests.scout.learning_world import FEW, right_decisions, small_corpus
from scout.classify.training import fit
corpus = small_corpus(FEW)
print(print_of(fit(corpus)), print_of(fit(corpus, taught=right_decisions())))
"""


def print_of(fitted):
    """Hash of all that training found."""
    parts = (
        fitted.space.columns,
        fitted.space.idf,
        fitted.weights,
        fitted.theme_weights,
        fitted.theme_bias,
        fitted.out_of_fold,
        np.array([fitted.bias, fitted.threshold]),
    )
    return hashlib.sha256(b"".join(part.tobytes() for part in parts)).hexdigest()


def test_the_same_texts_and_decisions_give_the_same_model():
    """Trained twice, in processes that order their sets differently."""
    answers = {
        subprocess.run(
            [sys.executable, "-c", TRAIN_AND_PRINT],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }

    assert len(answers) == 1


def test_what_was_decided_on_is_judged_better_afterwards_also_what_is_like_it():
    examples, rows = small_corpus(), right_decisions()
    before, after = fit_once(examples), fit_once(examples, taught=rows[::2])

    seen, unseen = [[row.initiative for row in chosen] for chosen in (rows[::2], rows[1::2])]
    for labels, chosen in ((seen, rows[::2]), (unseen, rows[1::2])):
        vectors = [row.vector for row in chosen]
        precision = [
            average_precision_score(labels, gate.logits_of(fitted, vectors)) for fitted in (before, after)
        ]
        assert precision[1] > precision[0]


def test_decisions_weigh_what_they_say_until_they_would_drown_the_corpus():
    rows = [replace(row, weight=2.0) for row in right_decisions()[:10]]

    assert balanced(rows, 1_000).tolist() == [2.0] * 10
    assert balanced(rows, 5).sum() == pytest.approx(MOST_SHARE * 5)
    assert balanced([], 5).tolist() == []


def test_rows_kept_with_a_model_come_back_as_they_were(tmp_path):
    rows = list(right_decisions()[:7])

    keep(tmp_path, rows)

    back = kept(tmp_path)
    assert [replace(row, vector=rows[0].vector) for row in back] == [
        replace(row, vector=rows[0].vector) for row in rows
    ]
    for one, other in zip(back, rows, strict=True):
        assert one.vector.indices.tolist() == other.vector.indices.tolist()
        assert one.vector.counts.tolist() == other.vector.counts.tolist()


def test_a_quarter_of_the_leads_is_held_out_always_the_same_and_nobody_else_knows_which():
    rows = [replace(right_decisions()[0], lead=number) for number in range(4_000)]

    one, again, other = ([is_held_out(secret, row) for row in rows] for secret in (b"one", b"one", b"other"))

    assert one == again != other
    assert 0.22 < sum(one) / len(one) < 0.28


def test_the_frozen_set_is_what_it_was():
    """Figures of later years are comparable only as long as nobody touches these texts."""
    facts = tomllib.loads(gate.FROZEN.read_text("utf-8"))
    examples = [example for example in read_corpus() if example.source in frozen_files()]

    assert len(examples) == facts["texts"]
    assert fingerprint(examples) == facts["fingerprint"]


def test_average_precision_of_resampled_texts_is_that_of_the_library():
    random = np.random.default_rng(1)
    labels, scores = random.random(80) < 0.3, random.integers(0, 12, 80).astype(float)
    counts = random.integers(0, 4, (5, 80)).astype(float)

    for found, row in zip(average_precisions(labels, scores, counts), counts, strict=True):
        assert found == pytest.approx(average_precision_score(labels, scores, sample_weight=row))


def part_of(before, after, labels, groups=None):
    names = np.array([str(n) for n in range(len(labels))]) if groups is None else groups
    part = Compared(labels, before, after, names, np.ones(len(labels)))
    return judge(("frozen", "all", ""), part, chance=0.05)


def test_what_is_clearly_worse_is_told_from_noise():
    random = np.random.default_rng(2)
    labels = random.random(400) < 0.4
    good = labels + random.normal(0, 0.6, 400)
    bad, jittered = good + random.normal(0, 1.0, 400), good + random.normal(0, 0.01, 400)

    assert part_of(good, bad, labels).verdict is Verdict.WORSE
    assert part_of(bad, good, labels).verdict is Verdict.BETTER
    assert part_of(good, jittered, labels).verdict is Verdict.SAME
    assert part_of(good, good, labels).verdict is Verdict.SAME
    assert part_of(good[:20], bad[:20], labels[:20] & (np.arange(20) < 4)).verdict is Verdict.TOO_FEW


def test_texts_of_one_minimal_set_count_as_one_piece_of_evidence():
    """Twenty copies of a few texts say no more than these: the noise stays as wide."""
    random = np.random.default_rng(3)
    labels = random.random(40) < 0.5
    good = labels + random.normal(0, 0.5, 40)
    other = good + random.normal(0, 0.5, 40)
    alone = part_of(good, other, labels)
    names = np.repeat(np.array([str(n) for n in range(40)]), 20)
    copied = part_of(np.repeat(good, 20), np.repeat(other, 20), np.repeat(labels, 20), names)

    assert copied.high - copied.low == pytest.approx(alone.high - alone.low, rel=0.02)


def test_neither_compared_model_learns_from_the_frozen_texts_or_from_what_is_held_out(monkeypatch):
    seen = []
    real = gate.fit

    def fit_and_note(examples, *, taught, vectors, progress):
        seen.append(({example.source for example in examples}, [row.lead for row in taught]))
        return real(examples, taught=taught, vectors=vectors, progress=progress)

    monkeypatch.setattr(gate, "fit", fit_and_note)
    examples, rows = small_corpus(), list(right_decisions())

    found = compare(
        examples, vectors_once(examples), rows, rows[:100], held_out=lambda row: row.lead % 4 == 0
    )

    assert [files & frozen_files() for files, _ in seen] == [set(), set()]
    assert [max(leads) for _, leads in seen] == [99, 231]
    assert not any(lead % 4 == 0 for _, leads in seen for lead in leads)
    by = {(part.on, part.by): part for part in found.parts}
    assert by["frozen", "all"].texts == 588
    assert by["decisions", "all"].texts == 57
    assert {part.by for part in found.parts if part.on == "frozen"} == {"all", "size", "kind", "theme"}
    sizes = [part.texts for part in found.parts if (part.on, part.by) == ("frozen", "size")]
    assert sum(sizes) == 588


def test_right_decisions_replace_the_model_and_wrong_ones_do_not(settings, small):
    first = train(settings)
    better = train(settings, right_decisions())
    refused = train(settings, wrong(right_decisions()))

    assert (first.ending, better.ending, refused.ending) == (Ending.FIRST, Ending.REPLACED, Ending.KEPT)
    assert better.version != first.version == better.before
    assert better.card["decisions"]["items"] == len(right_decisions())
    assert "decisions, all" in better.as_dict()["comparison"]["improved"]
    # The one in use stays, the refused one stands aside, and the report says why.
    assert load_model(settings).version == better.version == refused.version
    aside = json.loads((folder_of(settings) / REFUSED / "card.json").read_text("utf-8"))
    assert aside["version"] == refused.candidate != better.version
    assert "frozen, all" in aside["gate"]["regressed"]
    assert "got worse on" in refused.as_text()
    assert f"{refused.candidate} is not used" in refused.as_text()

    forced = train(settings, wrong(right_decisions()), force=True)

    assert (forced.ending, forced.version) == (Ending.REPLACED, refused.candidate)
    assert load_model(settings).version == refused.candidate
    assert not (folder_of(settings) / REFUSED).exists()


def test_one_command_goes_back_and_one_more_goes_forth(settings, few):
    old, new = train(settings), train(settings, right_decisions())

    back = go_back(settings)

    assert (back.version, back.before) == (old.version, new.version)
    assert ensure_model(settings).version == old.version
    # Who went back does not find the same model in use again after the next training …
    nothing_new = train(settings, right_decisions())
    assert (nothing_new.ending, nothing_new.version) == (Ending.KEPT, old.version)
    # … unless there is more to learn from.
    assert go_back(settings).version == new.version
    assert train(settings, right_decisions()).ending is Ending.UNCHANGED


def test_without_an_earlier_model_there_is_no_way_back(settings, few):
    with pytest.raises(CannotFinishError, match="no earlier model"):
        go_back(settings)
    train(settings)
    with pytest.raises(CannotFinishError, match="no earlier model"):
        go_back(settings)


def test_a_new_version_of_the_product_does_not_forget_what_decisions_taught(settings, few, monkeypatch):
    taught = train(settings, right_decisions())
    monkeypatch.setattr(model_module, "product_version", lambda *args: "another")

    renewed = ensure_model(settings)

    assert renewed.version != taught.version
    assert renewed.card["product"] == "another"
    assert renewed.card["decisions"] == taught.card["decisions"]
    assert np.array_equal(renewed.weights, load_model(settings).weights)
    # A person may still prefer the old one, made by the product before.
    assert go_back(settings).version == taught.version


def test_an_old_model_that_somebody_went_back_to_stays_until_the_product_changes_again(
    settings, few, monkeypatch
):
    old = train(settings, right_decisions())
    for module in ("scout.classify.model", "scout.classify.retraining"):
        monkeypatch.setattr(f"{module}.product_version", lambda *args: "another")
    ensure_model(settings)
    go_back(settings)

    assert ensure_model(settings).version == old.version

    monkeypatch.setattr(model_module, "product_version", lambda *args: "a third")
    assert ensure_model(settings).card["product"] == "a third"


def test_old_versions_stay_but_not_for_ever(settings, few, monkeypatch):
    kept_versions = [train(settings).version]
    rows = list(right_decisions()[:12])
    for number in range(5):
        kept_versions.append(train_and_keep(settings, taught=rows[: number + 1]).version)

    there = {path.name for path in folder_of(settings).iterdir() if path.is_dir()}

    assert {kept_versions[-1], kept_versions[-2]} <= there < set(kept_versions)
    assert read_pointer(settings).before == kept_versions[-2]


def train_and_die(settings, step):
    """Train, and be killed when a file or folder is put into its place for the so many-th time."""
    real, left = os.replace, [step]

    def replace_or_die(*paths):
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        real(*paths)

    os.replace = replace_or_die
    train(settings, right_decisions())


@pytest.mark.parametrize("step", [1, 2], ids=["before the version is there", "before it is in use"])
def test_a_training_killed_at_any_moment_leaves_a_model_in_use_and_can_be_repeated(settings, few, step):
    first = train(settings)

    # Forked, so that it has read the texts and trains on the same few.
    child = multiprocessing.get_context("fork").Process(target=train_and_die, args=(settings, step))
    child.start()
    child.join()

    assert child.exitcode == -signal.SIGKILL
    assert load_model(settings).version == first.version
    again = train(settings, right_decisions())
    assert (again.ending, again.before) == (Ending.REPLACED, first.version)
    assert load_model(settings).version == again.version
    left = [path.name for path in folder_of(settings).iterdir() if path.name.startswith(".")]
    assert left == []


def test_scout_train_learns_what_was_decided_in_the_database_says_so_and_goes_back(
    settings, engine, few, monkeypatch, decided_leads
):
    environment = {"SCOUT_VAR": str(settings.var), "SCOUT_SECRET_KEY": "only for tests"}
    if settings.database_url:
        environment["SCOUT_DATABASE_URL"] = settings.database_url

    def scout(*words):
        done = CliRunner().invoke(cli, ["train", *words], env=environment, catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done

    train(settings)
    before = model_card(settings)["version"]
    told = scout("--json")
    report = json.loads(told.stdout)
    text = scout().stdout
    back = json.loads(scout("--back", "--json").stdout)

    assert report["outcome"] == "replaced"
    assert report["decisions"]["items"] == len(decided_leads) == len(right_decisions()[::4])
    assert report["decisions"]["initiatives"] == sum(decided_leads.values())
    assert report["comparison"]["regressed"] == []
    assert "nothing new to learn from" in text
    assert back == {"outcome": "back", "version": before, "before": report["version"]}


def test_back_and_force_together_are_wrong_use(settings):
    done = CliRunner().invoke(cli, ["train", "--back", "--force"], env={"SCOUT_VAR": str(settings.var)})

    assert done.exit_code == 2
    assert "--back trains nothing" in done.output


def test_training_takes_answers_of_municipalities_beside_decisions_and_keeps_them_apart(
    settings, few, engine
):
    from models.database import session_factory
    from models.store.shares import answer_share, offer_lead
    from models.words import Answer, Origin, Role
    from scout.classify.learning import read_taught
    from tests.review.factories import make_account, viewer_of

    rows = right_decisions()[:20]
    with session_factory(engine)() as session:
        staff = viewer_of(make_account(session))
        town = {"roles": [Role.MUNICIPALITY], "municipality": "Arnhem"}
        clerk = viewer_of(make_account(session, "g@voorbeeld.example", **town))
        numbers = [decide_row(session, row, staff) for row in rows[:10]]
        for row in rows[10:]:
            share = offer_lead(session, lead_of_row(session, row).id, viewer=staff)
            said = Answer.TAKEN_UP if row.initiative else Answer.NO_INITIATIVE
            answer_share(session, share.id, viewer=clerk, answer=said, version=share.version)
            numbers.append(share.lead_id)
        session.commit()

    taught = read_taught(settings)
    trained = train(settings, taught)

    assert [(row.lead, row.initiative) for row in taught] == [
        (number, row.initiative) for number, row in zip(numbers, rows, strict=True)
    ]
    assert [row.origin for row in taught] == [Origin.REVIEWER] * 10 + [Origin.MUNICIPALITY] * 10
    assert trained.card["decisions"]["by_origin"] == {"municipality": 10, "reviewer": 10}
    assert [row.origin for row in kept(folder_of(settings) / trained.version)] == [
        row.origin for row in taught
    ]


def lead_of_row(session, row):
    """A lead with one item that has these features."""
    from models.item_features import ItemFeatures
    from scout.classify.hashing import SPACE, pack
    from tests.review.factories import make_item, make_lead

    item = make_item(session)
    session.add(ItemFeatures(item_id=item.id, space=SPACE, features=pack(row.vector)))
    return make_lead(session, items=[item])


def decide_row(session, row, viewer):
    """The number of such a lead, decided as the review pages do."""
    from models.store.decisions import decide
    from models.words import DecisionKind

    lead = lead_of_row(session, row)
    decide(
        session,
        lead.id,
        DecisionKind.KNOWN if row.initiative else DecisionKind.REJECT,
        viewer=viewer,
        version=lead.version,
        secret=b"x",
        reason="beleid",
        reasons=["beleid"],
    )
    return lead.id


@pytest.fixture
def decided_leads(engine):
    """Lead -> whether it was promoted: one for each of some texts, decided as the review pages do."""
    from models.database import session_factory
    from tests.review.factories import make_account, viewer_of

    with session_factory(engine)() as session:
        viewer = viewer_of(make_account(session))
        found = {decide_row(session, row, viewer): row.initiative for row in right_decisions()[::4]}
        session.commit()
    return found
