"""The main menu: one line of it, with what belongs to managing under one name where there is more of it."""

from collections.abc import Callable

import pytest

from models.words import Role
from tests.review.visitor import Visitor

DAILY = ["Signalen", "Register", "Delingen", "Rondes", "Inbrengen", "Tweede blik", "Cijfers"]


def links(visitor: Visitor, where: str) -> list[str]:
    return [link.text_content() for link in visitor.page.cssselect(where)]


@pytest.mark.parametrize(
    ("role", "shown", "under"),
    [
        (Role.REVIEWER, [*DAILY, "Bronnen"], []),
        (Role.PROJECT_LEADER, [*DAILY, "Beheer"], ["Bronnen", "Kanalen"]),
        (Role.ADMIN, [*DAILY, "Beheer"], ["Bronnen", "Kanalen", "Logboek", "Accounts"]),
        (Role.MUNICIPALITY, [*(one for one in DAILY if one != "Tweede blik"), "Kanalen"], []),
    ],
)
def test_everybody_sees_what_they_may_open(
    sign_in: Callable[..., Visitor], role: Role, shown: list[str], under: list[str]
) -> None:
    town = {"municipality": "Arnhem"} if role is Role.MUNICIPALITY else {}
    visitor = sign_in("pia@voorbeeld.example", roles=[role], **town)

    visitor.get("/")

    first = ".scout-nav__list > li > a, .scout-nav__list > li > details > summary"
    assert links(visitor, first) == shown
    assert links(visitor, ".scout-nav__under a") == under


def test_the_name_above_says_that_one_is_below_it(sign_in: Callable[..., Visitor]) -> None:
    admin = sign_in("pia@voorbeeld.example", roles=[Role.ADMIN])

    admin.get("/bronnen")

    assert links(admin, ".scout-nav [aria-current]") == ["Beheer", "Bronnen"]
    assert not admin.page.cssselect(".scout-nav details[open]")
