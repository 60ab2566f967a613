"""Dutch first, English second, both complete."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from jinja2 import Environment
from sqlalchemy.orm import Session

from models.labels import load_labels
from models.settings import Settings
from review.language import collect, read_catalogue, untranslated
from tests.review.factories import make_lead
from tests.review.visitor import Visitor

TEMPLATES = Path(__file__).resolve().parents[2] / "review" / "templates"
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")
#: Names, and what is the same in every language.
NO_WORDS = {"Participatienetwerk", "Scout", "–", "·", "csrf_token", "Ctrl", "Enter", "Esc"}
#: Fields whose value is sent but never shown.
UNSEEN = re.compile(r'<(?:button|option|input(?=[^<>]*type="(?:hidden|radio|checkbox)"))\b[^<>]*>')


def texts(catalogue: Catalog) -> set[str]:
    return {m.id if isinstance(m.id, str) else m.id[0] for m in catalogue if m.id}


def test_every_text_of_code_and_templates_has_an_english_one() -> None:
    catalogue = read_catalogue()

    assert texts(collect()) == texts(catalogue), "run: python -m review.language"
    assert untranslated(catalogue) == []


def test_both_languages_fill_in_the_same_things() -> None:
    for message in read_catalogue():
        ids = [message.id] if isinstance(message.id, str) else list(message.id)
        strings = [message.string] if isinstance(message.string, str) else list(message.string)
        if ids[0]:
            wanted = {name for text in ids for name in PLACEHOLDER.findall(text)}
            found = {name for text in strings for name in PLACEHOLDER.findall(text)}
            assert found == wanted, ids


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: path.name)
def test_no_words_stand_in_a_template_outside_a_translated_text(path: Path) -> None:
    environment = Environment(extensions=["jinja2.ext.i18n"])
    pieces = [value for _, kind, value in environment.lex(path.read_text("utf-8")) if kind == "data"]
    source = "\0".join(pieces)
    words = re.sub(r"<!--.*?-->|<(?:[^<>]|\0)*>", " ", source)
    shown = UNSEEN.sub(lambda tag: re.sub(r'value="[^"]*"', "", tag[0]), source)
    attributes = re.findall(r'(?:aria-label|title|placeholder|alt|value)="([^"\0]*)"', shown)

    left = set(re.findall(r"[^\W\d_]{2,}", words)) | {
        w for a in attributes for w in re.findall(r"[^\W\d_]{2,}", a)
    }

    assert left <= NO_WORDS


def test_every_label_has_both_names(settings: Settings) -> None:
    labels = load_labels(settings)

    assert set(labels.themes) == set(labels.themes_en)
    assert set(labels.reasons) == set(labels.reasons_en)
    assert set(labels.evidence) == set(labels.evidence_en)
    for names in (labels.themes, labels.themes_en, labels.reasons, labels.reasons_en, labels.evidence_en):
        assert all(names.values())
    assert len(labels.themes) == 16


def test_every_reason_that_the_classifier_gives_has_a_name_in_both_languages(settings: Settings) -> None:
    from scout.classify.evidence import WORDING
    from scout.classify.features import RESIDENTS_ACT

    assert {*RESIDENTS_ACT, WORDING} <= set(load_labels(settings).evidence)


@pytest.mark.parametrize("wanted", ["", "nl", "en-GB,en;q=0.9", "fr-FR"])
def test_pages_are_dutch_whatever_the_browser_asks_for(visitor: Visitor, wanted: str) -> None:
    visitor.get("/aanmelden", headers={"Accept-Language": wanted})

    assert visitor.page.get("lang") == "nl"
    assert visitor.answer.headers["Content-Language"] == "nl"
    assert visitor.heading == "Aanmelden"


def test_the_visible_link_switches_and_is_remembered(ada: Visitor, session: Session) -> None:
    make_lead(session, place="Presikhaaf")
    session.commit()
    ada.get("/?status=open")
    link = ada.page.cssselect("footer a[hreflang=en]")[0]

    ada.get(link.get("href"))
    assert ada.heading == "Leads"
    ada.get("/register")
    assert ada.page.get("lang") == "en"
    ada.get("/")
    assert "1 lead is waiting for a decision" in ada.main
    assert "1 day ago" in ada.main
    assert "0.90" in ada.main
    assert "Green and gardens" in ada.main
    ada.get(ada.page.cssselect("footer a[hreflang=nl]")[0].get("href"))
    assert ada.heading == "Signalen"


def test_the_link_to_the_other_language_can_not_be_bent(visitor: Visitor) -> None:
    visitor.get("/aanmelden?_external=1&_scheme=javascript&endpoint=x&next=/register&taal=en")

    link = visitor.page.cssselect("footer a[hreflang=nl]")[0].get("href")

    assert link.startswith("/aanmelden?")
    assert link.endswith("taal=nl")


def test_english_pages_hold_no_dutch(ada: Visitor, session: Session, sign_in: Callable[..., Visitor]) -> None:
    lead = make_lead(session, title="T", snippet="S", evidence=[], text="")
    session.commit()
    dutch = texts(read_catalogue())
    english = {
        string
        for message in read_catalogue()
        for string in ([message.string] if isinstance(message.string, str) else list(message.string))
    }
    only_dutch = {text for text in dutch - english if len(text) > 6 and "%(" not in text}
    ada.get("/?taal=en")

    for path in ("/", f"/signalen/{lead.id}", "/register", "/hoe-het-werkt", "/toegankelijkheid", "/weg"):
        ada.get(path)
        shown = ada.page.xpath("//body//text()[normalize-space()]")
        assert not {" ".join(text.split()) for text in shown} & only_dutch
