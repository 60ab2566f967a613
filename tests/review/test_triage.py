"""Working on one lead: snooze, merge, split, hand over, note, and walking on through the chosen leads."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import Engine, event, select
from sqlalchemy.orm import Session

from models.base import ZONE
from models.decision import Decision
from models.initiative import Initiative
from models.lead import Lead
from models.lead_claim import LeadClaim
from models.lead_item import LeadItem
from models.lead_note import LeadNote
from models.words import DecisionKind, LeadStatus, Role
from review.actions import ACTIONS
from tests.review.factories import ARNHEM, NIJMEGEN, RHEDEN, make_item, make_lead
from tests.review.visitor import Visitor

SignIn = Callable[..., Visitor]
#: Every field of every form of a lead.
FIELDS = """
    version reason note summary name municipality_code place_key theme question contact link hours expertise
    entry tot datum eerder met nummer bericht aan text gezien volgende gemeente buurt thema
"""
SUMMARY = "Buren maken samen een tuin op een leeg stuk grond en onderhouden die zelf."


def status(session: Session, lead: Lead) -> LeadStatus:
    found = session.get_one(Lead, lead.id, populate_existing=True).status
    session.commit()
    return found


def last(session: Session, lead: Lead) -> Decision:
    found = session.scalars(select(Decision).where(Decision.lead_id == lead.id).order_by(Decision.id)).all()
    session.commit()
    return found[-1]


def today() -> date:
    return datetime.now(ZONE).date()


def next_monday(day: date) -> date:
    """The first Monday after a day."""
    return min(day + timedelta(days=n) for n in range(1, 8) if (day + timedelta(days=n)).weekday() == 0)


@pytest.fixture
def garden(session: Session) -> Lead:
    """A lead with two items."""
    items = [
        make_item(session, title="Buurttuin aan de Kamperweg", score=0.9),
        make_item(session, title="Speeltuin De Wip zoekt verf", score=0.8, source="bode"),
    ]
    lead = make_lead(session, title="Buurttuin aan de Kamperweg", items=items)
    session.commit()
    return lead


# ---- Snoozing ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "until", "on_news"),
    [
        pytest.param({"tot": "morgen"}, lambda: today() + timedelta(days=1), False, id="tomorrow"),
        pytest.param(
            {"tot": "week"}, lambda: next_monday(today() + timedelta(days=1)), False, id="next Monday"
        ),
        pytest.param({"tot": "nieuws"}, lambda: None, True, id="until something new"),
        pytest.param(
            {"tot": "datum", "datum": (datetime.now(ZONE).date() + timedelta(days=30)).isoformat()},
            lambda: today() + timedelta(days=30),
            False,
            id="a day",
        ),
        pytest.param(
            {"tot": "morgen", "eerder": "ja"}, lambda: today() + timedelta(days=1), True, id="or news"
        ),
    ],
)
def test_a_lead_is_put_off_and_says_until_when(
    ada: Visitor,
    session: Session,
    garden: Lead,
    sent: dict[str, str],
    until: Callable[[], date | None],
    on_news: bool,
) -> None:
    ada.get(f"/signalen/{garden.id}")

    ada.send(f"/signalen/{garden.id}/uitstellen", note="Eerst bellen", **sent)

    assert "‘Buurttuin aan de Kamperweg’ is uitgesteld." in ada.notices
    assert status(session, garden) is LeadStatus.SNOOZED
    decision = last(session, garden)
    found = decision.snoozed_until and decision.snoozed_until.astimezone(ZONE).date()
    assert (found, decision.wake_on_news, decision.note) == (until(), on_news, "Eerst bellen")
    ada.get(f"/signalen/{garden.id}")
    assert "Uitgesteld tot" in ada.main
    assert "van ‘open’ naar ‘uitgesteld’" in ada.main
    # It can still be decided on.
    ada.send(f"/signalen/{garden.id}/afwijzen", reason="anders")
    assert status(session, garden) is LeadStatus.REJECTED


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({}, "Kies tot wanneer u dit signaal uitstelt."),
        ({"tot": "nooit"}, "Kies tot wanneer u dit signaal uitstelt."),
        ({"tot": "datum"}, "Kies tot wanneer u dit signaal uitstelt."),
        ({"tot": "datum", "datum": "gisteren"}, "Kies tot wanneer u dit signaal uitstelt."),
        ({"tot": "datum", "datum": "2020-01-01"}, "Kies een dag na vandaag, uiterlijk"),
        ({"tot": "datum", "datum": "9999-12-31"}, "Kies een dag na vandaag, uiterlijk"),
    ],
)
def test_a_day_that_can_not_be_is_refused_and_the_note_stays(
    ada: Visitor, session: Session, garden: Lead, sent: dict[str, str], said: str
) -> None:
    ada.get(f"/signalen/{garden.id}")

    ada.send(f"/signalen/{garden.id}/uitstellen", note="Eerst bellen", **sent)

    assert ada.answer.status_code == 400
    assert said in ada.main
    assert ada.form(f"/signalen/{garden.id}/uitstellen")["note"] == "Eerst bellen"
    assert status(session, garden) is LeadStatus.OPEN


# ---- Merging and splitting -----------------------------------------------------------------------------


def test_what_looks_alike_stands_beside_it_and_is_merged_with_one_press_and_taken_apart_again(
    ada: Visitor, session: Session, garden: Lead
) -> None:
    other = make_lead(session, title="Buurttuin Kamperweg geopend", score=0.5)
    session.commit()
    ada.get(f"/signalen/{garden.id}")
    (alike,) = ada.page.cssselect(".scout-alike__one")
    assert "Buurttuin Kamperweg geopend" in alike.text_content()
    (button,) = alike.cssselect("button")

    ada.send(f"/signalen/{garden.id}/samenvoegen", met=button.get("value"))

    assert "is samengevoegd" in ada.notices
    assert status(session, garden) is LeadStatus.MERGED
    # The only one left is next, with all items in it.
    assert ada.page.cssselect("[data-lead]")[0].get("data-lead") == str(other.id)
    assert "3 berichten" in ada.main
    ada.get(f"/signalen/{garden.id}")
    assert "voegde dit samen met een ander signaal" in ada.main
    ada.send(f"/besluiten/{last(session, garden).id}/ongedaan")
    assert "staat weer open" in ada.notices
    assert "2 berichten" in ada.main


def test_a_lead_named_by_its_number_is_shown_before_the_two_are_merged(
    ada: Visitor, session: Session, garden: Lead
) -> None:
    other = make_lead(session, title="Iets heel anders", municipality=NIJMEGEN, score=0.1)
    session.commit()
    ada.get(f"/signalen/{garden.id}")
    action = f"/signalen/{garden.id}/samenvoegen"

    ada.send(action, nummer=f"http://localhost/signalen/{other.id}?volgorde=score")

    assert ada.answer.status_code == 200
    assert status(session, garden) is LeadStatus.OPEN
    assert ada.form(action)["met"] == f"{other.id}/{other.version}"
    assert "Iets heel anders" in ada.page.cssselect("label[for=met-genoemd]")[0].text_content()
    ada.send(action)
    assert status(session, garden) is LeadStatus.MERGED


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({}, "Kies een signaal, of vul een nummer in."),
        ({"nummer": "tuin"}, "Kies een signaal, of vul een nummer in."),
        ({"nummer": "987654321"}, "Er is geen signaal met dit nummer."),
        ({"met": "987654321/1"}, "Kies een signaal, of vul een nummer in."),
        ({"met": "1'; DROP TABLE lead"}, "Kies een signaal, of vul een nummer in."),
    ],
)
def test_a_merge_with_nothing_is_refused(
    ada: Visitor, session: Session, garden: Lead, sent: dict[str, str], said: str
) -> None:
    ada.get(f"/signalen/{garden.id}")

    ada.send(f"/signalen/{garden.id}/samenvoegen", **sent)

    assert ada.answer.status_code == 400
    assert said in ada.main
    assert status(session, garden) is LeadStatus.OPEN


def test_a_lead_is_not_merged_with_itself_or_with_one_that_was_merged(
    ada: Visitor, session: Session, garden: Lead
) -> None:
    gone = make_lead(session, title="Weg", status=LeadStatus.MERGED)
    session.commit()
    ada.get(f"/signalen/{garden.id}")

    ada.send(f"/signalen/{garden.id}/samenvoegen", nummer=garden.id)
    assert "Dit is het nummer van dit signaal zelf." in ada.main
    ada.send(f"/signalen/{garden.id}/samenvoegen", nummer=gone.id)
    assert "Dat signaal heeft de status ‘samengevoegd’." in ada.main
    ada.send(f"/signalen/{garden.id}/samenvoegen", nummer="", met=f"{garden.id}/1")
    assert "Dit is hetzelfde signaal" in ada.main


def test_a_merge_is_refused_when_the_other_lead_changed_meanwhile(
    ada: Visitor, session: Session, garden: Lead
) -> None:
    other = make_lead(session, title="Buurttuin Kamperweg geopend", score=0.5)
    session.commit()
    ada.get(f"/signalen/{garden.id}")
    other.score = 0.6
    session.commit()

    ada.send(f"/signalen/{garden.id}/samenvoegen", met=f"{other.id}/1", note="zelfde tuin")

    assert ada.answer.status_code == 409
    assert "Het andere signaal is intussen veranderd." in ada.main
    assert status(session, garden) is LeadStatus.OPEN
    assert 'value="zelfde tuin"' in ada.answer.text or "zelfde tuin" in ada.answer.text
    ada.send(f"/signalen/{garden.id}/samenvoegen", met=f"{other.id}/{other.version}")
    assert status(session, garden) is LeadStatus.MERGED


def test_a_merged_lead_says_where_its_items_are_and_claims_nothing_else(
    ada: Visitor, sign_in: SignIn, session: Session, garden: Lead
) -> None:
    other = make_lead(session, title="Buurttuin geopend")
    session.commit()
    guus = sign_in("guus@arnhem.example", roles=[Role.MUNICIPALITY], municipality=ARNHEM)
    ada.get(f"/signalen/{garden.id}")
    ada.send(f"/signalen/{garden.id}/samenvoegen", nummer=other.id)
    ada.send(f"/signalen/{garden.id}/samenvoegen", met=f"{other.id}/1")

    for reader in (ada, guus):
        reader.get(f"/signalen/{garden.id}")

        assert "De berichten van dit signaal staan nu bij een ander signaal." in reader.main
        assert reader.page.cssselect(f".scout-asleep a[href='/signalen/{other.id}']")
        for wrong in ("0 berichten", "0 bronnen", "Waarom dit signaal?"):
            assert wrong not in reader.main

    # Found to be in another municipality: to this one it is not there.
    session.get_one(Lead, other.id, populate_existing=True).municipality_code = RHEDEN
    session.commit()
    guus.get(f"/signalen/{garden.id}")
    assert "staan nu bij een ander signaal." in guus.main
    assert f"/signalen/{other.id}" not in guus.answer.text


def test_items_about_something_else_become_a_lead_of_their_own_and_come_back(
    ada: Visitor, session: Session, garden: Lead
) -> None:
    ada.get(f"/signalen/{garden.id}")
    (wip,) = [
        box.get("value")
        for box in ada.page.cssselect("input[name=bericht]")
        if "De Wip" in ada.page.cssselect(f"label[for={box.get('id')}]")[0].text_content()
    ]

    ada.send(f"/signalen/{garden.id}/splitsen", bericht=wip)

    assert "is gesplitst" in ada.notices
    assert ada.heading == "Buurttuin aan de Kamperweg"
    assert "1 bericht " in ada.main
    (link,) = [
        a.get("href") for a in ada.page.cssselect(".scout-history a") if "Bekijk signaal" in a.text_content()
    ]
    split_off = last(session, garden)
    ada.get(link)
    assert ada.heading == "Speeltuin De Wip zoekt verf"
    ada.get(f"/signalen/{garden.id}")
    ada.send(f"/besluiten/{split_off.id}/ongedaan")
    assert "2 berichten" in ada.main


@pytest.mark.parametrize("chosen", ["none", "all", "another's"])
def test_a_split_needs_some_of_its_own_items_but_not_all(
    ada: Visitor, session: Session, garden: Lead, chosen: str
) -> None:
    own = list(session.scalars(select(LeadItem.item_id).where(LeadItem.lead_id == garden.id)))
    session.commit()
    ada.get(f"/signalen/{garden.id}")
    form = ada.form(f"/signalen/{garden.id}/splitsen")
    items = {"none": [], "all": own, "another's": [987654]}[chosen]

    ada.answer = ada.client.post(f"/signalen/{garden.id}/splitsen", data={**form, "bericht": items})

    assert ada.answer.status_code == 400
    assert "Kies een of meer berichten, maar niet allemaal." in ada.main


# ---- Notes, hands, and who is looking ------------------------------------------------------------------


def test_a_note_is_for_colleagues_and_says_who_wrote_it(
    ada: Visitor, sign_in: SignIn, session: Session, garden: Lead
) -> None:
    ada.get(f"/signalen/{garden.id}")

    ada.send(f"/signalen/{garden.id}/notitie", text="Ik bel de wijkcoach.\r\n<b>Morgen</b>")

    assert "Uw notitie is bewaard." in ada.notices
    assert ada.heading == garden.title
    bob = sign_in("bob@voorbeeld.example")
    bob.get(f"/signalen/{garden.id}")
    assert "Ada" in bob.main
    assert "<b>Morgen</b>" in bob.main  # as text
    assert session.scalars(select(LeadNote.text)).one() == "Ik bel de wijkcoach.\n<b>Morgen</b>"


@pytest.mark.parametrize(("text", "said"), [(" ", "Schrijf eerst iets op."), ("x" * 501, "Maak dit korter")])
def test_an_empty_or_endless_note_is_refused(
    ada: Visitor, session: Session, garden: Lead, text: str, said: str
) -> None:
    ada.get(f"/signalen/{garden.id}")

    ada.send(f"/signalen/{garden.id}/notitie", text=text)

    assert ada.answer.status_code == 400
    assert said in ada.main
    assert ada.form(f"/signalen/{garden.id}/notitie")["text"].strip() == text.strip()


def test_a_lead_is_taken_in_hand_given_to_a_colleague_and_let_go(
    ada: Visitor, sign_in: SignIn, session: Session, garden: Lead
) -> None:
    bob = sign_in("bob@voorbeeld.example", name="Bob Bos")
    ada.get(f"/signalen/{garden.id}")
    action = f"/signalen/{garden.id}/toewijzen"

    ada.send(action, aan="mij")
    assert "In handen van u" in ada.main
    ada.send(action, aan=bob.account_id)
    assert "Bob Bos heeft dit signaal nu in handen." in ada.notices
    assert "In handen van Bob Bos" in ada.main
    ada.send(action, aan="niemand")

    assert "In handen van niemand" in ada.main
    assert "wees dit signaal toe aan Bob Bos" in ada.main
    assert "nam dit signaal in handen" in ada.main
    for nobody in ("", "987654", "onzin"):
        ada.send(action, aan=nobody)
        assert ada.answer.status_code == 400
        assert "Kies een collega uit de lijst." in ada.main


def test_whoever_opens_a_lead_that_a_colleague_looks_at_is_told_so(
    ada: Visitor, sign_in: SignIn, session: Session, garden: Lead
) -> None:
    bea = sign_in("bea@voorbeeld.example", name="Bea Bos")
    bea.get(f"/signalen/{garden.id}")

    ada.get(f"/signalen/{garden.id}")

    assert "Bea Bos kijkt ook naar dit signaal." in ada.main
    assert "1 minuut geleden" in ada.main
    bea.get(f"/signalen/{garden.id}")
    assert "kijkt ook naar" not in bea.main
    # Bea walks on, and it is free again.
    elsewhere = make_lead(session, title="Elders", score=0.1)
    session.commit()
    bea.get(f"/signalen/{elsewhere.id}")
    ada.get(f"/signalen/{garden.id}")
    assert "kijkt ook naar" not in ada.main


def test_two_who_walk_the_same_view_get_different_leads(
    ada: Visitor, sign_in: SignIn, session: Session
) -> None:
    leads = [make_lead(session, title=f"Signaal {n}", score=0.9 - n / 10) for n in range(6)]
    session.commit()
    bob = sign_in("bob@voorbeeld.example")
    ada.get(f"/signalen/{leads[0].id}?volgorde=score")
    bob.get(f"/signalen/{leads[1].id}?volgorde=score")

    ada.send(f"/signalen/{leads[0].id}/afwijzen", reason="anders")
    assert ada.heading == "Signaal 2"
    bob.send(f"/signalen/{leads[1].id}/afwijzen", reason="anders")

    assert bob.heading == "Signaal 3"
    claims = {row.lead_id: row.account_id for row in session.scalars(select(LeadClaim))}
    assert claims == {leads[2].id: ada.account_id, leads[3].id: bob.account_id}


def test_saying_that_one_still_looks_does_so_and_no_more(
    ada: Visitor, sign_in: SignIn, session: Session, garden: Lead
) -> None:
    ada.get(f"/signalen/{garden.id}")
    claim = session.scalars(select(LeadClaim)).one()
    claim.claimed_at -= timedelta(minutes=5)
    session.commit()

    ada.send(f"/signalen/{garden.id}/oppakken")

    session.refresh(claim)
    assert datetime.now(UTC) - claim.claimed_at < timedelta(minutes=1)
    assert ada.notices == ""
    session.commit()
    bob = sign_in("bob@voorbeeld.example", name="Bob")
    bob.get(f"/signalen/{garden.id}")
    bob.send(f"/signalen/{garden.id}/oppakken")
    assert "Ada kijkt al naar dit signaal." in bob.notices


# ---- Walking on ----------------------------------------------------------------------------------------


def test_the_whole_choice_goes_along_with_every_form_and_link(ada: Visitor, session: Session) -> None:
    first = make_lead(session, title="Groen een", theme="groen", score=0.9)
    make_lead(session, title="Voedsel", theme="voedsel", score=0.85)
    make_lead(session, title="Rheden", theme="groen", municipality=RHEDEN, score=0.84)
    second = make_lead(session, title="Groen twee", theme="groen", score=0.8)
    session.commit()
    chosen = f"gemeente={ARNHEM}&thema=groen&volgorde=score"
    ada.get(f"/signalen/{first.id}?{chosen}")
    for action in {one for one in ada.actions if "/signalen/" in one}:
        form = ada.form(action)
        assert (form["gemeente"], form["thema"], form["volgorde"]) == (ARNHEM, "groen", "score"), action
    assert [a.get("href") for a in ada.page.cssselect("a[rel=next]")] == [f"/signalen/{second.id}?{chosen}"]

    ada.send(f"/signalen/{first.id}/afwijzen", reason="anders")

    assert ada.heading == "Groen twee"
    assert ada.answer.request.query_string.decode() == chosen
    # Undo keeps it as well.
    ada.send(f"/besluiten/{last(session, first).id}/ongedaan")
    assert ada.heading == "Groen een"
    assert ada.answer.request.query_string.decode() == chosen


def test_the_next_lead_stands_ready_and_is_the_one_that_comes(ada: Visitor, session: Session) -> None:
    first = make_lead(session, title="Eerste", score=0.9)
    second = make_lead(session, title="Tweede", score=0.5)
    session.commit()

    ada.get(f"/signalen/{first.id}?volgorde=score")
    ahead = f"/signalen/{second.id}/alvast?volgorde=score"
    assert f'<template id="volgende" data-from="{ahead}"></template>' in ada.answer.text
    ada.get(ahead)

    template = ada.answer.text
    assert "<h1" in template
    assert "Tweede" in template
    # The buttons are there; their forms come with the answer, before which nothing could be sent.
    assert 'data-act="reject"' in template
    assert f"/signalen/{second.id}/afwijzen" not in template
    # Nobody has it in front of them yet.
    assert session.scalars(select(LeadClaim.lead_id)).all() == [first.id]
    # Something better came in meanwhile: who saw the second one next gets it nevertheless.
    ada.get(f"/signalen/{first.id}")
    make_lead(session, title="Tussendoor", score=0.7)
    session.commit()
    ada.send(f"/signalen/{first.id}/afwijzen", reason="anders")
    assert ada.heading == "Tweede"


def test_the_lead_that_was_ready_is_passed_over_when_a_colleague_took_it(
    ada: Visitor, sign_in: SignIn, session: Session
) -> None:
    first = make_lead(session, title="Eerste", score=0.9)
    second = make_lead(session, title="Tweede", score=0.5)
    make_lead(session, title="Derde", score=0.3)
    session.commit()
    bob = sign_in("bob@voorbeeld.example")
    ada.get(f"/signalen/{first.id}")
    bob.get(f"/signalen/{second.id}")

    ada.send(f"/signalen/{first.id}/afwijzen", reason="anders")

    assert ada.heading == "Derde"


def test_the_last_decision_can_be_taken_back_after_walking_on(ada: Visitor, session: Session) -> None:
    first = make_lead(session, title="Eerste", score=0.9)
    make_lead(session, title="Tweede", score=0.5)
    third = make_lead(session, title="Derde", score=0.3)
    session.commit()
    ada.get(f"/signalen/{first.id}")
    ada.send(f"/signalen/{first.id}/afwijzen", reason="anders")
    ada.get(f"/signalen/{third.id}")
    undo = f"/besluiten/{last(session, first).id}/ongedaan"
    assert undo in ada.actions
    ada.get("/")
    assert undo in ada.actions

    ada.send(undo)

    assert ada.heading == "Eerste"
    ada.get(f"/signalen/{third.id}")
    assert undo not in ada.actions


def test_an_own_decision_of_an_earlier_session_is_undone_with_a_reason(
    ada: Visitor, session: Session, garden: Lead
) -> None:
    ada.get(f"/signalen/{garden.id}")
    ada.send(f"/signalen/{garden.id}/afwijzen", reason="anders")
    made = last(session, garden)
    with ada.client.session_transaction() as kept:
        kept["begun"] = datetime.now(UTC).timestamp() + 60
    ada.get(f"/signalen/{garden.id}")

    ada.send(f"/besluiten/{made.id}/ongedaan")
    assert ada.answer.status_code == 400
    assert "Schrijf waarom u dit besluit ongedaan maakt." in ada.main
    ada.send(f"/besluiten/{made.id}/ongedaan", reason="Toch een initiatief")

    assert status(session, garden) is LeadStatus.OPEN


# ---- Answers for scripts -------------------------------------------------------------------------------

SCRIPTS = {"HX-Request": "true"}


def test_scripts_get_the_next_lead_in_the_answer_itself(ada: Visitor, session: Session) -> None:
    first = make_lead(session, title="Eerste", score=0.9)
    second = make_lead(session, title="Tweede", score=0.5)
    session.commit()
    ada.get(f"/signalen/{first.id}?gemeente={ARNHEM}")
    form = {**ada.form(f"/signalen/{first.id}/afwijzen"), "reason": "anders"}

    ada.answer = ada.client.post(f"/signalen/{first.id}/afwijzen", data=form, headers=SCRIPTS)

    assert ada.answer.status_code == 200
    assert ada.answer.headers["HX-Push-Url"] == f"/signalen/{second.id}?gemeente={ARNHEM}"
    assert ada.heading == "Tweede"
    assert "‘Eerste’ is afgewezen." in ada.notices
    # Sent twice: refused, and the address stays.
    ada.answer = ada.client.post(f"/signalen/{first.id}/afwijzen", data=form, headers=SCRIPTS)
    assert ada.answer.status_code == 409
    assert ada.answer.headers["HX-Push-Url"] == "false"
    assert "Ada wees dit af" in ada.main


def test_scripts_are_sent_to_the_list_when_nothing_is_left(ada: Visitor, session: Session) -> None:
    only = make_lead(session, title="Enige")
    session.commit()
    ada.get(f"/signalen/{only.id}?gemeente={ARNHEM}")
    form = {**ada.form(f"/signalen/{only.id}/afwijzen"), "reason": "anders"}

    ada.answer = ada.client.post(f"/signalen/{only.id}/afwijzen", data=form, headers=SCRIPTS)

    assert ada.answer.headers["HX-Redirect"] == f"/?gemeente={ARNHEM}"
    ada.get(f"/?gemeente={ARNHEM}")
    assert "‘Enige’ is afgewezen." in ada.notices


# ---- The register --------------------------------------------------------------------------------------


def test_expertise_and_hours_reach_the_register(ada: Visitor, session: Session, garden: Lead) -> None:
    ada.get(f"/signalen/{garden.id}")
    form = {**ada.form(f"/signalen/{garden.id}/opnemen"), "summary": SUMMARY, "hours": "24"}

    ada.answer = ada.client.post(
        f"/signalen/{garden.id}/opnemen",
        data={**form, "expertise": ["subsidies", "vastgoed"]},
        follow_redirects=True,
    )

    entry = session.scalars(select(Initiative)).one()
    assert (entry.expertise, entry.hours) == (["subsidies", "vastgoed"], 24)
    ada.get(f"/register/{entry.id}")
    assert "Subsidies en fondsen, Gebouwen en grond" in ada.main
    assert "ongeveer 24 uur" in ada.main


@pytest.mark.parametrize("hours", ["0", "2001", "veel", "2,5", "-3", "٣"])
def test_hours_that_are_no_whole_number_within_bounds_are_refused(
    ada: Visitor, session: Session, garden: Lead, hours: str
) -> None:
    ada.get(f"/signalen/{garden.id}")

    ada.send(f"/signalen/{garden.id}/opnemen", summary=SUMMARY, hours=hours, expertise="subsidies")

    assert ada.answer.status_code == 400
    assert "Vul een heel getal in van 1 tot en met 2000." in ada.main
    form = ada.form(f"/signalen/{garden.id}/opnemen")
    assert (form["hours"], form["expertise"], form["summary"]) == (hours, "subsidies", SUMMARY)


def test_what_looks_like_an_entry_is_asked_once_and_then_taken(ada: Visitor, session: Session) -> None:
    first = make_lead(session, title="Buurttuin De Kamperhof", url="https://kamperhof.example/over")
    again = make_lead(session, title="Buurttuin De Kamperhof", url="https://kamperhof.example/over")
    session.commit()
    ada.get(f"/signalen/{first.id}")
    ada.send(f"/signalen/{first.id}/opnemen", summary=SUMMARY)
    entry = session.scalars(select(Initiative.id)).one()
    session.commit()
    ada.get(f"/signalen/{again.id}")
    assert f"/register/{entry}" in {a.get("href") for a in ada.page.cssselect(".scout-alike a")}

    ada.send(f"/signalen/{again.id}/opnemen", summary=SUMMARY, question="Wie helpt?")

    assert ada.answer.status_code == 200
    assert "Staat dit al in het register?" in ada.main
    buttons = [button.text_content() for button in ada.page.cssselect("form[action$=opnemen] button")]
    assert buttons == ["Toch opnemen", "Al bekend: Buurttuin De Kamperhof"]
    assert len(list(session.scalars(select(Initiative)))) == 1
    session.commit()
    ada.send(f"/signalen/{again.id}/opnemen")
    assert "staat nu in het register" in ada.notices
    assert len(list(session.scalars(select(Initiative)))) == 2


def test_al_bekend_remembers_the_entry_it_was_known_by(ada: Visitor, session: Session) -> None:
    first = make_lead(session, title="Buurttuin De Kamperhof")
    again = make_lead(session, title="Buurttuin De Kamperhof", score=0.8)
    session.commit()
    ada.get(f"/signalen/{first.id}")
    ada.send(f"/signalen/{first.id}/opnemen", summary=SUMMARY)
    entry = session.scalars(select(Initiative.id)).one()
    session.commit()
    ada.get(f"/signalen/{again.id}")

    ada.send(f"/signalen/{again.id}/al-bekend", entry=entry)

    decision = last(session, again)
    assert (decision.kind, decision.initiative_id) == (DecisionKind.KNOWN, entry)
    ada.get(f"/signalen/{again.id}")
    assert f"/register/{entry}" in {a.get("href") for a in ada.page.cssselect(".scout-history a")}


# ---- Map, access, hostile input, speed -----------------------------------------------------------------


def test_a_map_shows_the_municipality_and_says_where_its_data_come_from(
    ada: Visitor, session: Session
) -> None:
    town = make_lead(session, title="In Velp", municipality=RHEDEN, place="Velp")
    quarter = make_lead(session, title="In een wijk", place="Presikhaaf")
    nowhere = make_lead(session, title="Nergens", municipality=None)
    session.commit()

    ada.get(f"/signalen/{town.id}")
    (drawing,) = ada.page.cssselect(".scout-map svg")
    assert drawing.get("role") == "img"
    assert "Een stip geeft aan waar Velp ligt" in drawing.text_content()
    assert len(drawing.cssselect("circle")) == 1
    assert "Bevat gegevens van CBS en Kadaster (CC BY 4.0)" in ada.main
    ada.get(f"/signalen/{quarter.id}")
    (drawing,) = ada.page.cssselect(".scout-map svg")
    assert drawing.cssselect("circle") == []
    ada.get(f"/signalen/{nowhere.id}")
    assert ada.page.cssselect(".scout-map") == []


def test_a_municipality_reads_its_own_leads_and_can_do_nothing_with_them(
    sign_in: SignIn, ada: Visitor, session: Session, garden: Lead
) -> None:
    foreign = make_lead(session, title="Ver weg", municipality=NIJMEGEN)
    session.commit()
    ada.get(f"/signalen/{garden.id}")
    ada.send(f"/signalen/{garden.id}/notitie", text="Alleen voor ons")
    form = ada.form(f"/signalen/{garden.id}/afwijzen")
    clerk = sign_in("gemeente@arnhem.example", roles=[Role.MUNICIPALITY], municipality="Arnhem")

    clerk.get(f"/signalen/{garden.id}")

    assert clerk.heading == garden.title
    for secret in ("Alleen voor ons", "Uw besluit", "In handen van", "Al bekend?", "kijkt ook", "Splitsen"):
        assert secret not in clerk.answer.text
    assert [one for one in clerk.actions if "signalen" in one] == []
    assert "Ver weg" not in clerk.answer.text
    assert clerk.client.get(f"/signalen/{foreign.id}").status_code == 404
    token = clerk.page.cssselect("input[name=csrf_token]")[0].get("value")
    for action in ACTIONS:
        answer = clerk.client.post(
            f"/signalen/{garden.id}/{action}", data={**form, "csrf_token": token, "reason": "anders"}
        )
        assert answer.status_code == 403, action
    assert status(session, garden) is LeadStatus.OPEN


@pytest.mark.parametrize("action", ACTIONS)
def test_nonsense_is_refused_or_ignored_but_never_breaks(
    ada: Visitor, session: Session, garden: Lead, action: str
) -> None:
    nonsense = "\x00<script>alert(1)</script>" + "9" * 400
    ada.get(f"/signalen/{garden.id}")
    form = ada.form(f"/signalen/{garden.id}/afwijzen")
    fields = FIELDS.split()

    ada.answer = ada.client.post(
        f"/signalen/{garden.id}/{action}",
        data={**dict.fromkeys(fields, nonsense), "csrf_token": form["csrf_token"]},
        follow_redirects=True,
    )

    assert ada.answer.status_code in (200, 400, 409)
    assert "<script>alert(1)" not in ada.answer.text


def test_a_form_asked_for_in_the_address_is_open(ada: Visitor, session: Session, garden: Lead) -> None:
    ada.get(f"/signalen/{garden.id}?doe=uitstellen")

    (opened,) = ada.page.cssselect("details[open]")
    assert opened.cssselect("form")[0].get("action").endswith("/uitstellen")
    ada.get(f"/signalen/{garden.id}?doe=verbranden")
    assert ada.page.cssselect("details[open]") == []


def test_a_page_asks_the_database_a_fixed_number_of_times(
    app: Flask, engine: Engine, ada: Visitor, session: Session
) -> None:
    def ask(lead: Lead) -> int:
        ada.get(f"/signalen/{lead.id}")  # so that it is in front of Ada, and lists are in memory
        asked: list[str] = []

        def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
            asked.append(statement)

        event.listen(engine, "before_cursor_execute", note)
        ada.get(f"/signalen/{lead.id}")
        event.remove(engine, "before_cursor_execute", note)
        return len(asked)

    few = [make_lead(session, title=f"Tuin {n}", score=0.9 - n / 100) for n in range(2)]
    session.commit()
    least = ask(few[0])
    items = [make_item(session, title=f"Bericht {n}") for n in range(20)]
    many = make_lead(session, title="Veel berichten", items=items, score=0.95)
    for n in range(20):
        make_lead(session, title=f"Tuin nummer {n}", score=0.5)
    session.commit()

    assert ask(many) <= least + 6
    assert least <= 28
