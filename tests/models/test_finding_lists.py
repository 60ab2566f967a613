"""Lists of leads: every filter and order, page by page, against what plain reading of all leads gives."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.base import utc_now
from models.item import Item
from models.lead import Lead
from models.lead_claim import CLAIM_TERM, LeadClaim
from models.lead_item import LeadItem
from models.store import leads_walk, search
from models.store.leads_list import Cursor, Filter, Order, lead_page, next_lead, order_for
from models.store.places import places_within
from models.store.search import refresh
from models.store.viewer import OPERATOR, Viewer
from models.words import LeadStatus, Role
from tests.review.factories import (
    ARNHEM,
    NIJMEGEN,
    RHEDEN,
    make_account,
    make_item,
    make_lead,
    place_key,
    viewer_of,
)

pytestmark = pytest.mark.both_databases

THEMES = ("groen", "energie", "zorg", None)
SOURCES = ("koerier", "krant", "koerier-noord")


@pytest.fixture
def leads(session: Session) -> list[Lead]:
    """Two hundred leads of all kinds, many with the same score, age or place in the queue."""
    chance = random.Random(4)
    anna = make_account(session, "anna@voorbeeld.example").id
    keys = [place_key(session, ARNHEM, name) for name in ("Presikhaaf I", "Presikhaaf-West", "Klarendal")]
    items = {source: make_item(session, source=source) for source in SOURCES}
    now = datetime.now(UTC)
    made = []
    for number in range(200):
        code = chance.choice((ARNHEM, ARNHEM, RHEDEN, NIJMEGEN, None))
        lead = Lead(
            status=chance.choice((LeadStatus.OPEN, LeadStatus.OPEN, LeadStatus.REJECTED)),
            title=chance.choice(
                ("Buurttuin in aanleg", "Bewoners planten bomen", "Een soepcafé voor iedereen")
            ),
            snippet="Samen met de wijk.",
            municipality_code=code,
            place_key=chance.choice(keys) if code == ARNHEM else None,
            theme=chance.choice(THEMES),
            score=chance.choice((0.2, 0.5, 0.75, 0.9)),
            precedence=-chance.choice((0, 10, 20)),
            opened_at=now - timedelta(days=chance.choice((0.5, 3, 10, 40))),
            extended_at=now,
            assignee_id=chance.choice((None, None, anna)),
        )
        session.add(lead)
        session.flush()
        for source in chance.sample(SOURCES, chance.choice((1, 1, 2))):
            session.add(LeadItem(lead_id=lead.id, item_id=items[source].id, added_at=now))
        made.append(lead)
        assert lead.id == made[0].id + number
    session.commit()
    while refresh(session, 60):
        session.commit()
    return made


def sources_of(session: Session) -> dict[int, set[str]]:
    """Lead -> keys of its sources."""
    found: dict[int, set[str]] = {}
    for lead_id, key in session.execute(select(LeadItem.lead_id, Item.source_key).join(Item)):
        found.setdefault(lead_id, set()).add(key)
    return found


def fits(lead: Lead, filter: Filter, words: str, places: frozenset[str], sources: set[str]) -> bool:
    """Whether a lead is asked for, said once more as plainly as can be."""
    return all(
        (
            lead.status is filter.status,
            filter.municipality_code in (None, lead.municipality_code),
            filter.place_key is None or lead.place_key in places,
            filter.theme in (None, lead.theme),
            filter.score_from is None or lead.score >= filter.score_from,
            filter.score_below is None or lead.score < filter.score_below,
            filter.source_key is None or filter.source_key in sources,
            filter.days is None or lead.opened_at >= utc_now() - timedelta(days=filter.days),
            filter.assignee_id is None or (lead.assignee_id or 0) == filter.assignee_id,
            words in lead.title,
        )
    )


def expected(
    session: Session, leads: list[Lead], viewer: Viewer, filter: Filter, order: Order, words: str
) -> list[int]:
    """The whole list."""

    def place(lead: Lead) -> tuple[object, ...]:
        if filter.text:
            return (lead.id,)
        return {
            Order.MIXED: (lead.precedence, lead.score, lead.id),
            Order.SCORE: (lead.score, lead.id),
            Order.NEWEST: (lead.opened_at, lead.id),
        }[order_for(filter, order)]

    places = places_within(session, filter.place_key or "")
    sources = sources_of(session)
    seen = [
        lead
        for lead in leads
        if (viewer.decides or lead.municipality_code == viewer.municipality_code)
        and fits(lead, filter, words, places, sources[lead.id])
    ]
    return [lead.id for lead in sorted(seen, key=place, reverse=True)]


def walked(session: Session, viewer: Viewer, filter: Filter, order: Order) -> list[int]:
    """All pages from the first to the last, which must be the same as from the last to the first."""
    down: list[int] = []
    after: Cursor | None = None
    for _ in range(20):
        page = lead_page(session, viewer, filter, order=order, after=after, limit=29)
        assert (page.before is None) == (after is None or not page.rows)
        down += [row.id for row in page.rows]
        if page.after is None:
            break
        after = page.after
    up: list[int] = []
    before = page.rows[0].cursor if page.rows else None
    while before is not None:
        above = lead_page(session, viewer, filter, order=order, before=before, limit=29)
        up = [row.id for row in above.rows] + up
        before = above.before
    assert up + [row.id for row in page.rows] == down
    return down


#: Name -> a choice, what its words must stand in the title as, and places by name.
CHOICES: dict[str, tuple[Filter, str, str]] = {
    "all open": (Filter(), "", ""),
    "rejected": (Filter(LeadStatus.REJECTED), "", ""),
    "municipality": (Filter(municipality_code=ARNHEM), "", ""),
    "neighbourhood": (Filter(), "", "Presikhaaf I"),
    "district": (Filter(municipality_code=ARNHEM), "", "Presikhaaf-West"),
    "theme": (Filter(theme="groen"), "", ""),
    "score": (Filter(score_from=0.5, score_below=0.9), "", ""),
    "source": (Filter(source_key="koerier-noord"), "", ""),
    "age": (Filter(days=7), "", ""),
    "nobody": (Filter(assignee_id=0), "", ""),
    "person": (Filter(assignee_id=1), "", ""),
    "words": (Filter(text="tuinen"), "Buurttuin", ""),
    "words and score": (Filter(text="soepcafe", score_from=0.5), "soepcafé", ""),
    "words and place": (Filter(text="bomen", municipality_code=ARNHEM, days=30), "bomen", "Presikhaaf-West"),
    "all at once": (
        Filter(theme="zorg", score_from=0.4, source_key="koerier", days=30, assignee_id=0),
        "",
        "",
    ),
    "score and age": (Filter(score_below=0.6, days=5), "", ""),
    "nothing fits": (Filter(theme="sport", source_key="krant"), "", ""),
}


@pytest.mark.parametrize("rare", [False, True], ids=["walked", "gathered"])
def test_paging_visits_every_lead_that_fits_once_and_in_order(
    session: Session, leads: list[Lead], rare: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if rare:
        # As if the choice fitted few among very many.
        monkeypatch.setattr(leads_walk, "FIRST_WALK", 4)
        monkeypatch.setattr(leads_walk, "WALK", 9)
        monkeypatch.setattr(leads_walk, "LONG_WALK", 18)
        monkeypatch.setattr(leads_walk, "PORTION", 3)
        monkeypatch.setattr(search, "LOOKED_AT", 0)
    anna = next(lead.assignee_id for lead in leads if lead.assignee_id)
    clerk = Viewer(account_id=9, name="", roles=frozenset({Role.MUNICIPALITY}), municipality_code=ARNHEM)
    found = 0
    for (choice, words, place), order, viewer in product(CHOICES.values(), Order, (OPERATOR, clerk)):
        filter = replace(choice, place_key=place_key(session, ARNHEM, place) if place else None)
        if filter.assignee_id:
            filter = replace(filter, assignee_id=anna)
        wanted = expected(session, leads, viewer, filter, order, words)
        assert walked(session, viewer, filter, order) == wanted, (filter, order)
        found += len(wanted)
    assert found > 2000


def test_a_municipality_gets_nothing_of_others_whatever_it_asks(session: Session, leads: list[Lead]) -> None:
    clerk = Viewer(account_id=9, name="", roles=frozenset({Role.MUNICIPALITY}), municipality_code=RHEDEN)
    own = {lead.id for lead in leads if lead.municipality_code == RHEDEN}
    for choice, _, _ in CHOICES.values():
        page = lead_page(session, clerk, choice, limit=200)
        assert {row.id for row in page.rows} <= own
        following = next_lead(session, clerk, after=None, filter=choice)
        assert following is None or following in own
        foreign = replace(choice, municipality_code=ARNHEM)
        assert lead_page(session, clerk, foreign).rows == []
        assert next_lead(session, clerk, after=None, filter=foreign) is None
    nobody = Viewer(account_id=9, name="", roles=frozenset({Role.MUNICIPALITY}))
    officer = Viewer(account_id=9, name="", roles=frozenset({Role.PRIVACY_OFFICER}), municipality_code=ARNHEM)
    for viewer in (nobody, officer):
        assert lead_page(session, viewer, Filter()).rows == []
        assert lead_page(session, viewer, Filter(text="tuin")).rows == []


def test_what_somebody_else_has_in_front_of_them_does_not_come_next(session: Session) -> None:
    anna, bob = (
        make_account(session, "anna@voorbeeld.example"),
        make_account(session, "bob@voorbeeld.example"),
    )
    first, second, third = (make_lead(session, score=score).id for score in (0.9, 0.8, 0.7))
    now = utc_now()
    session.add(LeadClaim(lead_id=first, account_id=bob.id, claimed_at=now))
    session.add(
        LeadClaim(lead_id=second, account_id=bob.id, claimed_at=now - CLAIM_TERM - timedelta(seconds=1))
    )
    session.add(LeadClaim(lead_id=third, account_id=anna.id, claimed_at=now))
    session.commit()
    viewer = viewer_of(anna)

    assert next_lead(session, viewer, after=None) == second
    assert next_lead(session, viewer, after=None, skip={second}) == third
    assert next_lead(session, viewer, after=None, skip={second, third}) is None
    # From the last one it begins again at the top, and still not with what another has.
    assert next_lead(session, viewer, after=Cursor(0.7, third)) == second
    assert next_lead(session, viewer_of(bob), after=None) == first


def test_next_stays_within_the_choice(session: Session) -> None:
    anna = viewer_of(make_account(session, "anna@voorbeeld.example"))
    green = [make_lead(session, score=score, theme="groen").id for score in (0.9, 0.6)]
    make_lead(session, score=0.8, theme="zorg")
    session.commit()
    choice = Filter(theme="groen", municipality_code=ARNHEM)

    assert next_lead(session, anna, after=Cursor(0.9, green[0]), filter=choice) == green[1]
    assert next_lead(session, anna, after=Cursor(0.6, green[1]), filter=choice, skip={green[0]}) == green[1]


def test_a_row_says_who_has_it_and_until_when_it_sleeps(session: Session) -> None:
    anna = make_account(session, "anna@voorbeeld.example", name="Anna")
    lead = make_lead(session, status=LeadStatus.SNOOZED)
    lead.assignee_id, lead.snoozed_until, lead.wake_on_news = anna.id, utc_now(), True
    session.commit()

    (row,) = lead_page(session, OPERATOR, Filter(LeadStatus.SNOOZED, assignee_id=anna.id)).rows

    assert (row.assignee_id, row.assignee) == (anna.id, "Anna")
    assert (row.snoozed_until, row.wake_on_news) == (lead.snoozed_until, True)


@pytest.mark.parametrize(
    ("asked", "inside", "outside"),
    [
        pytest.param("Presikhaaf-West", "Presikhaaf II", "Elsweide", id="a district has its neighbourhoods"),
        pytest.param("Presikhaaf", "Elsweide", "Klarendal", id="another name has all that carry it"),
        pytest.param("cbs:WK020209", "Cranevelt", "Klarendal", id="a name taken from it lies in it"),
        pytest.param("Presikhaaf I", "Presikhaaf I", "Presikhaaf II", id="a neighbourhood has itself"),
    ],
)
def test_what_lies_in_a_place(session: Session, asked: str, inside: str, outside: str) -> None:
    found = places_within(session, place_key(session, ARNHEM, asked) or asked)

    assert place_key(session, ARNHEM, inside) in found
    assert place_key(session, ARNHEM, outside) not in found
    assert places_within(session, "no such place") == frozenset()
