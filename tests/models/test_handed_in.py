"""What people hand in: checked, kept once, taken once, forgotten in time, and shown to whom it concerns."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from models.handed_in import HandedIn, Upload
from models.item import Item
from models.settings import load_settings
from models.store.handed_in import (
    HandIn,
    HandInProblem,
    InvalidHandInError,
    checked,
    hand_in,
    handed_municipalities,
    origin_of_words,
    taken,
    waiting,
)
from models.store.handed_in_list import Became, handed_in_page, known_addresses
from models.store.items import url_key
from models.store.purge import purge
from models.store.uploads import UploadNotFoundError, confirm, save_upload, upload_of
from models.words import Channel, Outcome, Role
from tests.review.factories import ARNHEM, RHEDEN, make_account, make_item, make_lead, viewer_of

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
TODAY = NOW.date()
SECRET = b"only for tests"
URL = "https://www.facebook.com/groups/1/posts/2"


def one(**fields):
    return HandIn(**{"channel": Channel.FORM, "summary": "Bewoners leggen een tuin aan.", **fields})


def check(settings=None, **fields):
    return checked(one(**fields), settings or load_settings(), today=TODAY)


@pytest.fixture
def ada(session):
    """A reviewer."""
    return viewer_of(make_account(session))


def officer(session, code, email):
    return viewer_of(make_account(session, email, roles=[Role.MUNICIPALITY], municipality=code))


# -- checking ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        pytest.param(f"{URL}?fbclid=abc&utm_source=x#top", URL, id="without what follows readers"),
        pytest.param("https://x.com/iemand/status/123456", "https://x.com/i/status/123456", id="x"),
        pytest.param(
            "https://twitter.com/iemand/status/123456/photo/1",
            "https://twitter.com/i/status/123456",
            id="twitter",
        ),
        pytest.param(
            "https://toot.example/@iemand@elders.example/114567890123456789",
            "https://toot.example/statuses/114567890123456789",
            id="mastodon",
        ),
        pytest.param(
            "https://www.instagram.com/iemand/p/Cabc_1-/",
            "https://www.instagram.com/p/Cabc_1-/",
            id="instagram",
        ),
        pytest.param(
            "https://www.linkedin.com/posts/iemand-anders_buurt-activity-7300000000000000000-aBcD",
            "https://www.linkedin.com/feed/update/urn:li:activity:7300000000000000000/",
            id="linkedin",
        ),
        pytest.param(
            "https://www.tiktok.com/@iemand/video/7300000000000000000",
            "https://www.tiktok.com/@_/video/7300000000000000000",
            id="tiktok",
        ),
        *(
            pytest.param(url, url, id=url.split("/")[2])
            for url in (
                "https://www.facebook.com/groups/1/posts/2",
                "https://bsky.app/profile/did:plc:abc/post/3k",
                "https://krant.example/@redactie/artikel",
                "https://nl.linkedin.com/company/buurttuin/",
            )
        ),
    ],
)
def test_addresses_are_kept_without_trackers_and_handles(given, kept):
    assert check(url=given).url == kept


@pytest.mark.parametrize(
    ("fields", "problems"),
    [
        pytest.param({"summary": " \n "}, {"summary": HandInProblem.EMPTY}, id="no words"),
        pytest.param({"summary": "x" * 3001}, {"summary": HandInProblem.TOO_LONG}, id="too many words"),
        pytest.param({"title": "x" * 201}, {"title": HandInProblem.TOO_LONG}, id="long title"),
        pytest.param({"url": "krant.example/a"}, {"url": HandInProblem.NO_ADDRESS}, id="no scheme"),
        pytest.param({"url": "javascript:alert(1)"}, {"url": HandInProblem.NO_ADDRESS}, id="script"),
        pytest.param({"url": "file:///etc/passwd"}, {"url": HandInProblem.NO_ADDRESS}, id="file"),
        pytest.param({"url": "https://a.example/" + "x" * 2000}, {"url": HandInProblem.TOO_LONG}, id="long"),
        *(
            pytest.param({"url": f"http://{host}/a"}, {"url": HandInProblem.INSIDE}, id=host)
            for host in (
                "localhost",
                "127.0.0.1",
                "10.1.2.3",
                "[::1]",
                "169.254.169.254",
                "intranet",
                "nas.local",
            )
        ),
        pytest.param({"url": "http://0x7f.1/a"}, {"url": HandInProblem.INSIDE}, id="number in disguise"),
        *(
            pytest.param({"url": f"https://{url}"}, {"url": HandInProblem.ACCOUNT}, id=url)
            for url in (
                "bsky.app/profile/iemand.bsky.social/post/3k",
                "x.com/iemand",
                "www.instagram.com/iemand/",
                "www.threads.net/@iemand",
                "www.tiktok.com/@iemand",
                "www.linkedin.com/in/iemand",
                "www.facebook.com/profile.php?id=1",
                "toot.example/@iemand@elders.example",
                "toot.example/users/iemand",
            )
        ),
        pytest.param(
            {"municipality_code": "GM9999"}, {"municipality_code": HandInProblem.UNKNOWN}, id="code"
        ),
        pytest.param(
            {"published_on": TODAY + timedelta(days=1)}, {"published_on": HandInProblem.FUTURE}, id="tomorrow"
        ),
        pytest.param(
            {"published_on": date(2024, 1, 1)}, {"published_on": HandInProblem.TOO_OLD}, id="long ago"
        ),
        pytest.param(
            {"summary": "", "url": "x"},
            {"summary": HandInProblem.EMPTY, "url": HandInProblem.NO_ADDRESS},
            id="all at once",
        ),
    ],
)
def test_what_can_not_be_is_refused_with_what_is_wrong(fields, problems):
    with pytest.raises(InvalidHandInError) as refusal:
        check(**fields)

    assert refusal.value.problems == problems


def test_texts_lose_control_characters_and_keep_their_lines():
    kept = check(summary=" Eerste\x00 regel\r\ntweede\x1b\r ", title=" Een\n\ttitel ")

    assert (kept.summary, kept.title) == ("Eerste  regel\ntweede", "Een titel")


# -- keeping and taking ------------------------------------------------------------------------------


@pytest.mark.both_databases
def test_the_same_origin_comes_in_once_and_no_origin_always(session, ada):
    kept = [
        hand_in(session, one(origin_key=key), account_id=ada.account_id, now=NOW)
        for key in ("a", "a", None, None)
    ]
    session.commit()

    assert kept[0] is kept[1]
    assert len(session.scalars(select(HandedIn)).all()) == 3


@pytest.mark.both_databases
def test_taken_once_its_words_go_and_a_second_taker_is_told(session, ada):
    row = hand_in(session, one(url=URL, title="Tuin"), account_id=ada.account_id, now=NOW)
    session.commit()

    first = taken(session, row.id, outcome=Outcome.NO_TEXT, item_id=None, now=NOW)
    second = taken(session, row.id, outcome=Outcome.NEW, item_id=None, now=NOW)
    session.commit()

    assert (first, second) == (True, False)
    session.refresh(row)
    assert (row.url, row.title, row.summary, row.outcome) == ("", "", "", Outcome.NO_TEXT)
    assert waiting(session) == []


@pytest.mark.both_databases
def test_the_last_municipality_that_was_named_counts(session, ada):
    item = make_item(session)
    for code in (RHEDEN, ARNHEM, None):
        row = hand_in(session, one(municipality_code=code), account_id=ada.account_id, now=NOW)
        taken(session, row.id, outcome=Outcome.DUPLICATE, item_id=item.id, now=NOW)

    assert handed_municipalities(session, [item.id, 999]) == {item.id: ARNHEM}


# -- files -------------------------------------------------------------------------------------------


def sent(session, viewer, *rows):
    return save_upload(
        session, account_id=viewer.account_id, name="lijst.csv", rows=rows, mistakes=[], now=NOW
    ).id


def take(session, viewer, upload_id):
    return confirm(
        session, upload_id, account_id=viewer.account_id, municipality_code=None, secret=SECRET, now=NOW
    )


@pytest.mark.both_databases
def test_confirming_twice_and_sending_again_double_nothing(session, ada):
    rows = [one(url=URL, published_on=TODAY), one(summary="Buren koken samen.")]
    upload = sent(session, ada, *rows)

    assert [take(session, ada, upload), take(session, ada, upload)] == [2, 0]
    assert take(session, ada, sent(session, ada, *rows)) == 0
    session.commit()

    kept = session.scalars(select(HandedIn).order_by(HandedIn.id)).all()
    assert [(row.channel, row.url, row.published_on) for row in kept] == [
        (Channel.UPLOAD, URL, TODAY),
        (Channel.UPLOAD, "", None),
    ]
    assert session.get_one(Upload, upload).rows == []


@pytest.mark.both_databases
def test_a_file_is_its_senders_alone_and_goes_after_a_day(session, ada, settings):
    upload = sent(session, ada, one())
    bob = viewer_of(make_account(session, "bob@voorbeeld.example"))
    session.commit()

    with pytest.raises(UploadNotFoundError):
        upload_of(session, bob.account_id, upload)
    with pytest.raises(UploadNotFoundError):
        take(session, bob, upload)
    session.rollback()
    purge(session, settings, now=NOW + timedelta(hours=23))
    assert session.get(Upload, upload) is not None
    purge(session, settings, now=NOW + timedelta(hours=25))
    assert session.scalars(select(Upload)).all() == []


# -- who sees what -----------------------------------------------------------------------------------


@pytest.mark.both_databases
def test_an_officer_sees_what_colleagues_handed_in_and_never_what_others_did(session, ada):
    anna = officer(session, ARNHEM, "anna@arnhem.example")
    arie = officer(session, ARNHEM, "arie@arnhem.example")
    rina = officer(session, RHEDEN, "rina@rheden.example")
    for viewer, code in ((anna, ARNHEM), (arie, ARNHEM), (rina, RHEDEN), (ada, ARNHEM), (ada, None)):
        hand_in(
            session, one(title=viewer.name, municipality_code=code), account_id=viewer.account_id, now=NOW
        )
    session.commit()

    def numbers(viewer):
        return [(row.id, row.mine) for row in handed_in_page(session, viewer).rows]

    assert numbers(anna) == [(2, False), (1, True)]
    assert numbers(rina) == [(3, True)]
    assert numbers(ada) == [(5, True), (4, True)]


@pytest.mark.both_databases
def test_what_became_of_it_is_told_as_far_as_the_viewer_may_know(session, ada):
    anna = officer(session, ARNHEM, "anna@arnhem.example")
    mine, theirs = make_lead(session, municipality=ARNHEM), make_lead(session, municipality=RHEDEN)
    items = {
        lead.id: session.scalars(select(Item).order_by(Item.id)).all()[number]
        for number, lead in enumerate((mine, theirs))
    }
    for outcome, lead in ((Outcome.NEW, mine), (Outcome.DUPLICATE, theirs), (Outcome.LANGUAGE, None)):
        for viewer in (anna, ada):
            row = hand_in(session, one(municipality_code=ARNHEM), account_id=viewer.account_id, now=NOW)
            item = items[lead.id].id if lead else None
            taken(session, row.id, outcome=outcome, item_id=item, now=NOW)
    loose = make_item(session)
    for viewer in (anna, ada):
        row = hand_in(session, one(municipality_code=ARNHEM), account_id=viewer.account_id, now=NOW)
        taken(session, row.id, outcome=Outcome.DUPLICATE, item_id=loose.id, now=NOW)
    session.commit()

    def told(viewer):
        return [
            (row.became, row.lead_id, row.outcome) for row in reversed(handed_in_page(session, viewer).rows)
        ]

    assert told(ada) == [
        (Became.LEAD, mine.id, None),
        (Became.LEAD, theirs.id, None),
        (Became.REFUSED, None, Outcome.LANGUAGE),
        (Became.KNOWN, None, None),
    ]
    assert told(anna) == [
        (Became.LEAD, mine.id, None),
        (Became.TAKEN, None, None),
        (Became.REFUSED, None, Outcome.LANGUAGE),
        (Became.TAKEN, None, None),
    ]


@pytest.mark.both_databases
def test_an_address_is_known_to_whom_may_see_its_lead_or_its_hand_in(session, ada):
    anna, rina = (
        officer(session, ARNHEM, "anna@arnhem.example"),
        officer(session, RHEDEN, "rina@rheden.example"),
    )
    lead = make_lead(session, municipality=RHEDEN)
    session.scalars(select(Item)).one().url_key = url_key(SECRET, "krant.example/a")
    hand_in(session, one(url=URL, municipality_code=ARNHEM), account_id=anna.account_id, now=NOW)
    session.commit()

    def known(viewer):
        urls = [
            "http://www.krant.example/a/",
            URL.replace("https://www.", "http://"),
            "https://niets.example/",
        ]
        found = known_addresses(session, SECRET, viewer, urls)
        return [found[url].lead_id if url in found else "unknown" for url in urls]

    assert known(ada) == [lead.id, None, "unknown"]
    assert known(rina) == [lead.id, "unknown", "unknown"]
    assert known(anna) == ["unknown", None, "unknown"]


@pytest.mark.both_databases
def test_pages_hold_every_hand_in_once(session, ada):
    for _ in range(30):
        hand_in(session, one(), account_id=ada.account_id, now=NOW)
    session.commit()

    first = handed_in_page(session, ada)
    second = handed_in_page(session, ada, after=first.after)

    assert [row.id for row in first.rows + second.rows] == list(range(30, 0, -1))
    assert second.after is None


def test_the_same_words_have_one_origin_for_each_account():
    origins = {origin_of_words(SECRET, one(title=title), account) for title in "ab" for account in (1, 2, 1)}

    assert len(origins) == 4
