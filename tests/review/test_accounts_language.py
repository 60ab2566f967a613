"""Texts that Flask-Security brings: all in Dutch for who reads Dutch, in English for who reads English."""

import re
from pathlib import Path

import flask_security
from babel.messages.pofile import read_po

from review.language import SECURITY_CATALOGUE, read_catalogue
from tests.review.visitor import Visitor

POT = Path(flask_security.__file__).parent / "translations" / "flask_security.pot"
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%s|<a |</a>")


def test_every_text_of_the_installed_version_has_a_dutch_one() -> None:
    with open(POT, "rb") as file:
        theirs = {message.id for message in read_po(file) if message.id}
    ours = {message.id: message.string for message in read_catalogue(SECURITY_CATALOGUE) if message.id}

    assert theirs - {text for text, dutch in ours.items() if dutch} == set()
    assert set(ours) - theirs == set(), "no longer used"


def test_the_messages_in_its_code_are_all_among_them(visitor: Visitor) -> None:
    ours = {message.id for message in read_catalogue(SECURITY_CATALOGUE)}
    said = {value[0] for key, value in visitor.app.config.items() if key.startswith("SECURITY_MSG_")}

    assert len(said) > 50
    assert {str(text) for text in said} - ours == set()


def test_the_dutch_fills_in_the_same_things() -> None:
    for message in read_catalogue(SECURITY_CATALOGUE):
        assert sorted(PLACEHOLDER.findall(message.id)) == sorted(PLACEHOLDER.findall(message.string)), (
            message.id
        )


def test_who_reads_english_reads_theirs_in_english(ada: Visitor) -> None:
    for language, said in (
        ("nl", "De twee wachtwoorden zijn niet hetzelfde."),
        ("en", "Passwords do not match"),
    ):
        ada.get(f"/account/wachtwoord?taal={language}")
        ada.send("/account/wachtwoord", password="x", new_password="y", new_password_confirm="z")
        assert said in ada.main
