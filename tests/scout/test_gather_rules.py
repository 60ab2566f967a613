"""The decisions of gathering that need no network: addresses, robots.txt, types of answers, expectations."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from scrapy.settings import Settings as Crawl

from models.networks import AddressRule, Range, range_of
from models.settings import Settings
from scout.crawl.media import refusal
from scout.crawl.plan import unmet
from scout.crawl.robots import RobotsMemory, Rules, names
from scout.crawl.scrapy_settings import scrapy_settings

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("8.8.8.8", Range.PUBLIC),
        ("193.0.6.139", Range.PUBLIC),
        ("172.32.0.1", Range.PUBLIC),
        ("100.128.0.1", Range.PUBLIC),
        ("2a02:898::1", Range.PUBLIC),
        ("127.0.0.1", Range.LOOPBACK),
        ("127.255.255.254", Range.LOOPBACK),
        ("::1", Range.LOOPBACK),
        ("10.1.2.3", Range.PRIVATE),
        ("172.16.0.1", Range.PRIVATE),
        ("172.31.255.255", Range.PRIVATE),
        ("192.168.1.1", Range.PRIVATE),
        ("fd12:3456::1", Range.PRIVATE),
        ("fec0::1", Range.PRIVATE),
        ("169.254.1.1", Range.LINK_LOCAL),
        ("fe80::1%eth0", Range.LINK_LOCAL),
        ("169.254.169.254", Range.METADATA),
        ("fd00:ec2::254", Range.METADATA),
        ("100.64.0.1", Range.SHARED),
        ("100.100.100.200", Range.METADATA),
        ("0.0.0.0", Range.UNSPECIFIED),
        ("0.1.2.3", Range.UNSPECIFIED),
        ("::", Range.UNSPECIFIED),
        ("224.0.0.1", Range.MULTICAST),
        ("ff02::1", Range.MULTICAST),
        ("255.255.255.255", Range.RESERVED),
        ("198.18.0.1", Range.RESERVED),
        ("203.0.113.7", Range.RESERVED),
        ("2001:db8::1", Range.RESERVED),
        ("2001:0:4136:e378::1", Range.RESERVED),
        # IPv6 that carries an IPv4 address is judged by it.
        ("::ffff:127.0.0.1", Range.LOOPBACK),
        ("::ffff:10.0.0.1", Range.PRIVATE),
        ("::ffff:0:169.254.169.254", Range.METADATA),
        ("64:ff9b::7f00:1", Range.LOOPBACK),
        ("64:ff9b::a9fe:a9fe", Range.METADATA),
        ("64:ff9b::808:808", Range.PUBLIC),
        ("2002:7f00:1::", Range.LOOPBACK),
        ("2002:c0a8:101::5", Range.PRIVATE),
        ("2002:808:808::", Range.PUBLIC),
        ("::127.0.0.1", Range.LOOPBACK),
    ],
)
def test_every_address_is_of_the_kind_it_leads_to(address: str, kind: Range) -> None:
    assert range_of(address) is kind


@pytest.mark.parametrize(
    ("address", "port", "private_allowed", "refused"),
    [
        ("8.8.8.8", 443, False, None),
        ("8.8.8.8", 80, True, None),
        ("8.8.8.8", 8080, False, "port 8080"),
        ("8.8.8.8", 22, True, "port 22"),
        ("127.0.0.1", 80, False, "private address"),
        ("127.0.0.1", 8000, True, None),
        ("169.254.169.254", 80, False, "private address (cloud metadata)"),
        ("169.254.169.254", 80, True, None),
        ("224.0.0.1", 80, True, "multicast"),
        ("240.0.0.1", 80, True, "reserved"),
    ],
)
def test_the_setting_opens_private_addresses_and_nothing_else(
    settings: Settings, address: str, port: int, private_allowed: bool, refused: str | None
) -> None:
    rule = AddressRule(settings.model_copy(update={"allow_private_addresses": private_allowed}))

    sentence = rule.refusal("host.example", address, port)

    assert (sentence is None) if refused is None else (sentence is not None and refused in sentence)


@pytest.mark.parametrize(
    ("body", "allowed"),
    [
        pytest.param("", True, id="empty"),
        pytest.param("User-agent: *\nDisallow: /nieuws", False, id="for all"),
        pytest.param("User-agent: *\nDisallow: /nieuws\nAllow: /nieuws/1", True, id="longer rule wins"),
        pytest.param("User-agent: ParticipatienetwerkScout\nDisallow: /", False, id="for us"),
        pytest.param("User-agent: participatienetwerkscout/9\nDisallow: /", True, id="for another version"),
        pytest.param(
            "User-agent: *\nDisallow: /\nUser-agent: ParticipatienetwerkScout\nDisallow:",
            True,
            id="but not us",
        ),
        pytest.param("User-agent: Scout\nDisallow: /", True, id="for another scout"),
        pytest.param("User-agent: GemeenteBot\nDisallow: /", False, id="for the name chosen by the operator"),
        pytest.param("\ufeffUser-agent: *\nDisallow: /", False, id="with a mark before it"),
        pytest.param("<html>niet gevonden</html>", True, id="a web page"),
        pytest.param("\x00\x01 geen tekst", True, id="rubbish"),
    ],
)
def test_robots_txt_speaks_to_us_by_name_or_to_all(body: str, allowed: bool) -> None:
    rules = Rules(body.encode(), names("GemeenteBot/2.0 (+https://voorbeeld.example)"))

    assert rules.allows("https://krant.example/nieuws/1") is allowed


@pytest.mark.parametrize(
    ("line", "delay"),
    [
        ("Crawl-delay: 5", 5.0),
        ("Crawl-delay: 0.5", 0.5),
        ("Crawl-delay: 86400", 30.0),
        ("Crawl-delay: veel", None),
    ],
)
def test_a_crawl_delay_counts_up_to_half_a_minute(line: str, delay: float | None) -> None:
    assert Rules(f"User-agent: *\n{line}\n".encode(), names("")).delay() == delay


def test_copies_of_robots_txt_last_a_day_and_survive_being_cut_off(tmp_path: Path) -> None:
    memory = RobotsMemory(tmp_path / "robots")
    memory.save("https://krant.example", b"User-agent: *\nDisallow: /x\n", NOW)

    assert memory.load("https://krant.example", NOW + timedelta(hours=23)) == b"User-agent: *\nDisallow: /x\n"
    assert memory.load("https://krant.example", NOW + timedelta(hours=24)) is None
    assert memory.load("https://krant.example:8443", NOW) is None
    (kept,) = (tmp_path / "robots").iterdir()
    kept.write_text('{"origin": "https://kr', "utf-8")
    assert memory.load("https://krant.example", NOW) is None
    memory.forget_old(datetime.now(UTC) + timedelta(days=2))
    assert list((tmp_path / "robots").iterdir()) == []


@pytest.mark.parametrize(
    ("kind", "body", "refused"),
    [
        ("application/rss+xml; charset=utf-8", b"<rss>", None),
        ("text/plain", b"<rss>", None),
        ("application/json", b"{}", None),
        ("application/octet-stream", b"\x1f\x8b...", None),
        ("", b"<rss>", None),
        ("image/jpeg", b"\xff\xd8\xff", "is an image file (image/jpeg)"),
        ("video/mp4", b"", "is a video file (video/mp4)"),
        ("audio/mpeg", b"", "is an audio file (audio/mpeg)"),
        ("application/pdf", b"%PDF-1.7", "is a PDF file"),
        ("text/html", b"%PDF-1.7", "is really a PDF file"),
        ("application/octet-stream", b"PK\x03\x04", "is really a zip or office file"),
        ("application/zip", b"PK\x03\x04", "is of type application/zip"),
    ],
)
def test_only_answers_that_are_text_are_read(kind: str, body: bytes, refused: str | None) -> None:
    sentence = refusal({"content-type": kind}, body)

    assert (sentence is None) if refused is None else (sentence or "").startswith(refused)


@pytest.mark.parametrize(
    ("low", "high", "drafts", "sentence"),
    [
        (None, None, 0, None),
        (1, 200, 1, None),
        (1, 200, 200, None),
        (1, 200, 0, "gave 0 items, expected 1 to 200"),
        (1, 200, 201, "gave 201 items, expected 1 to 200"),
        (2, None, 1, "gave 1 item, expected at least 2"),
        (None, 5, 6, "gave 6 items, expected at most 5"),
    ],
)
def test_a_visit_is_held_against_what_a_healthy_one_gives(
    low: int | None, high: int | None, drafts: int, sentence: str | None
) -> None:
    found = unmet(low, high, drafts)

    assert (found is None) if sentence is None else (found or "").startswith(sentence)


def test_nothing_of_scrapy_runs_beside_the_crawl(settings: Settings) -> None:
    """Some of its extensions listen at a port, others import a second web library at each start."""
    crawl = Crawl(scrapy_settings(settings))

    assert dict(crawl.get_component_priority_dict_with_base("EXTENSIONS")) == {}
