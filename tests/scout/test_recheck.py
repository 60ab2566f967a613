"""Following edits and deletions at the source: what is asked when, and what never comes back."""

import json
import os
import subprocess
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select

from models.database import session_factory
from models.item import Item
from models.lead import Lead
from models.run import Run as Visit
from models.settings import Settings
from models.store.items import account_key
from models.suppression import Suppression
from models.words import LeadStatus, Outcome
from scout.crawl.plan import Known, Suppressions, candidate, decide
from scout.drafts import ItemDraft
from tests.scout.command import run_scout
from tests.scout.gather_world import PROSE, Entry, article, rss
from tests.scout.recheck_world import BEGIN, DAY, HOUR, WEEK, Blog, RecheckWorld
from tests.scout.test_gather_kill import Tripwire
from tests.web import Answer, Route

MINUTE = timedelta(minutes=1)
NOT_THERE = Answer("weg", 404, {"Content-Type": "text/html"})


@pytest.fixture
def world(settings: Settings, engine: Engine) -> Any:
    with RecheckWorld(settings, engine) as world:
        world.page("/", article("Voorpagina"))
        yield world


def found(world: RecheckWorld, count: int, *, leads: bool = True) -> list[str]:
    """A newspaper of so many articles that were gathered; each is a lead."""
    links = world.news("krant", count)
    assert world.gather() == {"new": count}
    world.remember()
    for link in links if leads else ():
        world.lead(link)
    return links


def leads(world: RecheckWorld) -> list[Lead]:
    with session_factory(world.engine, writes=False)() as session:
        return list(session.scalars(select(Lead).order_by(Lead.id)))


def test_an_open_lead_is_asked_about_every_day_and_nothing_else_is(world: RecheckWorld) -> None:
    shown, other = found(world, 2, leads=False)
    world.lead(shown)

    assert world.recheck(HOUR)["sources"] == 0
    report = world.recheck(DAY)
    assert (report["items"], report["problems"]) == ({"there": 1, "gone": 0, "unknown": 0}, [])
    assert world.asked() == ["/krant/0"]
    assert world.recheck(DAY + HOUR)["sources"] == 0
    world.recheck(2 * DAY)
    assert world.asked() == ["/krant/0"]
    world.recheck(WEEK)
    assert sorted(world.asked()) == ["/krant/0", "/krant/1"]
    assert world.texts().keys() == {shown, other}


def test_what_is_told_of_visits_no_longer_names_what_is_gone(world: RecheckWorld) -> None:
    gone, stays = found(world, 2)
    with session_factory(world.engine)() as session:
        run = session.scalars(select(Visit)).one()
        run.problem = f"the first: {gone} answered 404"
        run.warnings = [f"{stays}: odd", f"{gone}0 and {gone}: odd"]
        session.commit()
    world.page("/krant/0", NOT_THERE)

    world.recheck(DAY)
    world.recheck(DAY + 61 * MINUTE)

    with session_factory(world.engine, writes=False)() as session:
        run = session.scalars(select(Visit)).one()
    assert run.problem == "the first: (an address that was taken out) answered 404"
    assert run.warnings == [f"{stays}: odd", f"{gone}0 and (an address that was taken out): odd"]


def test_what_is_gone_is_taken_out_at_the_second_answer_an_hour_later(world: RecheckWorld) -> None:
    gone, stays = found(world, 2)
    world.page("/krant/0", NOT_THERE)

    assert world.recheck(DAY)["items"] == {"there": 1, "gone": 1, "unknown": 0}
    assert world.recheck(DAY + 50 * MINUTE)["sources"] == 0
    report = world.recheck(DAY + 61 * MINUTE)

    assert (report["withdrawn"], world.asked()) == (1, ["/krant/0", "/", "/krant.xml"])
    assert world.gone() == ["/krant/0"]
    assert [lead.status for lead in leads(world)] == [LeadStatus.WITHDRAWN, LeadStatus.OPEN]
    assert world.texts().keys() == {stays}
    assert gone.encode() not in b"".join(path.read_bytes() for path in world.settings.var.glob("scout.db*"))


def test_it_never_comes_back_under_its_address_or_another_with_its_id(world: RecheckWorld) -> None:
    first = world.page("/krant/a", article(text=f"Eerst. {PROSE}"))
    world.feed("krant", [Entry(first, guid="bericht-1")])
    world.gather()
    world.remember()
    world.page("/krant/a", NOT_THERE)
    world.recheck(WEEK)
    world.recheck(WEEK + 2 * HOUR)
    again = world.page("/krant/b", article(text=f"Weer. {PROSE}"))
    world.page("/krant/a", article(text=f"Terug. {PROSE}"))

    world.web.route("/krant.xml", rss([Entry(again, guid="bericht-1"), Entry(first, guid="bericht-2")]))

    assert world.gather(WEEK + DAY) == {"suppressed": 2}
    assert world.gone() == ["/krant/a"]


def test_what_is_there_again_has_its_chance_anew(world: RecheckWorld) -> None:
    found(world, 1)
    answers: list[Route] = [NOT_THERE, article(), NOT_THERE]
    for day, answer in enumerate(answers, start=1):
        world.page("/krant/0", answer)
        assert world.recheck(day * DAY)["withdrawn"] == 0
    assert world.gone() == []


def test_killed_half_way_it_has_lost_nothing_and_asks_nothing_twice(world: RecheckWorld) -> None:
    found(world, 6)
    for number in (0, 2, 4):
        world.page(f"/krant/{number}", NOT_THERE)
    world.recheck(DAY)
    wire = Tripwire(world, "/krant/4", 1)
    wire.run = world.begin_recheck(DAY + 2 * HOUR)
    wire.run.process.join()
    assert wire.run.process.exitcode != 0
    assert world.gone() == ["/krant/0", "/krant/2"]

    report = world.recheck(DAY + 2 * HOUR + MINUTE)

    assert report["withdrawn"] == 1
    assert world.gone() == ["/krant/0", "/krant/2", "/krant/4"]
    assert [path for path in world.asked() if path.startswith("/krant/")] == ["/krant/4"]


def test_no_more_than_a_bounded_number_of_questions_the_oldest_first(world: RecheckWorld) -> None:
    found(world, 5)
    limits = {"scout.crawl.asking:MOST_QUESTIONS": 2}

    asked = [world.recheck(DAY + run * MINUTE, limits=limits)["items"]["there"] for run in range(4)]

    assert asked == [2, 2, 1, 0]


@pytest.mark.parametrize(
    "why",
    ["paused", "switched off", "without terms", "wants to be left alone", "of a blocked host", "removed"],
)
def test_a_source_that_may_not_be_visited_is_not_asked_either(world: RecheckWorld, why: str) -> None:
    found(world, 1)
    url = world.web.url("/krant.xml")
    if why == "paused":
        world.set_source("krant", paused="by a test", paused_at=BEGIN, paused_by_id=1)
    elif why == "switched off":
        world.source("krant", url, enabled=False)
    elif why == "without terms":
        world.source("krant", url, terms="")
    elif why == "wants to be left alone":
        world.set_source("krant", retry_after_until=BEGIN + 2 * DAY)
    elif why == "of a blocked host":
        world.settings = world.settings.model_copy(update={"blocked_hosts": ("127.0.0.1",)})
    else:
        world.file("krant").unlink()

    world.recheck(DAY)

    assert world.web.paths() == []
    assert world.gone() == []


def test_a_server_that_wants_to_be_left_alone_is_until_then(world: RecheckWorld) -> None:
    found(world, 3)
    world.page("/krant/0", Answer("", 429, {"Retry-After": "7200"}))

    report = world.recheck(DAY)

    assert report["items"] == {"there": 0, "gone": 0, "unknown": 0}
    assert "asks to be left alone" in report["problems"][0]["problem"]
    assert world.asked() == ["/krant/0"]
    assert world.recheck(DAY + HOUR)["sources"] == 0
    world.page("/krant/0", article())
    assert world.recheck(DAY + 3 * HOUR)["items"]["there"] == 3


def test_one_question_tells_of_all_posts_of_a_blog_and_brings_their_edits(world: RecheckWorld) -> None:
    blog = Blog(world, "blog")
    for number in range(1, 8):
        blog.write(number)
    world.gather()
    edited = world.item(blog.write(3, "Buurttuin is verhuisd", "Nieuwe tekst. " + PROSE, version=5))
    blog.write(99, "Nieuw bericht")
    blog.binned.add(5)

    report = world.recheck(WEEK)

    assert (report["items"], report["changed"]) == ({"there": 6, "gone": 1, "unknown": 0}, 1)
    assert world.asked() == ["/wp-json/wp/v2/posts", "/post-3", "/wp-json/wp/v2/posts/5"]
    item = world.item(edited.url)
    assert (item.id, item.title) == (edited.id, "Buurttuin is verhuisd")
    # To be classified again; of what stood there before nothing is kept.
    assert (item.content_hash != edited.content_hash, item.changed_at is not None) == (True, True)
    assert "Nieuwe tekst" in world.texts()[edited.url]
    assert len(world.items()) == 7


def cli(world: RecheckWorld, *words: str) -> dict[str, Any]:
    """A command of ``scout``; what it prints with ``--json``."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("SCOUT_")},
        "SCOUT_VAR": str(world.settings.var),
        "SCOUT_CONFIG": str(world.settings.config),
        "SCOUT_SECRET_KEY": "only for tests",
        "SCOUT_ALLOW_PRIVATE_ADDRESSES": "true",
    }
    ran = run_scout(*words, "--json", environment=environment)
    ran.check_returncode()
    result: dict[str, Any] = json.loads(ran.stdout)
    return result


def test_anyone_can_object_to_a_page_and_to_a_whole_domain(world: RecheckWorld) -> None:
    links = found(world, 3)

    assert cli(world, "object", f"{links[1]}?utm_source=x")["withdrawn"] == 1
    assert world.gone() == ["/krant/1"]
    assert [lead.status for lead in leads(world)] == [
        LeadStatus.OPEN,
        LeadStatus.WITHDRAWN,
        LeadStatus.OPEN,
    ]
    report = cli(world, "object", world.web.url("/"))
    assert report == {"kind": "domain", "withdrawn": 2, "sources": ["krant"]}
    assert cli(world, "object", world.web.url("/"))["withdrawn"] == 0
    world.page("/krant/9", article())
    world.web.route("/krant.xml", rss([Entry(link) for link in (*links, world.web.url("/krant/9"))]))
    assert world.gather(DAY) == {"suppressed": 4}
    with session_factory(world.engine, writes=False)() as session:
        kinds = sorted(row.kind for row in session.scalars(select(Suppression)))
        assert {row.why for row in session.scalars(select(Suppression))} == {"objection"}
    assert kinds == ["domain", *["item"] * 3, *["url"] * 3]


def test_nothing_of_an_account_is_stored_after_its_objection(world: RecheckWorld) -> None:
    links = found(world, 2)
    secret = world.settings.effective_secret_key
    with session_factory(world.engine)() as session:
        item = session.scalars(select(Item).where(Item.url == links[0])).one()
        item.account_key = account_key(secret, "Buurtvereniging@toot.example")
        session.commit()

    report = cli(world, "object", "@buurtvereniging@toot.example")

    assert (report["kind"], report["withdrawn"]) == ("account", 1)
    assert world.gone() == ["/krant/0"]
    with session_factory(world.engine, writes=False)() as session:
        keys = frozenset(session.scalars(select(Suppression.key)))
    known = Known(
        source_key="toot",
        suppressions=Suppressions(keys, secret),
        refused={},
        oldest=BEGIN - DAY,
        now=BEGIN,
    )
    for account, outcome in (
        ("buurtvereniging@toot.example", Outcome.SUPPRESSED),
        ("@Buurtvereniging@toot.example", Outcome.SUPPRESSED),
        ("ander@toot.example", None),
        ("", None),
    ):
        url = f"https://toot.example/statuses/{len(account)}"
        draft = ItemDraft(source="toot", external_id=url, url=url, text=PROSE, account=account)
        assert decide(candidate(draft, secret), known).outcome == outcome


def test_an_objection_must_be_to_something(world: RecheckWorld) -> None:
    with pytest.raises(subprocess.CalledProcessError) as refused:
        cli(world, "object", "de buurman")
    assert refused.value.returncode == 2
    assert "give the address of a page" in refused.value.stderr


def test_a_run_follows_deletions_between_gathering_and_flagging(
    trained: Settings, world: RecheckWorld
) -> None:
    (link,) = found(world, 1)
    lead = world.lead(link)
    world.page("/krant/0", NOT_THERE)
    with session_factory(world.engine)() as session:
        item = session.scalars(select(Item)).one()
        item.checked_at = item.first_seen_at = BEGIN - DAY
        session.commit()

    report = cli(world, "run")

    assert set(report) == {"sources", "failed", "items", "flagged", "leads", "seconds", "problems"}
    assert world.item(link).gone_at is not None
    assert lead
