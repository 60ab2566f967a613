"""Saved views: keeping a choice, sharing it with colleagues, and removing it."""

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from models.words import Role
from tests.review.factories import ARNHEM, make_lead
from tests.review.visitor import Visitor

SignIn = Callable[..., Visitor]
FORM = "/weergaven"


@pytest.fixture(autouse=True)
def _two_leads(session: Session) -> None:
    make_lead(session, title="Tuin", theme="groen", score=0.9)
    make_lead(session, title="Kast", theme="circulair", score=0.6)
    session.commit()


def views(visitor: Visitor) -> dict[str, str]:
    """Name -> address of each saved view on the page."""
    return {link.text_content(): link.get("href") for link in visitor.page.cssselect(".scout-view__link")}


def removals(visitor: Visitor) -> list[str]:
    """Where the buttons go that remove views."""
    return [form.action for form in visitor.page.cssselect(".scout-views__remove form")]


def save(visitor: Visitor, query: str, name: str, **fields: str) -> None:
    visitor.get("/?" + query)
    visitor.send(FORM, name=name, **fields)


def test_a_choice_is_saved_under_a_name_found_again_and_removed(ada: Visitor) -> None:
    save(ada, f"thema=groen&gemeente={ARNHEM}&volgorde=score", "  Groen   in Arnhem ")

    assert "De keuze ‘Groen in Arnhem’ is bewaard." in ada.notices
    assert ada.titles == ["Tuin"]
    (current,) = ada.page.cssselect(".scout-view__link[aria-current]")
    assert current.text_content() == "Groen in Arnhem"
    ada.get("/")
    assert len(ada.titles) == 2
    ada.get(views(ada)["Groen in Arnhem"])
    assert ada.titles == ["Tuin"]
    assert ada.form("/")["volgorde"] == "score"
    ada.send(removals(ada)[0])
    assert "De keuze is verwijderd." in ada.notices
    assert views(ada) == {}
    assert ada.titles == ["Tuin"]


def test_colleagues_see_a_view_only_when_it_is_shared_and_can_not_remove_it(
    ada: Visitor, sign_in: SignIn
) -> None:
    save(ada, "thema=groen", "Van mij alleen")
    save(ada, "thema=circulair", "Voor iedereen", shared="ja")
    bob = sign_in("bob@voorbeeld.example")

    bob.get("/")
    assert list(views(bob)) == ["Voor iedereen"]
    assert "van Ada" in bob.main
    assert removals(bob) == []
    bob.get(views(bob)["Voor iedereen"])
    assert bob.titles == ["Kast"]
    ada.get("/")
    token = bob.page.cssselect("input[name=csrf_token]")[0].get("value")
    for action in removals(ada):
        bob.answer = bob.client.post(action, data={"csrf_token": token}, follow_redirects=True)
        assert "Deze keuze was al verwijderd." in bob.notices
    ada.get("/")
    assert list(views(ada)) == ["Van mij alleen", "Voor iedereen"]


def test_a_municipality_saves_for_itself_and_sees_no_views_of_others(ada: Visitor, sign_in: SignIn) -> None:
    save(ada, "thema=groen", "Van het netwerk", shared="ja")
    clerks = [
        sign_in(f"{name}@voorbeeld.example", roles=[Role.MUNICIPALITY], municipality="Arnhem")
        for name in ("cor", "dia")
    ]

    save(clerks[0], "thema=groen", "Ons groen", shared="ja")

    assert list(views(clerks[0])) == ["Ons groen"]
    clerks[0].get("/?thema=groen")
    assert not clerks[0].page.cssselect("[name=shared]")
    for visitor in (clerks[1], ada):
        visitor.get("/")
        assert "Ons groen" not in visitor.answer.text
    assert "Van het netwerk" not in clerks[1].get("/").text


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("", "Geef deze keuze een naam."),
        ("   ", "Geef deze keuze een naam."),
        ("x" * 81, "hooguit 80 tekens"),
    ],
)
def test_a_view_that_can_not_be_saved_says_why_and_keeps_what_was_typed(
    ada: Visitor, name: str, problem: str
) -> None:
    save(ada, "thema=groen", name, shared="ja")

    assert ada.answer.status_code == 400
    (error,) = ada.page.cssselect("#fouten a")
    assert problem in error.text_content()
    assert ada.page.cssselect(error.get("href"))
    again = ada.form(FORM)
    assert (again["name"], again["thema"], again["shared"]) == (name.strip(), "groen", "ja")
    assert ada.titles == ["Tuin"]
    assert views(ada) == {}


def test_a_name_used_before_gets_the_new_choice(ada: Visitor) -> None:
    save(ada, "thema=groen", "Mijn werk")
    save(ada, "thema=circulair", "Mijn werk")

    assert list(views(ada)) == ["Mijn werk"]
    ada.get(views(ada)["Mijn werk"])
    assert ada.titles == ["Kast"]


def test_what_is_typed_stays_text_and_only_choices_are_kept(ada: Visitor) -> None:
    attack = '"><script>alert(1)</script>'
    ada.get("/?thema=groen&onbekend=javascript:alert(1)&na=x")
    ada.send(FORM, name=attack, zoek='tuin"><img src=x>')

    assert attack not in ada.answer.text
    assert "<img src=x>" not in ada.answer.text
    assert "onbekend" not in views(ada)[attack]
    ada.get(views(ada)[attack])
    assert ada.answer.status_code == 200


def test_there_is_nothing_to_save_when_nothing_is_chosen(ada: Visitor) -> None:
    ada.get("/")
    assert FORM not in ada.actions
    ada.get(FORM)
    assert ada.heading == "Signalen"
