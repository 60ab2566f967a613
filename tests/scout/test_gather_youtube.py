"""Channels of YouTube: their feed, its waves of 404 and 500, and the people in descriptions."""

from html import escape
from pathlib import Path

import pytest
from sqlalchemy import Engine

from models.settings import Settings
from scout.drafts import Question, Stored
from scout.readers import youtube
from tests.scout.gather_world import PROSE, World
from tests.scout.reading import read, source_of
from tests.web import Answer

CHANNEL = "UC" + "a1_-" * 5 + "zz"
KEY = "omroep-oost"
FEED = "/feeds/videos.xml"


def video(number: int, description: str = PROSE, *, title: str = "Buurttuin", link: str = "watch?v=") -> str:
    name = f"vIdEo_-{number:04d}"
    return (
        f"<entry><id>yt:video:{name}</id><yt:videoId>{name}</yt:videoId><yt:channelId>{CHANNEL}</yt:channelId>"
        f"<title>{escape(title)} {number}</title>"
        f'<link rel="alternate" href="https://www.youtube.com/{link}{name}"/>'
        "<author><name>Kanarie van Oost</name><uri>https://www.youtube.com/@kanarie</uri></author>"
        "<published>2026-11-20T10:00:00+00:00</published><updated>2026-11-21T10:00:00+00:00</updated>"
        f"<media:group><media:title>{escape(title)}</media:title>"
        f'<media:thumbnail url="https://i.ytimg.example/{name}.jpg" width="480" height="360"/>'
        f"<media:description>{escape(description)}</media:description>"
        '<media:community><media:statistics views="12"/></media:community></media:group></entry>'
    )


def feed(*videos: str, name: str = "Omroep Oost") -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?><feed xmlns="http://www.w3.org/2005/Atom" '
        'xmlns:yt="http://www.youtube.com/xml/schemas/2015" xmlns:media="http://search.yahoo.com/mrss/">'
        f"<id>yt:channel:{CHANNEL[2:]}</id><title>{name}</title>"
        f'<link rel="alternate" href="https://www.youtube.com/channel/{CHANNEL}"/>{"".join(videos)}</feed>'
    )


def follow(world: World, key: str = KEY) -> None:
    page = world.web.url(f"/channel/{CHANNEL}")
    world.source(key, page, kind="youtube", channel=CHANNEL)


def address(number: int) -> str:
    return f"https://www.youtube.com/watch?v=vIdEo_-{number:04d}"


def test_videos_are_stored_once_with_what_is_written_below_them(settings: Settings, engine: Engine) -> None:
    with World(settings, engine) as world:
        short = video(1, link="shorts/")
        world.web.route(FEED, feed(video(2, f"Zaadjes < bloemen & bijen. {PROSE}"), short))
        follow(world)

        ran = world.run()

        assert (ran.failed, ran.items) == (0, {"new": 2})
        assert world.asked() == [FEED]
        assert world.web.asked_for(FEED)[0].target.endswith(f"?channel_id={CHANNEL}")
        assert world.texts().keys() == {address(1), address(2)}
        assert "Zaadjes < bloemen & bijen." in world.texts()[address(2)]
        assert all(item.account_key and item.published_at for item in world.items())

        world.web.route(FEED, feed(video(3), video(2), video(1)))
        assert world.run().items["new"] == 1


@pytest.mark.parametrize("status", [404, 500])
def test_a_wave_of_trouble_removes_nothing_and_passes(
    settings: Settings, engine: Engine, status: int
) -> None:
    with World(settings, engine) as world:
        world.web.route(FEED, feed(video(1)))
        follow(world)
        world.run()

        world.web.route(FEED, Answer("<html>Error</html>", status))
        problem = world.run().problem(KEY)
        assert ("nothing is removed" if status == 404 else "the trouble is at the server") in problem
        assert world.texts().keys() == {address(1)}

        world.web.route(FEED, feed(video(2), video(1)))
        ran = world.run()
        assert (ran.failed, ran.items["new"]) == (0, 1)
        assert world.texts().keys() == {address(1), address(2)}


def test_people_in_descriptions_are_not_kept(settings: Settings, engine: Engine) -> None:
    with World(settings, engine) as world:
        description = (
            f"{PROSE} Met dank aan @kanarie-oost, kanarie@mensen.example en youtube.com/@kanarie. "
            "Bel 06-12 34 56 78 of mail naar Kanarie@mensen.example."
        )
        world.web.route(FEED, feed(video(1, description, title="Op bezoek bij @kanarie-oost")))
        follow(world)

        ran = world.run()

        (text,) = world.texts().values()
        assert "Met dank aan iemand, een e-mailadres en een profiel." in text
        assert "Bel een telefoonnummer of mail naar een e-mailadres." in text
        files = [path.read_bytes() for path in Path(settings.var).rglob("*") if path.is_file()]
        assert b"kanarie" not in b"".join(files).lower() + ran.stderr.lower().encode()


def test_the_channel_of_a_person_can_not_be_followed(settings: Settings, engine: Engine) -> None:
    with World(settings, engine) as world:
        world.web.route(FEED, feed(video(1), name="Kanarie van Oost"))
        follow(world, key="video")

        problem = world.run().problem("video")

        assert "persons are not followed" in problem
        assert "let the source's title say which kind" in problem
        assert "Kanarie" not in problem
        assert world.items() == []


@pytest.mark.parametrize(
    ("url", "root"),
    [
        (f"https://www.youtube.com/channel/{CHANNEL}", "https://www.youtube.com"),
        ("https://youtube.com/@omroep", "https://www.youtube.com"),
        ("https://m.youtube.com/x", "https://www.youtube.com"),
        (f"https://www.youtube.com/feeds/videos.xml?channel_id={CHANNEL}", "https://www.youtube.com"),
        ("http://127.0.0.1:8080/x", "http://127.0.0.1:8080"),
    ],
)
def test_the_feed_stands_at_the_host_of_the_address(url: str, root: str) -> None:
    source = source_of("youtube", url, channel=CHANNEL)

    assert youtube.first(source, {}) == [f"{root}{FEED}?channel_id={CHANNEL}"]


def test_no_answer_means_that_a_video_is_gone() -> None:
    source = source_of("youtube", "https://www.youtube.com", channel=CHANNEL)
    item = Stored(item_id=1, url=address(1), native_id="")

    assert youtube.questions(source, [item]) == []
    question = Question(url=address(1), items=(item,), accept="", judges=frozenset())
    assert youtube.judge(source, question, None).standing == {}  # type: ignore[arg-type]


@pytest.mark.parametrize("body", ["", "<html><body>Toestemming</body></html>", feed("<entry/>")])
def test_odd_answers_are_named_or_counted(body: str) -> None:
    reading = read(source_of("youtube", "https://www.youtube.com", channel=CHANNEL), body)

    assert bool(reading.problem) == (not reading.drafts)
