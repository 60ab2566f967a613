"""The report in a real browser: nothing for axe to find, narrow and wide, and what comes out on paper."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.account import Account
from models.initiative import Initiative
from models.initiative_change import InitiativeChange
from models.report import EngagementProfile, ReportMade
from models.share import Share
from models.store.reports import figures_of
from models.store.reports_period import Period
from models.store.reports_places import facts_of
from models.store.viewer import OPERATOR
from models.words import Answer, Ending, Phase, ShareStatus
from tests.e2e.conftest import CLERK, EMAIL
from tests.e2e.pages import follow, let_in, look_over, page_of
from tests.review.factories import ARNHEM, RHEDEN, make_lead

pytestmark = pytest.mark.browser

THEMES = ["groen", "ontmoeting", "energie", "zorg", "circulair", None]
GROUPS = ("Betrokken buurtmakers", "Drukke gezinnen", "Op afstand", "Nieuwkomers")
NAMES = ["Buurttuin", "Eettafel", "Deelkast", "Klusclub", "Zonnedak", "Repaircafé", "Wandelclub"]


def a_month(session: Session) -> None:
    """Two municipalities with leads, entries, shares and profiles, and a report of three weeks ago."""
    staff = session.scalars(select(Account.id).where(Account.email == EMAIL)).one()
    now = datetime.now(UTC)
    for code, number in ((ARNHEM, 26), (RHEDEN, 9)):
        quarters, towns = facts_of(code)
        spots = [one.key for one in quarters if one.kind == "buurt"][::3] + [one.key for one in towns]
        for turn in range(number):
            at = now - timedelta(days=turn * 3, hours=1)
            entry = Initiative(
                name=f"{NAMES[turn % len(NAMES)]} {turn + 1}",
                summary="In eigen woorden.",
                municipality_code=code,
                place_key=spots[turn * 5 % len(spots)] if turn % 4 else None,
                theme=THEMES[turn * turn % len(THEMES)],
                phase=list(Phase)[turn % len(Phase)],
                created_by_id=staff,
                created_at=at,
                updated_at=at,
            )
            session.add(entry)
            make_lead(
                session, municipality=code, theme=THEMES[turn % len(THEMES)] or "sport", age_days=turn * 2
            )
            session.flush()
            session.add(
                InitiativeChange(
                    initiative_id=entry.id,
                    at=at + timedelta(minutes=30),
                    fields={"phase": ["gesignaleerd", entry.phase.value]},
                )
            )
            session.add(
                Share(
                    municipality_code=code,
                    initiative_id=entry.id,
                    status=[ShareStatus.SEEN, ShareStatus.ANSWERED, ShareStatus.CLOSED][turn % 3],
                    offered_by_id=staff,
                    offered_at=at - timedelta(days=turn % 9),
                    answer=list(Answer)[turn % 5] if turn % 3 else None,
                    answered_at=at if turn % 3 else None,
                    ending=Ending.HELPED if turn % 3 == 2 else None,
                    ended_at=at if turn % 3 == 2 else None,
                )
            )
    for turn, one in enumerate(one for one in facts_of(ARNHEM)[0] if one.kind == "buurt"):
        # The newcomers live where no initiative is.
        parts = [4 + turn % 3, 3 + (turn // 2) % 4, 5, 1 + 7 * (turn % 3 == 1)]
        session.add(
            EngagementProfile(
                neighbourhood_code=one.cbs_code,
                municipality_code=ARNHEM,
                shares={group: part / sum(parts) for group, part in zip(GROUPS, parts, strict=True)},
                uploaded_by_id=staff,
                uploaded_at=now,
            )
        )
    session.flush()
    before = Period((now - timedelta(days=49)).date(), (now - timedelta(days=21)).date())
    session.add(
        ReportMade(
            municipality_code=ARNHEM,
            first_day=before.first,
            last_day=before.last,
            made_by_id=staff,
            made_at=now - timedelta(days=21),
            figures=figures_of(session, OPERATOR, ARNHEM, before).kept(),
        )
    )


@pytest.fixture(scope="module")
def region(serve: Callable[..., str]) -> str:
    """A server with a month to report."""
    return serve(a_month)


def test_axe_finds_nothing_wrong_and_nothing_sticks_out(browser: Any, region: str) -> None:
    for email, paths in (
        (
            CLERK,
            ("rapport", "rapport?vanaf=x&tot-en-met=y", "rapport/profielen", f"cijfers/gemeenten/{ARNHEM}"),
        ),
        (
            EMAIL,
            ("rapport", f"rapport?gemeente={RHEDEN}&periode=jaar", f"rapport/profielen?gemeente={RHEDEN}"),
        ),
    ):
        with page_of(browser, bypass_csp=True) as page:
            let_in(page, region, email)
            assert look_over(page, [region + path for path in paths]) == {}


def test_a_tile_is_told_apart_without_colour_and_stays_readable_on_a_telephone(
    browser: Any, region: str
) -> None:
    with page_of(browser, viewport={"width": 360, "height": 800}) as page:
        let_in(page, region, CLERK)
        page.goto(region + "rapport")
        sizes = page.evaluate(
            "[...document.querySelectorAll('[id^=buurten-][id$=-titel] ~ .scout-tiles__one')]"
            ".map(one => [one.getBoundingClientRect().width, one.getBoundingClientRect().height])"
        )
        assert len(sizes) > 50
        assert min(min(size) for size in sizes) >= 18
        full, counts = (
            page.locator(f"[id^=buurten-][id$=-titel] ~ .{name}").count()
            for name in ("scout-tiles__one--full", "scout-tiles__count")
        )
        assert full == counts > 0


def test_on_paper_there_are_figures_and_no_buttons(browser: Any, region: str) -> None:
    with page_of(browser, viewport={"width": 800, "height": 1100}) as page:
        let_in(page, region, CLERK)
        page.goto(region + "rapport")
        page.emulate_media(media="print")
        assert page.locator(".scout-report table:visible").count() >= 6
        for hidden in (".scout-header", ".scout-report__choice", ".scout-report__close", ".scout-places"):
            assert not page.locator(hidden).is_visible()
        assert page.locator("h1").is_visible()


def test_a_report_is_closed_with_the_keyboard_alone(browser: Any, serve: Callable[..., str]) -> None:
    address = serve(a_month)
    with page_of(browser, java_script_enabled=False) as page:
        let_in(page, address, CLERK)
        page.goto(address + "cijfers")
        follow(page, "nav[aria-label=Cijfers] a:text-is('Rapport')")
        page.focus("main button:text-is('Rapport afsluiten')")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert "is afgesloten" in page.inner_text(".scout-notice")
