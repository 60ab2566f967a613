"""Cutting text into pieces: the same everywhere, bounded, and never breaking."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scout.classify.encoder import vocabulary
from scout.classify.encoder.pieces import WORD_START, Vocabulary, joined
from tests.scout.encoder_model import PIECES, tiny_vocabulary


def shown(found: list[int], pieces: Vocabulary) -> list[str]:
    return [pieces.pieces[i] for i in found]


def test_a_sentence_becomes_its_most_probable_pieces():
    pieces = tiny_vocabulary()

    found = pieces.encode("De buurttuin", 20)

    assert shown(found, pieces) == ["<s>", WORD_START + "de", WORD_START + "buurt", "tuin", "</s>"]


def test_a_run_of_unknown_characters_is_one_unknown_piece():
    pieces = tiny_vocabulary()

    found = pieces.encode("de 漢字 tuin", 20)

    assert shown(found, pieces) == [
        "<s>",
        WORD_START + "de",
        WORD_START,
        "<unk>",
        WORD_START + "tuin",
        "</s>",
    ]


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="detuinbrhs☃", min_size=1, max_size=9))
def test_the_cut_is_the_best_of_all_cuts(word):
    pieces = tiny_vocabulary()
    price = dict(zip(pieces.pieces, pieces.scores, strict=True))
    unknown = min(pieces.scores) - 10

    def worth(cut: list[str]) -> float:
        return sum(price.get(part, unknown if len(part) == 1 else -1e9) for part in cut)

    cuts = []
    for places in itertools.product([False, True], repeat=len(word) - 1):
        ends = [i + 1 for i, cut_here in enumerate(places) if cut_here]
        cuts.append([word[a:b] for a, b in zip([0, *ends], [*ends, len(word)], strict=True)])
    best = max(worth(cut) for cut in cuts)

    found = pieces.cut(word)

    # Runs of unknown characters come back as one piece; each of them costs the same.
    unknowns = sum(character not in price for character in word)
    mine = sum(pieces.scores[i] for i in found if i != pieces.unknown) + unknown * unknowns
    assert mine == pytest.approx(best)


def test_written_and_read_back_it_cuts_the_same():
    before = tiny_vocabulary()
    after = Vocabulary.from_json(before.to_json())
    text = "Bewoners beginnen zelf een tuin. É\u00a0ﬁets, jeruzalem 🥕"

    assert after.encode(text, 64) == before.encode(text, 64)


def test_fewer_pieces_cut_the_same_while_all_that_a_text_needs_is_kept():
    full = tiny_vocabulary()
    kept = sorted({full.start, full.end, full.unknown, *full.encode("de buurttuin", 64)})
    small = full.subset(kept)

    assert shown(small.encode("de buurttuin", 64), small) == shown(full.encode("de buurttuin", 64), full)
    assert len(small.pieces) == len(kept) < len(full.pieces)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param(" \n\t ", id="only spaces"),
        pytest.param("\u200b\ufeff\x00", id="only invisible"),
        pytest.param("😀" * 500, id="only emoji"),
        pytest.param("a" * 1_000_000, id="1 MB without a space"),
        pytest.param("de tuin " * 125_000, id="1 MB of words"),
        pytest.param("\ud800 los", id="half a surrogate pair"),
    ],
)
def test_odd_text_gives_a_bounded_row(text):
    found = tiny_vocabulary().encode(text, 48)

    assert found[0] == 0
    assert found[-1] == 2
    assert 2 <= len(found) <= 48


def test_an_item_without_title_is_its_text():
    assert joined("", "tekst") == "tekst"
    assert joined("kop", "tekst") == "kop\ntekst"


def test_pruning_keeps_characters_the_texts_and_places_within_bounds():
    full = tiny_vocabulary()

    kept = vocabulary.choose(full, ["de buurttuin"], wanted=len(PIECES))

    names = {full.pieces[i] for i in kept}
    assert {"<s>", "</s>", "<unk>", "a", "z", WORD_START, WORD_START + "buurt", "tuin"} <= names
    assert kept == sorted(set(kept))
    assert WORD_START + "bewoners" not in {
        full.pieces[i] for i in vocabulary.choose(full, ["de tuin"], wanted=30)
    }
