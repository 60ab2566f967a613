"""Feeds of social sites (PeerTube, Lemmy) read as feeds, and which feeds are refused."""

import json
from html import escape

import pytest

from scout.drafts import ItemDraft, Reading
from scout.steps.contacts import without_contacts
from tests.scout.reading import read, source_of

CHANNEL = "https://video.example/feeds/videos.xml?videoChannelName=buurtraad_oost"


def rss(*items: str, generator: str = "") -> str:
    named = f"<generator>{generator}</generator>" if generator else ""
    return (
        '<rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/">'
        f"<channel><title>Buurtraad Oost</title>{named}{''.join(items)}</channel></rss>"
    )


def of_lemmy(body: str, *, link: str = "https://lemmy.example/post/12", points: int = 3) -> str:
    description = (
        'submitted by <a href="https://lemmy.example/u/kanarie">kanarie</a> to '
        f'<a href="https://lemmy.example/c/arnhem">arnhem</a><br>{points} points | '
        f'<a href="https://lemmy.example/post/12">{abs(points)} comments</a>{body}'
    )
    return rss(
        "<item><title>Buurttuin met dank aan @kanarie@lemmy.example</title>"
        f"<link>{link}</link><description>{escape(description)}</description>"
        "<comments>https://lemmy.example/post/12</comments>"
        '<guid isPermaLink="true">https://lemmy.example/post/12</guid>'
        "<dc:creator>https://lemmy.example/u/kanarie</dc:creator>"
        "<pubDate>Fri, 20 Nov 2026 10:00:00 +0000</pubDate></item>"
    )


def of_peertube(description: str) -> str:
    return rss(
        "<item><title>Opening van de tuin</title><link>https://video.example/w/abc</link><guid>https://video.example/w/abc</guid>"
        f"<pubDate>Fri, 20 Nov 2026 10:00:00 GMT</pubDate>{description}"
        "<author>kanarie@video.example (Kanarie)</author><dc:creator>Kanarie</dc:creator>"
        '<media:thumbnail url="https://video.example/x.jpg"/></item>',
        generator="PeerTube - https://video.example",
    )


def lemmy(body: str, **more: object) -> Reading:
    return read(
        source_of("feed", "https://lemmy.example/feeds/c/arnhem.xml?sort=New"), of_lemmy(body, **more)
    )  # type: ignore[arg-type]


def test_a_post_of_lemmy_says_nothing_of_who_wrote_it() -> None:
    body = '<p>We zoeken hulp. Dank aan <a href="/u/kanarie">@kanarie@lemmy.example</a></p>'

    (draft,) = lemmy(body).drafts

    assert draft.title == "Buurttuin met dank aan iemand"
    assert draft.text.startswith("<p>We zoeken hulp. Dank aan")
    assert "kanarie" not in repr(draft)
    assert (draft.url, draft.complete) == ("https://lemmy.example/post/12", True)
    assert draft.published == "Fri, 20 Nov 2026 10:00:00 +0000"


def test_a_post_of_lemmy_about_a_page_has_its_own_address() -> None:
    (draft,) = lemmy("<p>Kijk.</p>", link="https://krant.example/tuin").drafts

    assert draft.url == "https://lemmy.example/post/12"


def test_points_that_change_are_no_news() -> None:
    assert lemmy("<p>Kijk.</p>", points=1).drafts == lemmy("<p>Kijk.</p>", points=-4).drafts


@pytest.mark.parametrize(
    "description",
    [
        pytest.param("<description>Met @kanarie@video.example</description>", id="description"),
        pytest.param(
            "<media:group><media:description>Met @kanarie@video.example</media:description></media:group>",
            id="media group",
        ),
        pytest.param(
            "<content:encoded>&lt;p&gt;Met &lt;a href='https://video.example/a/kanarie'&gt;"
            "@kanarie@video.example&lt;/a&gt;&lt;/p&gt;</content:encoded>",
            id="html",
        ),
    ],
)
def test_a_video_of_peertube_says_what_is_below_it_and_nobody_by_name(description: str) -> None:
    (draft,) = read(source_of("feed", CHANNEL), of_peertube(description)).drafts

    assert (draft.title, draft.url, draft.complete) == (
        "Opening van de tuin",
        "https://video.example/w/abc",
        True,
    )
    assert "Met" in draft.text
    assert "iemand" in draft.text
    assert "@" not in draft.text


def test_peertube_is_known_by_what_it_says_it_is() -> None:
    podcast = "https://video.example/feeds/podcast/videos.xml?videoChannelId=3"

    (draft,) = read(
        source_of("feed", podcast), of_peertube("<description>Met @kanarie@video.example</description>")
    ).drafts

    assert draft.text == "Met iemand"


def test_the_json_feed_of_peertube_reads_the_same() -> None:
    item = {
        "id": "https://video.example/w/abc",
        "url": "https://video.example/w/abc",
        "title": "Opening van de tuin",
        "content_html": "<p>Met @kanarie@video.example</p>",
        "author": {"name": "Kanarie", "url": "https://video.example/a/kanarie"},
        "date_modified": "2026-11-20T10:00:00.000Z",
    }
    body = json.dumps({"version": "https://jsonfeed.org/version/1", "title": "Buurtraad", "items": [item]})

    (draft,) = read(source_of("feed", CHANNEL.replace(".xml", ".json")), body).drafts

    assert draft.text == "<p>Met iemand</p>"
    assert "anarie" not in repr(draft)


def test_other_feeds_stay_as_they_are() -> None:
    body = rss("<item><title>Volg @omroep</title><link>https://k.example/1</link></item>")

    (draft,) = read(source_of("feed", "https://k.example/rss"), body).drafts

    assert draft == ItemDraft(
        source="bron", external_id="https://k.example/1", url="https://k.example/1", title="Volg @omroep"
    )


@pytest.mark.parametrize(
    ("url", "generator", "reason"),
    [
        pytest.param("https://s.example/@kanarie.rss", "", "feed of one account", id="mastodon account"),
        pytest.param("https://s.example/users/kanarie.atom", "", "feed of one account", id="mastodon atom"),
        pytest.param(
            "https://l.example/feeds/u/kanarie.xml?sort=New", "", "feed of one account", id="lemmy user"
        ),
        pytest.param("https://bsky.app/profile/kanarie/rss", "", "feed of one account", id="bluesky"),
        pytest.param(
            "https://v.example/feeds/videos.xml?accountName=kanarie",
            "",
            "feed of one account",
            id="peertube account",
        ),
        pytest.param(
            "https://v.example/feeds/video-comments.xml?videoId=1", "", "comments of persons", id="comments"
        ),
        pytest.param(
            "https://s.example/tags/tuin.rss", "Mastodon v4.5.0", "names persons", id="mastodon tag"
        ),
    ],
)
def test_feeds_of_persons_are_refused(url: str, generator: str, reason: str) -> None:
    body = rss("<item><title>x</title><link>https://s.example/1</link></item>", generator=generator)

    reading = read(source_of("feed", url), body)

    assert reason in str(reading.problem)
    assert "kanarie" not in str(reading.problem)
    assert reading.drafts == ()


@pytest.mark.parametrize(
    ("text", "without"),
    [
        ("Mail info@voorbeeld.example.", "Mail een e-mailadres."),
        ("bel 06-12345678", "bel een telefoonnummer"),
        ("+31 (0)6 1234 5678 of (026) 123 45 67", "een telefoonnummer of een telefoonnummer"),
        ("0031612345678, +32 471 12 34 56", "een telefoonnummer, een telefoonnummer"),
        ("op 12-05-2026 om 10:00, in 2026", "op 12-05-2026 om 10:00, in 2026"),
        ("op 06-11-2026 10:00 (01/02/2026 19.30)", "op 06-11-2026 10:00 (01/02/2026 19.30)"),
        ("KvK 08123456, KvK-nummer: 08123456", "KvK 08123456, KvK-nummer: 08123456"),
        ("06 12 20 26 99, 06-12-20 20 99", "een telefoonnummer, een telefoonnummer"),
        ("00:00 Begin 01:23 Tuin 12:34 Eind", "00:00 Begin 01:23 Tuin 12:34 Eind"),
        ("€ 10.000 en NL91ABNA0417164300", "€ 10.000 en NL91ABNA0417164300"),
        ("https://k.example/0612345678", "https://k.example/0612345678"),
        ("Volg @omroep", "Volg @omroep"),
    ],
)
def test_contact_details_become_neutral_words(text: str, without: str) -> None:
    assert without_contacts(text) == without
    assert without_contacts(without) == without
