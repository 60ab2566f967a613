"""Which texts are about the same initiative, and which are not."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from scout.group.decide import Reason, same_initiative
from scout.group.names import names, place_words
from scout.group.rarity import stem
from scout.group.signature import minhash, overlap, shingles
from scout.group.sketch import Sketch, sketch
from scout.group.window import Window
from scout.places import place

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SECRET = b"only for tests"
ARNHEM, EDE = "GM0202", "GM0228"

ORCHARD = (
    "ARNHEM - Op het veldje achter de Drie Gasthuizen staan sinds zaterdag dertig fruitbomen. Bewoners "
    "van Klarendal plantten ze zelf, met schoppen van de volkstuin en plantgoed uit een ruilactie. "
    "Stichting Fruitgaard Klarendal wil dat straks iedereen er appels plukt. Wie wil helpen met snoeien "
    "kan zich melden."
)
ORCHARD_LATER = (
    "De eerste peren van de Fruitgaard zijn geplukt! Klarendal kwam met kratten en kruiwagens, de "
    "volkstuin leende ladders. Volgende week snoeien we de appels op het veldje achter de Drie "
    "Gasthuizen."
)
KITCHEN = (
    "ARNHEM - In Klarendal koken vier buren elke donderdag soep voor wie alleen eet. De "
    "gemeenschapsruimte van de flat zit vol, er staan drie pannen op het vuur. Stichting De Soeplepel "
    "zoekt nog borden en een koelkast."
)
BUS = (
    "De buurtbus rijdt weer. Achttien vrijwilligers brengen ouderen naar de markt, de huisarts en het "
    "station. Een ritje kost twee euro; bellen kan tot een uur van tevoren bij de chauffeurs."
)


def made(
    text: str, *, title: str = "", days: float = 0, default: str | None = ARNHEM, theme: str | None = None
) -> Sketch:
    location = place(title, text, default).location
    return sketch(
        SECRET,
        title,
        text,
        at=NOW + timedelta(days=days),
        municipality_code=location.municipality_code,
        place_key=location.place_key,
        theme=theme,
    )


def reason(one: Sketch, other: Sketch) -> str | None:
    match = same_initiative(one, other)
    assert (match is None) == (same_initiative(other, one) is None), "the order of the two does not matter"
    return match.reason.value if match else None


def words_changed(text: str, every: int) -> str:
    return " ".join(
        "iets" if index % every == 0 else word for index, word in enumerate(text.split(), start=1)
    )


@pytest.mark.parametrize(
    "copy",
    [
        pytest.param(ORCHARD, id="the very same text"),
        pytest.param(ORCHARD.upper(), id="in capitals"),
        pytest.param(" ".join(ORCHARD.split()[: int(len(ORCHARD.split()) * 0.6)]), id="cut to 60 %"),
        pytest.param(
            f"Ingezonden. {ORCHARD} Volg ons voor meer nieuws uit uw stad.", id="with intro and footer"
        ),
        pytest.param(words_changed(ORCHARD, 20), id="one word in twenty changed"),
    ],
)
def test_copies_belong_together(copy):
    assert reason(made(ORCHARD), made(copy, title="Een andere kop")) == "copy"


def test_a_copy_on_a_site_of_another_town_is_still_a_copy():
    text = BUS + " Meedoen kan altijd, zegt de vereniging, al is het een middag in de maand."

    assert reason(made(text, default=ARNHEM), made(text, default=EDE)) == "copy"


def test_two_very_short_posts_are_copies_only_in_one_municipality():
    assert reason(made("Zaterdag open!"), made("Zaterdag open!")) == "copy"
    assert reason(made("Zaterdag open!"), made("Zaterdag open!", default=EDE)) is None


def test_another_text_about_the_same_initiative_belongs_to_it():
    assert reason(made(ORCHARD, theme="voedsel"), made(ORCHARD_LATER, days=20, theme="voedsel")) == "names"


def test_a_different_estimate_of_the_theme_does_not_part_them():
    assert reason(made(ORCHARD, theme="voedsel"), made(ORCHARD_LATER, theme="groen")) == "names"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(made(ORCHARD), made(KITCHEN), id="two initiatives in one neighbourhood"),
        pytest.param(made(ORCHARD), made(ORCHARD_LATER, days=90), id="three months later"),
        pytest.param(
            made(ORCHARD),
            made(ORCHARD_LATER.replace("Klarendal", "Bennekom"), default=EDE),
            id="another municipality",
        ),
        pytest.param(
            made("In Velp bouwen buren een kas bij de Pinkenberg.", default=None),
            made("In Velp houdt de Pinkenberg een vossenjacht.", default=None),
            id="only the name of a venue in common",
        ),
        pytest.param(
            made(
                "Bewoners van Elst beginnen een initiatief voor de buurt, vrijwilligers gevraagd.",
                default="GM1734",
            ),
            made(
                "Samen met vrijwilligers en bewoners van Elst: doe mee met dit initiatief!", default="GM1734"
            ),
            id="only common words and the village",
        ),
        pytest.param(
            made(
                "Repair Café in wijkcentrum De Oase, Almere: elektro en kleding, gratis koffie.",
                default="GM0034",
            ),
            made(
                "Almere Haven opent zaterdag Repair Café Corrosia met een naaihoek en slijper.",
                default="GM0034",
            ),
            id="the same kind of thing in two parts of a town",
        ),
        pytest.param(
            made(
                "In dorpshuis De Weeme in Oosterbeek repareren vijf mannen fietsen en stofzuigers.",
                default=None,
            ),
            made(
                "Kookgroep De Weeme in Oosterbeek kookt vrijdag stamppot voor wie alleen eet.", default=None
            ),
            id="two clubs in one hall",
        ),
        pytest.param(made(""), made(""), id="empty texts"),
        pytest.param(made("🙂"), made("🏡", default=EDE), id="only emoji"),
    ],
)
def test_different_initiatives_stay_apart(one, other):
    assert reason(one, other) is None


def test_names_of_persons_and_places_do_not_count_as_names():
    text = (
        "In Velp begint Wim Jansen met Coöperatie De Grutter, aan de Hoofdstraat, volgens burgemeester Anna."
    )

    found = names(text, place_words(text))

    assert stem("grutter") in found
    assert not {stem("velp"), stem("wim"), stem("anna")} & found.keys()
    assert found[stem("grutter")] > found[stem("hoofdstraat")], "a street is shared by many"


def test_a_word_that_starts_a_sentence_is_no_name():
    assert names("Vrijwilligers planten. Buren helpen. Iedereen mag komen.", frozenset()) == {}


def test_hashes_depend_on_the_secret():
    here, there = shingles(b"one", ORCHARD), shingles(b"two", ORCHARD)

    assert overlap(here, there)[0] < 0.05
    assert np.array_equal(here, shingles(b"one", ORCHARD))


def test_the_signature_estimates_the_similarity():
    one, other = shingles(SECRET, ORCHARD), shingles(SECRET, words_changed(ORCHARD, 9))

    estimate = np.mean(minhash(one) == minhash(other))

    assert abs(estimate - overlap(one, other)[0]) < 0.15


def test_signatures_are_the_same_for_ever():
    """Kept signatures are compared with new ones: a change here would part all leads from their news."""
    assert minhash(shingles(b"key", "een twee drie"))[:3].tolist() == [1250873898, 848386379, 665622147]


def test_the_window_finds_the_best_match_and_forgets_what_was_dropped():
    window = Window()
    for number, text in enumerate([KITCHEN, ORCHARD_LATER, BUS, ORCHARD], start=1):
        window.add(number, made(text))

    found = window.matches(made(ORCHARD, days=1))
    window.drop(4)

    assert [(item, match.reason) for item, match in found] == [(4, Reason.COPY), (2, Reason.NAMES)]
    assert [item for item, _ in window.matches(made(ORCHARD, days=1))] == [2]


def test_the_window_misses_nothing_that_matches_alone():
    texts = [ORCHARD, ORCHARD_LATER, KITCHEN, BUS, words_changed(ORCHARD, 15), BUS + " Instappen maar!"]
    sketches = [made(text) for text in texts]
    window = Window()
    for number, one in enumerate(sketches):
        window.add(number, one)

    for one in sketches:
        alone = {number for number, other in enumerate(sketches) if same_initiative(one, other)}
        assert {number for number, _ in window.matches(one)} == alone
