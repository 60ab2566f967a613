"""What may be the same as a lead: other leads and register entries, with why."""

import struct

import pytest
from sqlalchemy import select

from models.alike import LIKELY, Alike, Described, most_alike, plain_link, site_of
from models.base import utc_now
from models.initiative import Initiative
from models.item_sketch import ItemSketch
from models.lead import Lead
from models.lead_item import LeadItem
from models.store.decisions import undo
from models.store.leads import get_lead
from models.store.leads_hand import merge_leads
from models.store.purge import purge
from models.store.similar import similar_initiatives, similar_leads
from models.words import LeadStatus, Role
from tests.review.factories import ARNHEM, RHEDEN, make_account, make_lead, make_source, place_key, viewer_of


@pytest.fixture
def ada(session):
    """A reviewer."""
    return viewer_of(make_account(session))


def named(session, title, name="", organisation="", **columns):
    lead = make_lead(session, title=title, **columns)
    lead.initiative_name, lead.organisation_name = name, organisation
    session.commit()
    return lead


def like(session, viewer, lead, **options):
    """Lead -> why, in order."""
    found = similar_leads(session, viewer, get_lead(session, viewer, lead.id), **options)
    return {similar.id: similar.why for similar in found}


@pytest.mark.parametrize(
    ("one", "other", "why"),
    [
        pytest.param(("", "Buurttuin De Kamper"), ("", "buurttuin ‘De Kamper’"), "same_name", id="same name"),
        pytest.param(
            ("", "Stichting Buurttuin Kamper"),
            ("", "Buurttuin Kamper"),
            "same_name",
            id="what all names have",
        ),
        pytest.param(
            ("Wethouder opent Buurttuin De Kamper", ""),
            ("", "Buurttuin De Kamper"),
            "same_name",
            id="in title",
        ),
        pytest.param(
            ("", "", "Dorpsbelang Velp"),
            ("", "", "Vereniging Dorpsbelang Velp"),
            "same_organisation",
            id="same organisation",
        ),
        pytest.param(
            ("Bewoners planten fruitbomen op het plantsoen",),
            ("Fruitboom voor elk plantsoen: bewoners plantten er tien",),
            "similar_words",
            id="words, also in another form",
        ),
        pytest.param(
            ("Café in de kerk van Rozendaal",), ("Cafe kerk Rozendaal",), "similar_words", id="accents"
        ),
        pytest.param(("Buurtbewoners beginnen een tuin",), ("Bewoners beginnen een koor",), None, id="other"),
        pytest.param(("", "De Buurtkas"), ("", "Het Buurtkoor"), None, id="other names"),
        pytest.param(("", "Stichting Dorp"), ("", "Werkgroep Wijk"), None, id="only what all names have"),
        pytest.param(("",), ("",), None, id="nothing to go by"),
    ],
)
def test_why_two_look_the_same(one, other, why):
    found = most_alike(Described(1, *one), [Described(2, *other)])

    assert [match.why.value for match in found] == ([why] if why else [])


def test_the_most_alike_comes_first_and_the_place_counts():
    asked = Described(1, "Fruitbomen op het plantsoen", place_key="here", theme="groen")
    others = [
        Described(2, "Fruitbomen op het plantsoen gepland", place_key="there", theme="sport"),
        Described(3, "Fruitbomen op het plantsoen gepland", place_key="here", theme="groen"),
        Described(4, "Fruitbomen op het plantsoen", place_key="here"),
    ]

    assert [match.id for match in most_alike(asked, others)] == [4, 3, 2]
    assert [match.id for match in most_alike(asked, others, limit=1)] == [4]


def test_a_word_that_stands_everywhere_tells_nothing():
    others = [Described(number, f"Buurttuin {word}") for number, word in enumerate(["kas", "bos", "wei"], 2)]
    crowd = [Described(100 + number, f"Buurttuin nummer{number}") for number in range(60)]

    assert most_alike(Described(1, "Buurttuin boomgaard"), [*others, *crowd]) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://www.kamper.example/tuin/", "http://kamper.example/tuin#top"),
        ("https://KAMPER.example/", "https://kamper.example"),
        ("https://m.facebook.com/kamper", "https://www.facebook.com/kamper/"),
    ],
)
def test_addresses_that_differ_by_accident_are_the_same(one, other):
    assert plain_link(one) == plain_link(other)


def test_on_a_shared_site_the_path_says_whose_page_it_is():
    assert site_of("https://www.facebook.com/kamper/posts/1") == "facebook.com/kamper"
    assert site_of("https://www.facebook.com/") == ""
    assert site_of("https://kamper.example/nieuws") == "kamper.example"
    assert site_of("https://[kapot") == ""


@pytest.mark.both_databases
def test_leads_of_the_municipality_and_of_none_are_compared_others_not(session, ada):
    lead = named(session, "Buurttuin Kamper opent", "Buurttuin Kamper")
    near = named(session, "Feest in Buurttuin Kamper")
    nowhere = named(session, "Buurttuin Kamper in de krant", municipality=None)
    named(session, "Buurttuin Kamper opent", municipality=RHEDEN)

    assert like(session, ada, lead) == {near.id: Alike.SAME_NAME, nowhere.id: Alike.SAME_NAME}
    assert set(like(session, ada, nowhere)) >= {lead.id, near.id}, "it may play anywhere"
    (first, *_) = similar_leads(session, ada, get_lead(session, ada, lead.id))
    assert (first.title, first.status, first.version) == (near.title, LeadStatus.OPEN, near.version) or (
        first.id == nowhere.id
    )


@pytest.mark.both_databases
def test_only_leads_that_can_be_pointed_at_are_shown(session, settings, ada):
    lead = named(session, "Buurttuin Kamper opent")
    shown = [
        named(session, "Buurttuin Kamper opent", status=status)
        for status in (LeadStatus.OPEN, LeadStatus.SNOOZED, LeadStatus.PROMOTED, LeadStatus.KNOWN)
    ]
    for status in (LeadStatus.MERGED, LeadStatus.WITHDRAWN, LeadStatus.EXPIRED):
        named(session, "Buurttuin Kamper opent", status=status)
    gone = named(session, "Buurttuin Kamper opent")
    gone.purged_at = utc_now()
    session.commit()

    assert set(like(session, ada, lead)) == {one.id for one in shown}
    assert similar_leads(session, ada, get_lead(session, ada, gone.id)) == []


@pytest.mark.both_databases
def test_what_a_person_told_apart_is_not_offered_again(session, ada):
    lead, other = named(session, "Buurttuin Kamper"), named(session, "Buurttuin Kamper")
    merge = merge_leads(session, lead.id, other.id, viewer=ada, version=1, into_version=1)
    undo(session, merge.id, viewer=ada)
    session.commit()

    assert like(session, ada, lead) == like(session, ada, other) == {}


@pytest.mark.both_databases
def test_a_municipality_is_shown_its_own_only(session, ada):
    officer = viewer_of(
        make_account(session, "g@arnhem.example", roles=[Role.MUNICIPALITY], municipality="Arnhem")
    )
    lead = named(session, "Buurttuin Kamper")
    own = named(session, "Buurttuin Kamper")
    nowhere = named(session, "Buurttuin Kamper", municipality=None)
    enter(session, ada, "Buurttuin Kamper", municipality_code=RHEDEN)

    assert set(like(session, ada, lead)) == {own.id, nowhere.id}
    assert set(like(session, officer, lead)) == {own.id}
    assert similar_initiatives(session, officer, name="Buurttuin Kamper", municipality_code=RHEDEN) == []


def test_texts_that_use_the_same_rare_words_are_alike_whatever_their_titles(session, ada):
    lead = named(session, "Eerste spa in de grond")
    same = named(session, "Wachten op de vergunning")
    other = named(session, "Koor zoekt bassen")
    for one, words in ((lead, [1, 2, 3, 4]), (same, [2, 3, 4, 5]), (other, [7, 8, 9])):
        sketch(session, one, words)
    session.commit()

    assert like(session, ada, lead) == {same.id: Alike.SIMILAR_WORDS}


def sketch(session, lead, words):
    """What grouping keeps of the text of a lead's item."""
    item_id = session.scalar(select(LeadItem.item_id).where(LeadItem.lead_id == lead.id))
    weight = 1 / len(words) ** 0.5
    session.add(
        ItemSketch(
            item_id=item_id,
            at=utc_now(),
            minhash=b"",
            shingles=b"",
            terms=struct.pack(f"<{len(words)}I", *words),
            weights=struct.pack(f"<{len(words)}f", *[weight] * len(words)),
        )
    )


def enter(session, viewer, name, **columns):
    now = utc_now()
    entry = Initiative(
        name=name,
        **{
            "summary": "In eigen woorden.",
            "municipality_code": ARNHEM,
            "created_by_id": viewer.account_id,
            "created_at": now,
            "updated_at": now,
            **columns,
        },
    )
    session.add(entry)
    session.commit()
    return entry


def entries(session, viewer, **asked):
    """Entry -> why and whether it is likely the same, in order."""
    found = similar_initiatives(session, viewer, **{"municipality_code": ARNHEM, **asked})
    return {one.id: (one.why, one.likely) for one in found}


@pytest.mark.both_databases
def test_an_entry_of_the_same_name_is_likely_the_same(session, ada):
    same = enter(session, ada, "Buurttuin De Kamper")
    enter(session, ada, "Buurttuin De Kamper", municipality_code=RHEDEN)
    enter(session, ada, "Buurttuin De Kamper", withdrawn_at=utc_now())
    enter(session, ada, "Repair Café Velperpoort")

    assert entries(session, ada, name="Stichting buurttuin De Kamper") == {same.id: (Alike.SAME_NAME, True)}
    assert entries(session, ada, name="Opening van Buurttuin de Kamper zaterdag") == {
        same.id: (Alike.SAME_NAME, True)
    }
    assert len(entries(session, ada, name="Buurttuin De Kamper", municipality_code=None)) == 2


@pytest.mark.both_databases
def test_the_same_address_is_the_same_and_the_same_site_may_be(session, ada):
    make_source(session, "krant", url="https://www.krant.example/rss")
    page = enter(session, ada, "Kas", link="https://kamper.example/kas")
    news = enter(session, ada, "Koor", link="https://krant.example/koor")

    assert entries(session, ada, name="x", link="http://www.kamper.example/kas/") == {
        page.id: (Alike.SAME_LINK, True)
    }
    assert entries(session, ada, name="x", link="https://kamper.example/over-ons") == {
        page.id: (Alike.SAME_SITE, False)
    }
    assert entries(session, ada, name="x", link="https://krant.example/koor") == {
        news.id: (Alike.SAME_LINK, True)
    }
    assert entries(session, ada, name="x", link="https://krant.example/kas") == {}, (
        "a newspaper tells of many"
    )


@pytest.mark.both_databases
def test_the_organisation_behind_it_and_the_neighbourhood_count(session, ada):
    place = place_key(session, ARNHEM, "Klarendal")
    entry = enter(session, ada, "Kas", contact="Stichting Klarendal Bloeit", place_key=place)

    found = similar_initiatives(
        session,
        ada,
        name="Plukroute",
        municipality_code=ARNHEM,
        organisation="Klarendal Bloeit",
        place=place,
    )

    (one,) = found
    assert (one.id, one.why, one.place, one.municipality) == (
        entry.id,
        Alike.SAME_ORGANISATION,
        "Klarendal",
        "Arnhem",
    )
    assert LIKELY > one.strength > 0.6


def test_looking_never_changes_anything(session, settings, ada):
    lead = named(session, "Buurttuin Kamper")
    named(session, "Buurttuin Kamper")
    purge(session, settings)

    like(session, ada, lead)

    assert not session.dirty
    assert session.scalar(select(Lead.version).where(Lead.id == lead.id)) == lead.version
