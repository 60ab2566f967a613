"""Searching: what is found by which words, on both databases alike, and what is forgotten."""

import re
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as trying
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, select, text, update
from sqlalchemy.orm import Session

from models.base import utc_now
from models.database import forget_deleted, session_factory
from models.event import Event
from models.initiative import Initiative
from models.initiative_change import InitiativeChange
from models.item import Item
from models.lead import Lead
from models.lead_item import LeadItem
from models.municipality import Municipality
from models.place import Place
from models.settings import Settings
from models.share import Share
from models.store.decisions import decide, undo
from models.store.initiatives import InitiativeDraft, initiative_page
from models.store.leads_hand import merge_leads
from models.store.leads_list import Filter, lead_page
from models.store.purge import purge
from models.store.search import refresh, refresh_lead
from models.store.search_upkeep import rebuild, refresh_all
from models.store.viewer import OPERATOR, Viewer
from models.words import DecisionKind, LeadStatus, Phase, Role
from tests.review.factories import ARNHEM, NIJMEGEN, RHEDEN, make_account, make_item, make_lead, viewer_of

pytestmark = pytest.mark.both_databases


def found(session: Session, words: str, status: LeadStatus = LeadStatus.OPEN, **choice: object) -> list[str]:
    """Titles of the leads that are found."""
    wanted = Filter(status, text=words, **choice)  # type: ignore[arg-type]
    return [row.title for row in lead_page(session, OPERATOR, wanted).rows]


def indexed(session: Session) -> list[tuple[object, ...]]:
    """All that the index keeps of leads, sources in one order."""
    rows = session.execute(text("SELECT * FROM search_lead ORDER BY lead_id")).all()
    return [tuple(sorted(re.split("[ ,]+", str(value))) for value in row) for row in rows]


def promoted(session: Session, lead: Lead, viewer: Viewer, **words: str) -> int:
    """Number of the decision that puts a lead into the register."""
    draft = InitiativeDraft(municipality_code=ARNHEM, **{"name": "x", "summary": "y", **words})  # type: ignore[arg-type]
    made = decide(
        session,
        lead.id,
        DecisionKind.PROMOTE,
        viewer=viewer,
        version=lead.version,
        secret=b"x",
        draft=draft,
        themes={"groen": "Groen"},
    )
    refresh_lead(session, lead.id)
    session.commit()
    return made.id


@pytest.fixture
def garden(session: Session) -> Lead:
    """One lead that can be found in many ways, among others."""
    make_lead(
        session,
        title="Voetbalclub wint de beker",
        snippet="De ploeg vierde feest.",
        theme="sport",
        municipality=NIJMEGEN,
    )
    lead = make_lead(
        session,
        title="Buurttuin ’t Groene Hart opent repair-café",
        snippet="Bewoners planten samen vijftig bomen; ideeën zijn welkom op 6812 AB.",
        municipality=ARNHEM,
        place="Klarendal",
        theme="energie",
    )
    lead.organisation_name = "Stichting Zonnebloem"
    session.commit()
    refresh(session)
    session.commit()
    return lead


@pytest.mark.parametrize(
    "words",
    [
        pytest.param("tuinen", id="stem, and the end of a compound"),
        pytest.param("buurt bewoner", id="the beginning of one, and another word"),
        pytest.param("BUURTTUINEN", id="case and plural"),
        pytest.param("boom", id="plural with another vowel"),
        pytest.param("idee", id="plural with a diaeresis"),
        pytest.param("ideeën", id="the same the other way round"),
        pytest.param("repaircafe", id="written as one word, without accent"),
        pytest.param("repair-cafés", id="with hyphen, accent and plural"),
        pytest.param("de tuin van het hart", id="words that say nothing do not count"),
        pytest.param("plan", id="the beginning of the last word"),
        pytest.param("tuin vijf", id="only the last word may be a beginning"),
        pytest.param('"samen vijftig bomen"', id="a phrase"),
        pytest.param("„planten samen” tuin", id="a phrase in other quotes, and a word"),
        pytest.param("6812 ab", id="a postcode"),
        pytest.param("Klarendal", id="the neighbourhood"),
        pytest.param("arnhem tuin", id="the municipality"),
        pytest.param("energie", id="the theme"),
        pytest.param("zonnebloem", id="the organisation"),
        pytest.param('tuin "', id="a quote that means nothing"),
    ],
)
def test_a_lead_is_found_by(session: Session, garden: Lead, words: str) -> None:
    assert found(session, words) == [garden.title]


@pytest.mark.parametrize(
    "words",
    [
        pytest.param("speeltuin", id="another compound"),
        pytest.param("tuin voetbal", id="all words must be there"),
        pytest.param('"bomen samen"', id="a phrase the wrong way round"),
        pytest.param('"repair café bewoners"', id="a phrase from the title on into the snippet"),
        pytest.param('"tuin"', id="between quotes a word stands as it is"),
        pytest.param("plan tuin", id="a beginning that is not the last word"),
        pytest.param("???", id="nothing that can be found"),
        pytest.param("b:koerier", id="facets are no words"),
    ],
)
def test_a_lead_is_not_found_by(session: Session, garden: Lead, words: str) -> None:
    assert found(session, words) == []


def test_words_come_on_top_of_the_other_choices(session: Session, garden: Lead) -> None:
    assert found(session, "tuin", municipality_code=ARNHEM, theme="energie", source_key="koerier", days=3)
    assert found(session, "tuin", municipality_code=RHEDEN) == []
    assert found(session, "tuin", theme="sport") == []
    assert found(session, "tuin", score_below=0.5) == []
    assert found(session, "tuin", LeadStatus.REJECTED) == []
    clerk = Viewer(account_id=9, name="", roles=frozenset({Role.MUNICIPALITY}), municipality_code=RHEDEN)
    assert lead_page(session, clerk, Filter(text="tuin")).rows == []


def test_the_newest_comes_first(session: Session) -> None:
    numbers = [make_lead(session, title=f"Tuin {n}", score=n / 10, age_days=9 - n).id for n in (3, 1, 2)]
    session.commit()
    refresh(session)

    page = lead_page(session, OPERATOR, Filter(text="tuin"), limit=2)
    rest = lead_page(session, OPERATOR, Filter(text="tuin"), after=page.after)

    assert [row.id for row in [*page.rows, *rest.rows]] == numbers[::-1]


@trying(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    typed=st.one_of(
        st.text(max_size=60),
        st.lists(
            st.sampled_from(
                [
                    '"',
                    "'",
                    "*",
                    "(",
                    ")",
                    "-",
                    ":",
                    "^",
                    "+",
                    "&",
                    "|",
                    "!",
                    "<->",
                    "\\",
                    "NEAR(",
                    "AND",
                    "OR",
                    "NOT",
                    "{",
                    "}",
                    "tuin",
                    "x:*",
                    "''",
                    "--",
                    ";",
                    "\x00",
                    "%",
                    "_",
                    "‘",
                    "”",
                    "é",
                    "🏡",
                    "ﬀ",
                    "ß",
                ]
            ),
            max_size=25,
        ).map(" ".join),
        st.sampled_from(
            ["a" * 5000, "tuin " * 500, '"' * 300, "(" * 300, "\ud800", "'); DROP TABLE lead; --"]
        ),
    )
)
def test_nothing_that_is_typed_gives_an_error(session: Session, typed: str) -> None:
    assert lead_page(session, OPERATOR, Filter(text=typed)).rows == []
    assert initiative_page(session, OPERATOR, text=typed).rows == []


def test_the_register_is_found_by_what_staff_wrote(session: Session, garden: Lead) -> None:
    ada = viewer_of(make_account(session))
    decision = promoted(
        session,
        garden,
        ada,
        name="Het Groene Hart",
        summary="Een plek om elkaar te leren kennen.",
        question="Wie weet raad met een pachtovereenkomst?",
        theme="groen",
        place_key=session.scalar(select(Place.key).where(Place.name == "Klarendal")) or "",
    )

    def entries(words: str, **choice: object) -> list[str]:
        page = initiative_page(session, OPERATOR, text=words, **choice)  # type: ignore[arg-type]
        assert page.total == len(page.rows)
        return [row.name for row in page.rows]

    for words in ("pachtovereenkomsten", "kennen groen", '"groene hart"', "arnhem", "klarendal"):
        assert entries(words) == ["Het Groene Hart"], words
        assert found(session, words, LeadStatus.PROMOTED) == [garden.title], words
    assert entries("tuin") == []
    assert entries("pacht", municipality_code=ARNHEM, theme="groen", phase=Phase.SIGNALLED) == [
        "Het Groene Hart"
    ]
    assert entries("pacht", municipality_code=RHEDEN) == []
    assert entries("pacht", theme="zorg") == []
    clerk = Viewer(account_id=9, name="", roles=frozenset({Role.MUNICIPALITY}), municipality_code=RHEDEN)
    assert initiative_page(session, clerk, text="pacht").total == 0

    undo(session, decision, viewer=ada)
    # What left the register is no longer found by its words, even before the index is brought up to date.
    assert entries("pacht") == []
    refresh_lead(session, garden.id)
    session.commit()
    assert found(session, "pachtovereenkomst") == []
    assert found(session, "tuin") == [garden.title]


def test_the_index_follows_whatever_way_of_writing(session: Session, garden: Lead) -> None:
    other = make_lead(session, title="Moestuin op het dak", municipality=ARNHEM)
    session.commit()
    ada = viewer_of(make_account(session))

    merge_leads(session, other.id, garden.id, viewer=ada, version=other.version, into_version=garden.version)
    session.commit()
    refresh(session)
    assert "Moestuin op het dak" in found(session, "moestuin", LeadStatus.MERGED)

    session.execute(
        update(Lead).where(Lead.id == garden.id).values(title="Pluktuin", municipality_code=RHEDEN)
    )
    session.commit()
    # Facets at once, words as soon as they are worked off.
    assert found(session, "bewoners", municipality_code=RHEDEN) == ["Pluktuin"]
    assert found(session, "pluktuin") == []
    refresh(session)
    assert found(session, "pluktuin") == ["Pluktuin"]
    assert found(session, "buurttuin") == []

    session.execute(update(Municipality).where(Municipality.code == RHEDEN).values(name="Nieuwdal"))
    session.commit()
    refresh(session)
    assert found(session, "nieuwdal") == ["Pluktuin"]
    assert refresh(session) == 0


def test_sources_follow_items_whoever_moves_them(session: Session) -> None:
    item = make_item(session, source="krant")
    first, second = make_lead(session, items=[item]), make_lead(session, title="Buurttuin 2")
    session.commit()
    refresh(session)

    assert found(session, "buurttuin", source_key="krant") == [first.title]
    session.execute(update(LeadItem).where(LeadItem.item_id == item.id).values(lead_id=second.id))
    session.commit()
    assert found(session, "buurttuin", source_key="krant") == [second.title]
    session.execute(delete(LeadItem).where(LeadItem.item_id == item.id))
    session.commit()
    assert found(session, "buurttuin", source_key="krant") == []
    assert session.get(Item, item.id) is not None


def test_making_the_index_again_gives_the_same(engine: Engine, session: Session, garden: Lead) -> None:
    ada = viewer_of(make_account(session))
    promoted(session, garden, ada, name="Tuin", summary="Bewoners.")
    sessions = session_factory(engine)
    refresh_all(sessions)
    before = indexed(session)
    session.rollback()

    assert rebuild(sessions, portion=1) == 2

    assert indexed(session) == before
    assert found(session, "tuin", LeadStatus.PROMOTED) == [garden.title]
    assert initiative_page(session, OPERATOR, text="bewoner").total == 1
    assert refresh(session) == 0


def test_two_that_bring_it_up_to_date_at_once_leave_nothing_out(engine: Engine, session: Session) -> None:
    for number in range(6):
        make_lead(session, title=f"Tuin {number}")
    session.commit()
    if engine.dialect.name == "sqlite":
        return  # one writer at a time
    sessions = session_factory(engine)
    with sessions() as one, sessions() as two:
        assert refresh(one, 3) == 3
        assert refresh(two, 100) == 3
        two.commit()
        one.commit()
    assert len(found(session, "tuin")) == 6
    assert refresh(session) == 0


def test_words_of_a_purged_lead_are_gone_from_index_and_file(
    engine: Engine, session: Session, settings: Settings
) -> None:
    canaries = ("kanarievogeltitel", "zeldzaamfragment", "onvindbaregroep")
    lead = make_lead(session, title=f"Tuin {canaries[0]}", snippet=f"Een {canaries[1]} hier.", age_days=60)
    lead.organisation_name = canaries[2]
    kept = make_lead(session, title="Tuin die blijft")
    session.commit()
    refresh_all(session_factory(engine))
    assert found(session, canaries[0]) == [lead.title]
    session.rollback()

    purge(session, settings, now=utc_now() + timedelta(minutes=1))

    for words in (*canaries, "kanarie"):
        assert found(session, words, LeadStatus.EXPIRED) == []
    assert not any(canary in str(indexed(session)) for canary in canaries)
    session.rollback()
    refresh_all(session_factory(engine))
    assert found(session, "tuin", LeadStatus.EXPIRED) == []
    assert found(session, "tuin") == [kept.title]
    session.close()
    forget_deleted(engine)
    if engine.dialect.name == "sqlite":
        for file in settings.var.iterdir():
            # FTS5 keeps words without the beginning that they share with the word before.
            for canary in canaries:
                assert canary[4:].encode() not in file.read_bytes(), (file, canary)
        with session_factory(engine)() as again:
            assert found(again, "tuin") == [kept.title]


def test_nothing_but_what_may_be_searched_is_kept(session: Session) -> None:
    make_lead(
        session,
        text="Tekst met kanariezin die alleen in het volledige artikel staat.",
        url="https://x.example/kanarieadres",
    )
    session.commit()
    refresh(session)

    assert "kanarie" not in str(indexed(session))


def test_initiatives_that_are_deleted_leave_the_index(session: Session, garden: Lead) -> None:
    ada = viewer_of(make_account(session))
    promoted(session, garden, ada, name="Weg ermee", summary="Iets.")
    session.execute(text("UPDATE decision SET initiative_id = NULL"))
    for table in (Event, Share, InitiativeChange, Initiative):
        session.execute(delete(table))
    session.commit()
    refresh(session)

    assert initiative_page(session, OPERATOR, text="ermee").total == 0
    assert found(session, "ermee", LeadStatus.PROMOTED) == []
