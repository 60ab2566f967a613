"""The sample region: its texts, its web server, and the whole job over it as ``make demo`` runs it."""

import gzip
import http.client
import json
import re
import secrets
import signal
import socket
import stat
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from models import geo
from models.labels import load_labels
from models.settings import load_settings
from models.words import SourceKind
from scout.definitions import load_definitions
from scout.demo.configuration import DEMO, addresses_from, fitting
from scout.demo.region import Story, stories
from scout.demo.server import FIRST_PORT, HOST, PortTakenError, Region, serving
from scout.demo.sites import SITES
from tests.scout.demo_world import CHECKOUT, GIVE_UP, State, environment, new_var, scout, state, trained_model

ALL = [story for of_site in stories().values() for story in of_site]
INITIATIVES = [story for story in ALL if story.truth.initiative]
LATE = datetime(2026, 11, 21, 15, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def region() -> Iterator[Region]:
    with serving() as region:
        yield region


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return trained_model(tmp_path_factory)


def ask(url: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of one answer, the path sent just as it is."""
    parts = urlsplit(url)
    path = url.removeprefix(f"{parts.scheme}://{parts.netloc}")
    with closing(http.client.HTTPConnection(parts.netloc, timeout=10)) as connection:
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()


# -- the texts --------------------------------------------------------------------------------


def test_the_region_holds_initiatives_look_alikes_and_ordinary_news() -> None:
    groups = Counter(story.truth.group for story in INITIATIVES)

    assert 150 <= len(ALL) <= 165
    assert 40 <= len(groups) <= 50
    assert len(ALL) - len(INITIATIVES) >= 90
    assert len([group for group, texts in groups.items() if texts > 1]) >= 8
    assert len({story.id for story in ALL}) == len(ALL)


def test_the_truth_about_every_text_uses_the_words_of_the_product() -> None:
    codes = {facts.code for facts in geo.municipalities()} | {""}
    themes = load_labels(load_settings(config=DEMO)).themes

    for story in ALL:
        assert story.truth.municipality in codes, story.id
        assert bool(story.truth.group) == story.truth.initiative, story.id
        assert (story.truth.theme in themes) == story.truth.initiative, story.id
    region = {story.truth.municipality for story in INITIATIVES}
    assert len(region) == 9, "Arnhem and its eight neighbours"


def test_every_text_is_short_recent_and_plain() -> None:
    for story in ALL:
        words = len(" ".join(story.paragraphs).split())
        assert 25 <= words <= 250, (story.id, words)
        assert 0 < story.hours <= 240, story.id
        assert "<" not in "".join(story.paragraphs), story.id


# -- the server -------------------------------------------------------------------------------


def test_no_answer_gives_the_truth_away(region: Region) -> None:
    for site, address in region.addresses.items():
        paths = ["/", "/nieuws", "/rss.xml", "/feed/", "/atom.xml", "/feed.json", "/sitemap.xml"]
        paths += [path_of(story) for story in stories().get(site, ())]
        for path in paths:
            body = ask(address + path)[2].decode()
            assert not re.search(r"GM\d{4}|initiative\b|\blabel\b.*other", body), (site, path)


def path_of(story: Story) -> str:
    return f"/nieuws/{story.number}-{story.slug}"


@pytest.mark.parametrize(
    ("site", "path"),
    [
        ("arnhemse-lantaarn", "/rss.xml"),
        ("omroep-rijnzoom", "/atom.xml"),
        ("presikhaafse-praat", "/feed.json"),
        ("velpse-klok", "/nieuws"),
        ("overbetuws-venster", "/sitemaps/nieuws-1.xml.gz"),
    ],
)
def test_whoever_has_the_newest_list_is_told_so(region: Region, site: str, path: str) -> None:
    url = region.addresses[site] + path
    status, headers, body = ask(url)

    by_tag = ask(url, **{"If-None-Match": headers["ETag"]})
    by_date = ask(url, **{"If-Modified-Since": headers["Last-Modified"]})
    changed = ask(url, **{"If-None-Match": '"another"', "If-Modified-Since": headers["Last-Modified"]})

    assert (status, by_tag[0], by_date[0], changed[0]) == (200, 304, 304, 200)
    assert (by_tag[2], by_date[2], changed[2]) == (b"", b"", body)


def test_the_same_day_gives_the_same_answers_and_the_next_day_newer_dates() -> None:
    def feed(now: datetime) -> bytes:
        with serving(now=now) as region:
            address = region.addresses["arnhemse-lantaarn"]
            return ask(f"{address}/rss.xml")[2].replace(address.encode(), b"")

    assert feed(LATE) == feed(LATE + timedelta(hours=8))
    assert feed(LATE) != feed(LATE + timedelta(days=1))
    assert b"22 Nov 2026" not in feed(LATE), "nothing is dated in the future"


@pytest.mark.parametrize(
    "path", ["/../server.py", "/%2e%2e/region/velpse-klok.toml", "//etc/passwd", "/nieuws/../../pages.py"]
)
def test_it_serves_nothing_but_its_own_pages(region: Region, path: str) -> None:
    status, _, body = ask(region.addresses["velpse-klok"] + path)

    assert status == 404
    assert b"import " not in body
    assert b"root:" not in body


def test_wordpress_pages_as_wordpress_does(region: Region) -> None:
    posts = region.addresses["renkumse-beek"] + "/wp-json/wp/v2/posts"

    status, headers, body = ask(f"{posts}?per_page=10&page=2&_fields=id,link,title")
    beyond = ask(f"{posts}?per_page=10&page=3")
    absurd = ask(f"{posts}?per_page=1000")

    assert (status, headers["X-WP-Total"], headers["X-WP-TotalPages"]) == (200, "15", "2")
    assert [set(post) for post in json.loads(body)] == [{"id", "link", "title"}] * 5
    assert (beyond[0], json.loads(beyond[2])["code"]) == (400, "rest_post_invalid_page_number")
    assert absurd[0] == 400


def test_the_news_sitemaps_are_compressed_and_name_every_article(region: Region) -> None:
    address = region.addresses["overbetuws-venster"]
    children = re.findall(r"<loc>([^<]+)</loc>", ask(f"{address}/sitemap_index.xml")[2].decode())
    named = [
        location
        for child in children
        for location in re.findall(r"<loc>([^<]+)</loc>", gzip.decompress(ask(child)[2]).decode())
    ]

    assert sorted(named) == sorted(address + path_of(story) for story in stories()["overbetuws-venster"])


def test_a_taken_port_is_named_in_one_sentence() -> None:
    with closing(socket.create_server((HOST, 0))) as other:
        port = other.getsockname()[1]
        sentence = f"^port {port} of {HOST}, needed for De Arnhemse Lantaarn, can't be used"
        with pytest.raises(PortTakenError, match=sentence), serving(port):
            pass
        alone = subprocess.run(
            [sys.executable, "-m", "scout.demo.server", "--port", str(port)],
            cwd=CHECKOUT,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    assert alone.returncode == 1
    assert alone.stderr.count("\n") == 1
    assert str(port) in alone.stderr


@pytest.mark.parametrize("how", ["standard input closes", "SIGTERM", "SIGINT"])
def test_the_server_stops_cleanly(how: str) -> None:
    server = subprocess.Popen(
        [sys.executable, "-m", "scout.demo.server", "--port", str(free_row()), "--stop-with-stdin"],
        cwd=CHECKOUT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert server.stdin
    assert server.stdout
    assert "ready" in server.stdout.readline()

    if how == "standard input closes":
        server.stdin.close()
        server.stdin = None
    else:
        server.send_signal(signal.Signals[how])
    _, complaints = server.communicate(timeout=20)

    assert (server.returncode, complaints) == (0, "")


def free_row() -> int:
    """First of as many free ports in a row as there are sites."""
    # Not from `random`, which is seeded alike in all workers: two of them would choose the same row.
    for _ in range(200):
        first = 20_000 + len(SITES) * secrets.randbelow(12_000 // len(SITES))
        try:
            for port in range(first, first + len(SITES)):
                socket.create_server((HOST, port)).close()
        except OSError:
            continue
        return first
    raise AssertionError("no free ports")


# -- its configuration ------------------------------------------------------------------------


def test_the_source_files_name_every_site_at_its_port() -> None:
    definitions, problems = load_definitions(load_settings(config=DEMO))
    addresses = addresses_from(FIRST_PORT)

    assert problems == []
    assert {definition.key for definition in definitions} == {site.key for site in SITES}
    assert len(definitions) >= 10
    assert {definition.kind for definition in definitions} == {
        SourceKind.FEED,
        SourceKind.SITE,
        SourceKind.SITEMAP,
        SourceKind.WORDPRESS,
    }
    for definition, site in [(each, site) for each in definitions for site in SITES if site.key == each.key]:
        assert definition.url.startswith(addresses[site.key] + "/") or definition.url == addresses[site.key]
        assert definition.terms
        assert definition.terms.url == addresses[site.key] + "/voorwaarden"
        assert definition.title == site.title


def test_terms_that_grew_old_are_dated_anew_in_a_copy(tmp_path: Path) -> None:
    usual = addresses_from(FIRST_PORT)

    assert fitting(DEMO, tmp_path / "copy", usual, date(2027, 9, 1)) == DEMO
    copy = fitting(DEMO, tmp_path / "copy", usual, date(2029, 3, 1))
    definitions, problems = load_definitions(load_settings(config=copy))

    assert copy == tmp_path / "copy"
    assert problems == []
    assert {each.terms.checked for each in definitions if each.terms} == {date(2029, 3, 1)}
    assert {each.url for each in definitions} == {
        each.url for each in load_definitions(load_settings(config=DEMO))[0]
    }


# -- the whole job ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Gathered:
    """A folder after one visit to every site, and what that visit reported."""

    var: Path
    config: Path
    report: dict[str, Any]


@pytest.fixture(scope="module")
def gathered(region: Region, tmp_path_factory: pytest.TempPathFactory) -> Gathered:
    home = tmp_path_factory.mktemp("gathered")
    config = fitting(DEMO, home / "config", region.addresses, region.moment.date())
    done = scout("gather", "--now", "--json", var=home / "var", config=config)
    assert done.returncode == 0, done.stderr
    return Gathered(home / "var", config, json.loads(done.stdout))


def test_every_text_arrives_whole_with_its_title_and_date(region: Region, gathered: Gathered) -> None:
    report = gathered.report
    assert (report["sources"], report["failed"]) == (len(SITES), 1)
    assert [entry["source"] for entry in report["problems"]] == ["zevenaarse-klepel"]
    assert {outcome: count for outcome, count in report["items"].items() if count} == {"new": len(ALL)}
    stored = state(gathered.var).items
    for story in ALL:
        source, title, language, published, *_, text = stored[region.addresses[story.site] + path_of(story)]
        assert (source, language) == (story.site, "nl"), story.id
        assert same(title, story.title), story.id
        assert same(text, " ".join(story.paragraphs)), story.id
        # The plain sitemap knows days only, and its pages say nothing better than the words they show.
        assert abs(published - story.published(region.moment)) < timedelta(days=1), story.id


def same(one: str, other: str) -> bool:
    """Equal but for white space and the shape of apostrophes."""
    return re.sub(r"\s+", " ", one.replace("’", "'")).strip() == re.sub(r"\s+", " ", other).strip()


def test_a_second_visit_gets_no_list_twice(region: Region, gathered: Gathered) -> None:
    region.requests.clear()

    again = scout("gather", "--now", "--json", var=gathered.var, config=gathered.config)

    report = json.loads(again.stdout)
    assert (report["items"]["new"], report["items"]["changed"]) == (0, 0)
    asked = [(each.site, each.path, each.status) for each in region.requests]
    for site, path in [
        ("arnhemse-lantaarn", "/rss.xml"),
        ("liemers-kompas", "/feed/"),
        ("omroep-rijnzoom", "/atom.xml"),
        ("dorpspraat-driel", "/atom.xml"),
        ("prikbord-arnhem", "/prikbord.rss"),
        ("presikhaafse-praat", "/feed.json"),
    ]:
        assert [each for each in asked if each[0] == site] == [(site, path, 304)]


def demo(var: Path, *words: str) -> "subprocess.Popen[str]":
    """Start the demo in a folder of its own; the model is trained already."""
    environ = environment(var, DEMO)
    return subprocess.Popen(
        [sys.executable, "-m", "scout.demo", *words],
        cwd=CHECKOUT,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_the_demo_says_what_it_found_and_run_again_it_serves_what_was_found(
    model: Path, tmp_path: Path
) -> None:
    var = new_var(tmp_path / "var", model)
    port = free_row()

    started = demo(var, "--no-serve", "--port", str(port))
    output, complaints = started.communicate(timeout=GIVE_UP)
    assert started.returncode == 0, complaints
    first = state(var)
    password = (var / "demo_password").read_text().strip()

    again = demo(var, "--serve", "--port", str(port))
    try:
        repeated = until_it_serves(again)
        (queue,) = re.findall(r"http://127\.0\.0\.1:(\d+)/", repeated)
        assert answers(f"http://{HOST}:{queue}/healthz") == 200
        assert answers(f"http://{HOST}:{port}/voorwaarden") == 200, "originals can still be opened"
    finally:
        again.send_signal(signal.SIGINT)
        _, complaints = again.communicate(timeout=60)

    for name in ("Per bron", "Per gemeente", "De Velpse Klok", "Overbetuwe", "Zevenaar"):
        assert name in output
    assert re.search(r"De Zevenaarse Klepel +0 +0 +0 +! ", output)
    assert most_initiatives_are_in(first)
    assert stat.S_IMODE((var / "demo_password").stat().st_mode) == 0o600
    assert "0 nieuwe signalen" in repeated
    assert {"demo@voorbeeld.example", password} < set(repeated.split())
    assert state(var) == first
    assert again.returncode == 0, complaints
    assert "Traceback" not in complaints
    for gone in (int(queue), port):
        with closing(socket.socket()) as probe:
            assert probe.connect_ex((HOST, gone)) != 0


def most_initiatives_are_in(found: State) -> bool:
    """Whether nine of ten initiatives with a title reached the queue."""
    reached = {found.items[url][:2] for lead in found.leads for url in lead}
    wanted = {(story.site, story.title.replace("'", "’")) for story in INITIATIVES if story.title}
    return len(wanted & {(site, title.replace("'", "’")) for site, title in reached}) > 0.9 * len(wanted)


def until_it_serves(process: "subprocess.Popen[str]") -> str:
    """What the demo prints up to the line after which it serves."""
    assert process.stdout
    lines = []
    for line in process.stdout:
        lines.append(line)
        if "Ctrl-C" in line:
            break
    return "".join(lines)


def answers(url: str) -> int:
    """Status of the first answer within half a minute."""
    until = time.monotonic() + 30
    while True:
        try:
            return ask(url)[0]
        except OSError:
            assert time.monotonic() < until, f"{url} does not answer"
            time.sleep(0.05)
