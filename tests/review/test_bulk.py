"""Deciding on several leads together: what happens, what is refused and why, and the way back."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.decision import Decision
from models.lead import Lead
from models.store.bulk import MOST
from models.words import DecisionKind, LeadStatus, Role
from tests.review.factories import ARNHEM, RHEDEN, make_lead
from tests.review.visitor import Visitor

SignIn = Callable[..., Visitor]
FORM = "/signalen/samen"


@pytest.fixture
def three(session: Session) -> list[Lead]:
    """Three open leads, best first: Een, Twee, Drie."""
    leads = [
        make_lead(session, title=title, score=0.9 - n / 10) for n, title in enumerate(("Een", "Twee", "Drie"))
    ]
    session.commit()
    return leads


def boxes(visitor: Visitor) -> dict[str, str]:
    """Heading -> what its box would send, of the leads that can be ticked."""
    return {
        card.cssselect(".scout-card__title a")[0].text_content(): box.get("value")
        for card in visitor.page.cssselect(".scout-card")
        for box in card.cssselect("input[name=kies]")
    }


def ticked(visitor: Visitor) -> list[str]:
    """Headings of the leads that are ticked."""
    values = {value: heading for heading, value in boxes(visitor).items()}
    return [
        values[box.get("value")] for box in visitor.page.cssselect(".scout-card input[name=kies][checked]")
    ]


def together(visitor: Visitor, headings: list[str], **fields: str) -> None:
    """Tick these leads on the page and send the form."""
    values = boxes(visitor)
    sent = {**visitor.form(FORM), **fields, "kies": [values[heading] for heading in headings]}
    visitor.answer = visitor.client.post(FORM, data=sent, follow_redirects=True)


def undo_of(visitor: Visitor) -> str:
    """Where the button that takes back several decisions goes."""
    (action,) = [form.action for form in visitor.page.cssselect(".scout-notice form")]
    return str(action)


def statuses(session: Session, leads: list[Lead]) -> list[LeadStatus]:
    """What became of the leads, read afresh; the lock that reading takes here is given back."""
    session.expire_all()
    found = [lead.status for lead in leads]
    session.rollback()
    return found


def decisions(session: Session) -> list[Decision]:
    """All decisions, oldest first."""
    session.rollback()
    found = list(session.scalars(select(Decision).order_by(Decision.id)))
    for one in found:
        session.expunge(one)
    session.rollback()
    return found


def test_ticked_leads_are_rejected_together_and_one_click_takes_that_back(
    ada: Visitor, session: Session, three: list[Lead]
) -> None:
    ada.get("/")
    together(ada, ["Een", "Drie"], besluit="afwijzen", reason="commercieel", note="reclame")

    assert ada.titles == ["Twee"]
    assert "2 signalen afgewezen." in ada.notices
    assert statuses(session, three) == [LeadStatus.REJECTED, LeadStatus.OPEN, LeadStatus.REJECTED]
    made = decisions(session)
    assert {(one.reason, one.note, one.account_id) for one in made} == {
        ("commercieel", "reclame", ada.account_id)
    }
    assert len({one.batch for one in made}) == 1
    undo = undo_of(ada)
    ada.send(undo)
    assert "De besluiten over 2 signalen zijn ongedaan gemaakt." in ada.notices
    assert sorted(ada.titles) == ["Drie", "Een", "Twee"]
    assert statuses(session, three) == [LeadStatus.OPEN] * 3
    ada.get("/")
    assert ada.notices == ""


@pytest.mark.parametrize(
    ("fields", "status", "words"),
    [
        ({"besluit": "al-bekend"}, LeadStatus.KNOWN, "2 signalen staan nu bij ‘al bekend’."),
        ({"besluit": "uitstellen", "on_news": "ja"}, LeadStatus.SNOOZED, "2 signalen uitgesteld."),
    ],
)
def test_known_and_snoozed_together(
    ada: Visitor, session: Session, three: list[Lead], fields: dict[str, str], status: LeadStatus, words: str
) -> None:
    ada.get("/")
    together(ada, ["Een", "Twee"], **fields)

    assert words in ada.notices
    assert statuses(session, three) == [status, status, LeadStatus.OPEN]


def test_snoozing_until_a_day_typed_the_dutch_way_shows_that_day_on_the_card(
    ada: Visitor, session: Session, three: list[Lead]
) -> None:
    with time_machine.travel(datetime.now(UTC), tick=True):
        day = (datetime.now(UTC) + timedelta(days=10)).date()
        ada.get("/")
        together(ada, ["Een"], besluit="uitstellen", until=f"{day.day}-{day.month}-{day.year}")
        ada.get("/?status=snoozed")

    assert ada.titles == ["Een"]
    assert f"terug op {day.day} " in ada.main


def test_assigning_together_shows_whose_they_are_and_finds_them(
    ada: Visitor, sign_in: SignIn, session: Session, three: list[Lead]
) -> None:
    bob = sign_in("bob@voorbeeld.example")
    ada.get("/")
    together(ada, ["Een", "Twee"], besluit="toewijzen", assignee=str(bob.account_id))

    assert "2 signalen toegewezen aan Bob." in ada.notices
    assert ada.main.count("toegewezen aan Bob") >= 2
    bob.get("/?toegewezen=mij")
    assert bob.titles == ["Een", "Twee"]
    assert bob.main.count("toegewezen aan u") == 2
    bob.get("/?toegewezen=niemand")
    assert bob.titles == ["Drie"]
    ada.get(f"/?toegewezen={bob.account_id}")
    together(ada, ["Een"], besluit="toewijzen", assignee="niemand")
    assert "1 signaal is nu aan niemand toegewezen." in ada.notices
    assert ada.titles == ["Twee"]


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        pytest.param({}, "Kies wat u met de gekozen signalen wilt doen.", id="nothing chosen"),
        pytest.param(
            {"besluit": "wegtoveren"}, "Kies wat u met de gekozen signalen wilt doen.", id="made up"
        ),
        pytest.param(
            {"besluit": "opnemen"}, "Kies wat u met de gekozen signalen wilt doen.", id="not together"
        ),
        pytest.param({"besluit": "afwijzen"}, "Kies waarom u deze signalen afwijst.", id="no reason"),
        pytest.param({"besluit": "afwijzen", "reason": "x"}, "Kies waarom u deze", id="made-up reason"),
        pytest.param({"besluit": "uitstellen"}, "Kies een dag, of kies dat", id="no day"),
        pytest.param({"besluit": "uitstellen", "until": "ooit"}, "Vul een datum in", id="no date"),
        pytest.param({"besluit": "uitstellen", "until": "2020-01-01"}, "Kies een dag na vandaag.", id="past"),
        pytest.param({"besluit": "uitstellen", "until": "31-2-2099"}, "Vul een datum in", id="no such day"),
        pytest.param({"besluit": "toewijzen"}, "Kies een naam uit de lijst.", id="no name"),
        pytest.param({"besluit": "toewijzen", "assignee": "999"}, "Kies een naam uit de lijst.", id="nobody"),
        pytest.param({"besluit": "al-bekend", "note": "x" * 501}, "Maak dit korter", id="long note"),
    ],
)
def test_a_mistake_in_the_form_changes_nothing_and_loses_nothing(
    ada: Visitor, session: Session, three: list[Lead], fields: dict[str, str], problem: str
) -> None:
    ada.get("/?volgorde=score&thema=groen")
    together(ada, ["Een", "Drie"], **{"note": "een notitie", **fields})

    assert ada.answer.status_code == 400
    assert problem in ada.page.cssselect("#fouten")[0].text_content()
    assert ticked(ada) == ["Een", "Drie"]
    again = ada.form(FORM)
    assert again["note"] == fields.get("note", "een notitie")
    assert (again["volgorde"], again["thema"]) == ("score", "groen")
    for name in ("reason", "until", "assignee"):
        if fields.get(name) not in (None, "x", "999"):
            assert again[name] == fields[name]
    for link in ada.page.cssselect("#fouten a"):
        assert ada.page.cssselect(link.get("href"))
    assert statuses(session, three) == [LeadStatus.OPEN] * 3
    assert decisions(session) == []


def test_without_a_ticked_lead_the_form_says_so(ada: Visitor, three: list[Lead]) -> None:
    ada.get("/")
    together(ada, [], besluit="al-bekend")

    assert ada.answer.status_code == 400
    assert "Kies eerst een of meer signalen." in ada.main
    assert ada.form(FORM)["besluit"] == "al-bekend"


def test_who_was_overtaken_is_told_by_whom_and_the_rest_is_done(
    ada: Visitor, sign_in: SignIn, session: Session, three: list[Lead]
) -> None:
    bob = sign_in("bob@voorbeeld.example")
    ada.get("/")
    bob.get("/")
    together(bob, ["Een"], besluit="al-bekend")
    three[1].title = "Twee, met nieuws"
    session.commit()

    together(ada, ["Een", "Twee", "Drie"], besluit="afwijzen", reason="anders")

    assert "1 signaal afgewezen." in ada.notices
    (refused,) = ada.page.cssselect(".scout-refused")
    words = " ".join(refused.text_content().split())
    assert "2 signalen bleven zoals ze waren" in words
    assert "Een: Bob gaf aan dat dit al bekend was" in words
    assert "Twee, met nieuws: dit is intussen veranderd. Bekijk het eerst." in words
    assert statuses(session, three) == [LeadStatus.KNOWN, LeadStatus.OPEN, LeadStatus.REJECTED]


def test_nonsense_and_unknown_numbers_do_no_harm(ada: Visitor, session: Session, three: list[Lead]) -> None:
    ada.get("/")
    token = ada.form(FORM)["csrf_token"]
    values = ["", "x", "-1-1", "1", "1-1-1", "9999999999-1", "2147483647-1", "٣-١", f"{three[0].id}-1"]

    ada.answer = ada.client.post(
        FORM, data={"csrf_token": token, "besluit": "al-bekend", "kies": values}, follow_redirects=True
    )

    assert "1 signaal staat nu bij ‘al bekend’." in ada.notices
    assert "Signaal 2147483647 bestaat niet (meer)." in ada.notices
    many = [f"{number}-1" for number in range(1, MOST + 2)]
    ada.answer = ada.client.post(FORM, data={"csrf_token": token, "besluit": "al-bekend", "kies": many})
    assert ada.answer.status_code == 400
    assert f"hooguit {MOST} signalen" in ada.main
    assert statuses(session, three)[1:] == [LeadStatus.OPEN] * 2


def test_a_hundred_refused_leads_still_fit_in_what_the_next_page_is_told(
    ada: Visitor, session: Session
) -> None:
    leads = [make_lead(session, title=f"Signaal {n}", status=LeadStatus.REJECTED) for n in range(MOST)]
    make_lead(session, title="Open")
    session.commit()
    ada.get("/")

    ada.answer = ada.client.post(
        FORM,
        data={**ada.form(FORM), "besluit": "al-bekend", "kies": [f"{lead.id}-1" for lead in leads]},
        follow_redirects=True,
    )

    assert "Er is niets veranderd." in ada.notices
    assert f"{MOST} signalen bleven zoals ze waren" in ada.notices
    assert "en nog 75" in ada.notices


def test_a_ticked_lead_that_left_the_list_stays_ticked_when_the_form_has_a_mistake(
    ada: Visitor, session: Session, three: list[Lead]
) -> None:
    ada.get("/?thema=groen")
    three[0].theme = "energie"
    session.commit()

    together(ada, ["Een", "Twee"], besluit="afwijzen")

    assert ada.answer.status_code == 400
    assert ada.titles == ["Twee", "Drie"]
    kept = ada.page.cssselect(".scout-bulk input[name=kies][checked]")
    assert [box.get("value").split("-")[0] for box in kept] == [str(three[0].id)]
    assert "Ook gekozen, maar niet meer in deze lijst" in ada.main


def test_all_leads_of_the_page_are_ticked_by_a_link(ada: Visitor, three: list[Lead]) -> None:
    ada.get("/?volgorde=score")
    assert ticked(ada) == []
    (all_of_them,) = ada.page.cssselect("#kies-alles")
    ada.get(all_of_them.get("href"))

    assert ticked(ada) == ["Een", "Twee", "Drie"]
    assert ada.form(FORM)["volgorde"] == "score"
    ada.get(ada.page.cssselect("#kies-alles")[0].get("href"))
    assert ticked(ada) == []


def test_after_deciding_together_the_list_goes_on_where_it_was(ada: Visitor, session: Session) -> None:
    for number in range(60):
        make_lead(session, title=f"Signaal {number:02}", score=0.9 - number / 100)
    session.commit()
    ada.get("/?volgorde=score")
    ada.get(ada.page.cssselect("a[rel=next]")[0].get("href"))
    second = list(ada.titles)

    together(ada, second[:3], besluit="al-bekend")

    assert ada.titles[:22] == second[3:]


def test_a_whole_page_decided_on_leads_to_the_start_of_the_list(ada: Visitor, session: Session) -> None:
    for number in range(30):
        make_lead(session, title=f"Signaal {number:02}", score=0.9 - number / 100)
    session.commit()
    ada.get("/?volgorde=score")
    first = list(ada.titles)
    ada.get(ada.page.cssselect("a[rel=next]")[0].get("href"))

    together(ada, ada.titles, besluit="al-bekend")

    assert ada.titles == first


def test_anothers_batch_is_taken_back_with_a_reason_only(
    ada: Visitor, sign_in: SignIn, session: Session, three: list[Lead]
) -> None:
    bob = sign_in("bob@voorbeeld.example")
    ada.get("/")
    together(ada, ["Een", "Twee"], besluit="afwijzen", reason="protest")
    batch = decisions(session)[0].batch
    page, form = f"/besluiten/samen/{batch}", f"/besluiten/samen/{batch}/ongedaan"

    bob.get(page)
    assert bob.heading == "2 signalen afgewezen"
    assert "Ada" in bob.main
    bob.send(form)
    assert bob.answer.status_code == 400
    assert "Schrijf waarom u deze besluiten ongedaan maakt." in bob.main
    bob.send(form, reason="x" * 501)
    assert bob.answer.status_code == 400
    assert bob.form(form)["reason"] == "x" * 501
    assert statuses(session, three)[0] is LeadStatus.REJECTED
    bob.send(form, reason="Het zijn toch initiatieven.")

    assert statuses(session, three) == [LeadStatus.OPEN] * 3
    undone = [one for one in decisions(session) if one.kind is DecisionKind.UNDO]
    assert {(one.reason, one.account_id) for one in undone} == {
        ("Het zijn toch initiatieven.", bob.account_id)
    }
    # Ada is late.
    ada.send(form)
    assert "al ongedaan gemaakt door Bob" in ada.notices
    bob.get(page)
    assert form not in bob.actions
    assert "Al deze besluiten zijn ongedaan gemaakt." in bob.main


def test_what_moved_on_is_left_alone_when_a_batch_is_taken_back(
    ada: Visitor, sign_in: SignIn, session: Session, three: list[Lead]
) -> None:
    bob = sign_in("bob@voorbeeld.example")
    ada.get("/")
    together(ada, ["Een", "Twee"], besluit="uitstellen", on_news="ja")
    bob.get("/?status=snoozed")
    together(bob, ["Een"], besluit="al-bekend")

    undo = undo_of(ada)
    ada.send(undo)

    assert "Het besluit over 1 signaal is ongedaan gemaakt." in ada.notices
    assert "Een: Bob gaf aan dat dit al bekend was" in ada.notices
    assert statuses(session, three) == [LeadStatus.KNOWN, LeadStatus.OPEN, LeadStatus.OPEN]


@pytest.mark.parametrize(
    "path", ["/besluiten/samen/0123456789abcdef", "/besluiten/samen/x", "/besluiten/samen/'--"]
)
def test_an_unknown_batch_is_not_there(ada: Visitor, three: list[Lead], path: str) -> None:
    ada.get("/")
    token = ada.form(FORM)["csrf_token"]

    assert ada.client.get(path).status_code == 404
    assert ada.client.post(path + "/ongedaan", data={"csrf_token": token}).status_code == 404


def test_addresses_of_forms_opened_as_a_page_lead_to_something(ada: Visitor, three: list[Lead]) -> None:
    ada.get(FORM)
    assert ada.heading == "Signalen"
    assert ada.client.get("/besluiten/samen/0123456789abcdef/ongedaan").status_code == 303


@pytest.mark.parametrize("town", [ARNHEM, RHEDEN])
def test_a_municipality_decides_on_nothing_also_not_with_a_form_of_its_own_making(
    sign_in: SignIn, session: Session, town: str
) -> None:
    lead = make_lead(session, title="Buurttuin", municipality=town)
    session.commit()
    clerk = sign_in("c@voorbeeld.example", roles=[Role.MUNICIPALITY], municipality="Arnhem")
    clerk.get("/")
    assert FORM not in clerk.actions
    assert clerk.page.cssselect("input[name=kies]") == []
    token = clerk.page.cssselect("input[name=csrf_token]")[0].get("value")

    for besluit in ("al-bekend", "toewijzen"):
        answer = clerk.client.post(
            FORM,
            data={"csrf_token": token, "kies": f"{lead.id}-1", "besluit": besluit, "assignee": "niemand"},
        )
        assert answer.status_code == 403
    assert "Buurttuin" not in answer.text
    assert statuses(session, [lead]) == [LeadStatus.OPEN]
    assert decisions(session) == []


def test_what_was_decided_on_is_not_decided_on_together(ada: Visitor, session: Session) -> None:
    make_lead(session, title="Afgewezen", status=LeadStatus.REJECTED)
    session.commit()

    ada.get("/?status=rejected")

    assert ada.titles == ["Afgewezen"]
    assert boxes(ada) == {}
    assert FORM not in ada.actions
