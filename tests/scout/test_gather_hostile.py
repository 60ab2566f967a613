"""Servers that hang, lie, explode or lead elsewhere: each is named, and none keeps the others waiting."""

import datetime
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import Engine, text

from models.database import session_factory
from models.settings import Settings
from tests.scout.gather_world import PROSE, Entry, World, article, rss
from tests.web import Answer, Web, bomb, closed_port, dripping, hanging, in_turn, redirect

MB = 1024 * 1024


def test_broken_sources_are_named_in_one_sentence_each_and_the_good_ones_go_on(
    settings: Settings, engine: Engine
) -> None:
    with World(settings, engine, *(f"127.0.0.{n}" for n in range(1, 12)), timeout_seconds=0.5) as world:
        web = world.web

        def broken(key: str, address: str, path: str, route: object, **more: object) -> None:
            web.route(path, route, address=address)  # type: ignore[arg-type]
            world.source(key, web.url(path, address=address), **more)  # type: ignore[arg-type]

        world.news("goed-a", 3)
        world.news("goed-b", 3, address="127.0.0.2")
        broken("hangt", "127.0.0.3", "/h.xml", hanging(web))
        broken("drupt", "127.0.0.4", "/d.xml", dripping(web))
        broken("weg", "127.0.0.5", "/w.xml", Answer("niet hier", 404))
        broken("kapot", "127.0.0.5", "/k.xml", Answer("au", 500))
        broken("groot", "127.0.0.6", "/g.xml", Answer(b"<rss>" + b" " * 20 * MB))
        broken("eindeloos-groot", "127.0.0.6", "/eg.xml", lambda _: Answer(b"x" * MB for _ in range(40)))
        broken("bom", "127.0.0.7", "/b.xml", bomb(60))
        broken("mispakt", "127.0.0.7", "/kg.xml", Answer(b"geen gzip", 200, {"Content-Encoding": "gzip"}))
        broken("rondjes", "127.0.0.8", "/r.xml", redirect("/r.xml"))
        broken("bestand", "127.0.0.8", "/f.xml", redirect("file:///etc/passwd"))
        broken("plaatje", "127.0.0.9", "/p.png", Answer(b"\x89PNG\r\n", 200, {"Content-Type": "image/png"}))
        broken("folder", "127.0.0.9", "/folder", Answer(b"%PDF-1.7 ...", 200, {"Content-Type": "text/html"}))
        broken("geen-feed", "127.0.0.10", "/n.xml", "<html><body>Welkom</body></html>")
        world.source("dicht", f"http://127.0.0.11:{closed_port('127.0.0.11')}/x.xml")
        world.source("onbekend", "http://bestaat-niet.invalid/x.xml")
        world.source("raar", "http://" + "a" * 70 + ".example/x.xml")
        world.file("typefout").write_text('[[source]]\nkey = "typefout"\nkindd = "feed"\n', "utf-8")

        ran = world.run()

        assert ran.items == {"new": 6}
        expected = {
            "hangt": "127.0.0.3 did not give a whole answer within 0.5 seconds",
            "drupt": "127.0.0.4 did not give a whole answer within 0.5 seconds",
            "weg": "answered 404 Not Found: correct the address",
            "kapot": "answered 500 Internal Server Error: the trouble is at the server",
            "groot": "gives more than 10 MB, which is cut off",
            "eindeloos-groot": "gives more than 10 MB, which is cut off",
            "bom": "gives more than 10 MB, which is cut off (it is compressed)",
            "mispakt": "is broken",
            "rondjes": "redirects endlessly (more than 5 times)",
            "bestand": "redirects to file:///etc/passwd, which is not an http or https address",
            "plaatje": "is an image file (image/png), which is not read",
            "folder": "is really a PDF file, which is not read",
            "geen-feed": "not a feed but a web page",
            "dicht": "127.0.0.11 refuses connections",
            "onbekend": "the name bestaat-niet.invalid can't be found",
        }
        for key, sentence in expected.items():
            problem = ran.problem(key)
            assert sentence in problem
            assert "Traceback" not in problem
            assert "\n" not in problem
            assert world.row(key).consecutive_failures == 1
        assert ran.troubled - {"typefout"} == {*expected, "raar"}
        assert "typefout" in ran.troubled
        assert (ran.sources, ran.failed) == (len(expected) + 3, len(expected) + 1)
        assert ran.stderr == ""
        # A second and third try where that may help, none where it can't.
        assert len(web.asked_for("/h.xml")) == len(web.asked_for("/k.xml")) == 3
        assert len(web.asked_for("/w.xml")) == len(web.asked_for("/g.xml")) == 1
        assert len(web.asked_for("/r.xml")) == 6
        assert [run.problem for run in world.runs("weg")] == [ran.problem("weg")]


def test_a_server_that_stumbles_is_asked_again(settings: Settings, engine: Engine) -> None:
    with World(settings, engine) as world:
        link = world.page("/a/1", in_turn(Answer("au", 503), article()))
        world.source("krant", world.web.route("/k.xml", in_turn(Answer("au", 500), rss([Entry(link)]))))

        ran = world.run()

        assert (ran.failed, ran.items, ran.warnings) == (0, {"new": 1}, [])
        assert world.asked() == ["/k.xml", "/k.xml", "/a/1", "/a/1"]
        assert world.runs("krant")[0].requests == 4


@pytest.mark.parametrize("allowed", [False, True])
def test_private_addresses_are_refused_wherever_they_come_from(
    settings: Settings, engine: Engine, allowed: bool
) -> None:
    # 127.0.0.2 plays a public server; 127.0.0.1 is what must not be reached.
    names = {"krant.example": "127.0.0.2", "intern.example": "127.0.0.1", "omleiding.example": "127.0.0.2"}
    with World(
        settings, engine, "127.0.0.1", "127.0.0.2", allow_private_addresses=allowed, delay_seconds=0
    ) as world:
        web = world.web
        port = web.port
        secret = web.route("/geheim.xml", rss([Entry("http://krant.example/a")]), address="127.0.0.1")
        web.route("/geheim", article("Geheim"), address="127.0.0.1")
        web.route("/door.xml", redirect(secret), address="127.0.0.2")
        links = [f"http://krant.example:{port}/ok", f"http://krant.example:{port}/door", web.url("/geheim")]
        web.route("/k.xml", rss(Entry(link) for link in links), address="127.0.0.2")
        web.route("/ok", article(), address="127.0.0.2")
        web.route("/door", redirect(f"http://intern.example:{port}/geheim"), address="127.0.0.2")
        web.route(
            "/robots.txt",
            lambda asked: (
                redirect(web.url("/robots.txt"))
                if asked.headers["host"].startswith("omleiding.")
                else Answer("", 404)
            ),
            address="127.0.0.2",
        )
        terms = '{ url = "http://krant.example/v", checked = 2026-11-01, basis = "x", purpose = "y" }'
        world.source("krant", f"http://krant.example:{port}/k.xml", terms=terms)
        world.source("cijfers", f"http://127.0.0.1:{port}/geheim.xml", terms=terms)
        world.source("decimaal", f"http://2130706433:{port}/geheim.xml", terms=terms)
        world.source("naam", f"http://intern.example:{port}/geheim.xml", terms=terms)
        world.source("zes", f"http://[::ffff:127.0.0.1]:{port}/geheim.xml", terms=terms)
        world.source("metadata", "http://169.254.169.254/latest/meta-data", terms=terms)
        world.source("door", f"http://krant.example:{port}/door.xml", terms=terms)
        world.source("robot", f"http://omleiding.example:{port}/k.xml", terms=terms)

        keys = ["krant", "cijfers", "naam", "door"] if allowed else None
        ran = world.run(names=names, public=["127.0.0.2"], keys=keys)

        reached = [asked.path for asked in web.asked if asked.address == "127.0.0.1"]
        if allowed:
            assert ran.failed == 0
            assert "/geheim.xml" in reached
            return
        assert reached == []
        assert ran.items == {"new": 1, "error": 2}
        for key in ("cijfers", "decimaal", "naam", "zes", "metadata", "door", "robot"):
            assert "private address" in ran.problem(key), key
            assert "SCOUT_ALLOW_PRIVATE_ADDRESSES" in ran.problem(key)
        assert ran.problem("cijfers").startswith("127.0.0.1 is a private address (loopback)")
        assert "127.0.0.1 (the address of intern.example)" in ran.problem("naam")
        assert "cloud metadata" in ran.problem("metadata")


def test_public_servers_are_visited_at_their_usual_ports_only(settings: Settings, engine: Engine) -> None:
    with World(settings, engine) as world:
        world.source("poort", "http://93.184.215.14:8080/x.xml")

        assert "port 8080 of 93.184.215.14 is not visited" in world.run().problem("poort")


def test_certificates_are_checked(settings: Settings, engine: Engine, tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_self_signed(tmp_path))
    with World(settings, engine) as world, Web("127.0.0.1", tls=context) as secure:
        world.source("vals", secure.route("/x.xml", rss([])))

        ran = world.run()

        assert ran.problem("vals") == (
            "the certificate of 127.0.0.1 can't be trusted, so nothing was fetched from it"
        )
        assert secure.asked == []


def _self_signed(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    path = folder / "certificate.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path


def test_bad_articles_cost_their_own_item_at_most(settings: Settings, engine: Engine) -> None:
    bad = {
        "weg": Answer("weg", 404),
        "pdf": Answer(b"%PDF-1.4", 200, {"Content-Type": "application/pdf"}),
        "groot": Answer(b"<html>" + b"<p>tekst</p>" * (2 * MB)),
        "bom": bomb(60),
        "rond": redirect("/x/rond"),
    }
    with World(settings, engine) as world:
        with_text = [Entry(world.page(f"/t/{name}", route), summary=PROSE) for name, route in bad.items()]
        without = [Entry(world.page(f"/x/{name}", route), title=name) for name, route in bad.items()]
        good = Entry(world.page("/goed"))
        world.feed("krant", [*with_text, *without, good])

        ran = world.run()

        assert (ran.failed, ran.problems) == (0, [])
        assert ran.items == {"new": 6, "error": 5}
        assert "for 5 items the list's own text stands; the first: " in ran.warned("krant")
        assert "5 of its articles could not be had; the first: " in ran.warned("krant")
        assert world.texts()[with_text[0].link] == PROSE.strip()

        # What ended in error is tried again, although the feed has not changed; the rest is left alone.
        world.page("/x/weg")
        ran = world.run()

        assert ran.items == {"new": 1, "unchanged": 6, "error": 4}
        assert sorted(set(world.asked())) == ["/krant.xml", *(f"/x/{name}" for name in sorted(bad))]


def test_a_server_that_stays_silent_is_given_up_for_the_run(settings: Settings, engine: Engine) -> None:
    with World(settings, engine, "127.0.0.1", "127.0.0.2", timeout_seconds=0.3) as world:
        links = [world.page(f"/a/{n}", hanging(world.web), address="127.0.0.2") for n in range(12)]
        world.feed("krant", [Entry(link, title=f"Bericht {n}") for n, link in enumerate(links)])
        world.page("/robots.txt", "", address="127.0.0.2")

        ran = world.run()

        assert ran.items == {"error": 12}
        assert "none of its 12 new articles could be had" in ran.problem("krant")
        assert len([path for path in world.asked() if path.startswith("/a/")]) <= 8


def test_a_film_is_not_fetched_to_its_end(settings: Settings, engine: Engine) -> None:
    sent: list[bytes] = []

    def film() -> Iterator[bytes]:
        while len(sent) < 100 and not world.web.closing.wait(0.02):
            sent.append(b"\0" * 1024)
            yield sent[-1]

    with World(settings, engine, timeout_seconds=10) as world:
        route = lambda _: Answer(film(), headers={"Content-Type": "video/mp4"})  # noqa: E731
        world.source("film", world.web.route("/film", route))
        packed = {"Content-Type": "application/zip", "Content-Encoding": "gzip"}
        world.source("zip", world.web.route("/zip", Answer(b"PK", headers=packed)))

        ran = world.run()

        assert "is a video file (video/mp4), which is not read" in ran.problem("film")
        assert "is of type application/zip" in ran.problem("zip")
        assert len(sent) < 100
        assert world.asked().count("/film") == 1


def test_a_database_that_fails_ends_the_run_at_once_and_not_each_source(
    settings: Settings, engine: Engine
) -> None:
    with World(settings, engine) as world:
        for number in range(5):
            world.news(f"krant-{number}", 2)
        with session_factory(engine)() as session:
            session.execute(text("DROP TABLE item_text"))
            session.commit()

        begun = world.begin()
        begun.process.join(60)

        assert begun.process.exitcode == 1
        assert "OperationalError" in begun.stderr()
        assert "never retrieved" not in begun.stderr()
