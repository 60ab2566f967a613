"""``scout sources`` as a user meets it: adding, pausing, removing, OPML in and out, exports."""

import json
import os
import subprocess
import tomllib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some
from sqlalchemy import select

from models.database import session_factory
from models.item import Item
from models.opml import read_opml, write_opml
from models.source import Source
from models.source_definition import SourceDefinition, Terms, check_source
from models.source_files import as_toml
from models.store.added_sources import add_source, added_sources
from models.words import SourceKind
from scout.definitions import load_definitions
from tests.scout.command import environment_of, run_scout
from tests.scout.gather_world import Entry, World, article, rss

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
TODAY = datetime.now(UTC).date()
TERMS = ["--terms-url", "https://krant.example/voorwaarden", "--terms-basis", "6(1)(e) AVG"]
TERMS += ["--terms-purpose", "initiatieven vinden", "--terms-checked"]


@pytest.fixture
def world(settings, engine):
    with World(settings, engine) as world:
        yield world


def scout(world: World, *words: str) -> "subprocess.CompletedProcess[str]":
    """Run ``scout`` on the database and the files of the world."""
    settings = world.settings
    return run_scout(*words, environment=environment_of(settings), folder=settings.var.parent)


def listed(world: World) -> dict[str, dict[str, str]]:
    done = scout(world, "sources", "list", "--json")
    assert done.returncode == 0, done.stderr
    return {row["key"]: row for row in json.loads(done.stdout)["sources"]}


def krant(world: World) -> str:
    """A feed with two articles."""
    links = [world.page(f"/a/{number}", article(f"Bericht {number}")) for number in range(2)]
    world.page("/", "<title>Dorpskrant Velp</title>")
    feed = rss([Entry(link, f"Bericht {number}") for number, link in enumerate(links)])
    return world.page("/krant.xml", feed.replace("<title>Krant", "<title>Dorpskrant Velp", 1))


# -- adding ----------------------------------------------------------------------------------------


def test_with_all_four_terms_a_source_is_added_listed_and_visited(world):
    url = krant(world)

    done = scout(world, "sources", "add", url, "--yes", "--every", "2h", *TERMS, f"{TODAY}")

    assert done.returncode == 0, done.stderr
    assert "Bericht 0" in done.stdout
    assert "dorpskrant-velp is added and will be visited" in done.stdout
    row = listed(world)["dorpskrant-velp"]
    assert (row["state"], row["file"], row["municipality"]) == ("visited", "", "GM0275")
    assert scout(world, "sources", "check").returncode == 0
    ran = world.run()
    assert (ran.sources, ran.items) == (1, {"new": 2})
    assert world.row("dorpskrant-velp").removed_at is None
    assert world.row("dorpskrant-velp").every_seconds == 7200


def test_without_terms_it_is_added_switched_off_and_says_so(world):
    done = scout(world, "sources", "add", krant(world), "--kind", "feed", "--key", "velp", "--title", "Velp!")

    assert (done.returncode, listed(world)["velp"]["state"]) == (0, "switched off")
    assert "velp is added, switched off: its terms of use are not reviewed" in done.stdout
    assert world.run().sources == 0


def test_where_nobody_can_be_asked_nothing_is_added_unasked(world):
    done = scout(world, "sources", "add", krant(world))

    assert (done.returncode, listed(world)) == (0, {})
    assert "nothing was added" in done.stdout


def test_json_holds_what_was_found_and_what_was_added(world):
    done = scout(world, "sources", "add", krant(world), "--pick", "1", "--json")

    report = json.loads(done.stdout)
    assert report["added"] == {"key": "dorpskrant-velp", "kind": "feed", "enabled": False}
    assert [item["title"] for item in report["found"][0]["items"]] == ["Bericht 0", "Bericht 1"]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["https://www.facebook.com/groups/1"], 1, "let people hand in"),
        (["{krant}", "--kind", "wordpress"], 1, "no source of kind wordpress was found"),
        (["{krant}", "--pick", "9"], 2, "--pick 9"),
        (["{krant}", "--yes", "--terms-basis", "x"], 2, "--terms-url, --terms-purpose, --terms-checked"),
        (["{krant}", "--yes", "--key", "Geen Sleutel"], 2, "key: 'Geen Sleutel' is no key"),
        (["{krant}", "--yes", "--municipality", "Arnem"], 2, "did you mean 'Arnhem'?"),
        (["{krant}", "--yes", "--key", "bestaat"], 2, "the key 'bestaat' is used in sources/bestaat.toml"),
    ],
)
def test_what_can_not_be_added_says_why_and_adds_nothing(world, words, code, said):
    world.source("bestaat", "https://bestaat.example/rss")
    url = krant(world)

    done = scout(world, "sources", "add", *[url if word == "{krant}" else word for word in words])

    assert (done.returncode, set(listed(world))) == (code, {"bestaat"})
    assert said in done.stderr
    assert "Traceback" not in done.stderr


# -- files and pages -------------------------------------------------------------------------------


def definition(key: str = "velp", **changes: object) -> SourceDefinition:
    terms = Terms(url="https://k.example/v", checked=TODAY, basis="6(1)(e) AVG", purpose="vinden")
    made = SourceDefinition(
        key=key,
        title=key,
        kind=SourceKind.FEED,
        url=f"https://{key}.example/rss",
        every_seconds=3600,
        terms=terms,
    )
    return replace(made, **changes)


def added(world: World, *definitions: SourceDefinition) -> None:
    with session_factory(world.engine)() as session:
        for one in definitions:
            add_source(session, one, account_id=None, now=NOW)
        session.commit()


def test_a_file_with_the_same_key_wins_and_says_so(world):
    added(world, definition(url=world.web.url("/oud.xml")))
    links = world.news("velp", 1)

    checked = scout(world, "sources", "check")
    ran = world.run()

    assert checked.returncode == 1
    assert "sources/velp.toml: velp: key: is also the key of a source that was added" in checked.stderr
    assert "the file counts" in ran.problem("velp")
    assert [item.url for item in world.items()] == links
    assert world.row("velp").defined_in == "sources/velp.toml"
    assert world.run().problems == []


def test_an_export_that_became_a_file_takes_over_in_silence_and_without_visiting_anew(world):
    added(world, definition(url=krant(world), terms=definition().terms))
    world.run()
    exported = scout(world, "sources", "export").stdout
    (world.settings.config / "sources" / "uit.toml").write_text(exported, "utf-8")

    assert scout(world, "sources", "check").returncode == 0
    ran = world.run()

    assert (ran.problems, ran.items) == ([], {})
    assert (world.row("velp").defined_in, len(world.items())) == ("sources/uit.toml", 2)


def test_a_file_with_a_mistake_leaves_the_added_source_of_that_key_unvisited(world):
    added(world, definition(url=krant(world)))
    world.file("velp").write_text('[[source]]\nkey = "velp"\ntitle = "V"\nkind = "feed"\n', "utf-8")

    ran = world.run()

    assert (ran.sources, ran.problem("velp").startswith("sources/velp.toml")) == (0, True)
    assert world.row("velp").removed_at is None


# -- pausing and removing --------------------------------------------------------------------------


def test_a_source_is_paused_and_resumed_whether_a_file_defines_it_or_not(world):
    added(world, definition(url=krant(world)))
    world.news("krant", 1)

    for key in ("velp", "krant"):
        assert scout(world, "sources", "pause", key, "--why", "op verzoek").returncode == 0
    ran = world.run()
    assert (ran.sources, ran.problem("krant")) == (0, "is paused: op verzoek")
    assert listed(world)["velp"]["state"] == "paused: op verzoek"

    for key in ("velp", "krant"):
        assert scout(world, "sources", "resume", key).returncode == 0
    assert world.run().sources == 2


def test_an_added_source_is_removed_and_what_it_brought_stays(world):
    added(world, definition(url=krant(world)))
    world.run()

    assert scout(world, "sources", "remove", "velp").returncode == 0

    assert (world.run().sources, len(world.items()), listed(world)) == (0, 2, {})
    with session_factory(world.engine, writes=False)() as session:
        assert session.scalar(select(Item.source_key).distinct()) == "velp"


@pytest.mark.parametrize("verb", ["remove", "pause", "resume"])
def test_keys_that_are_not_there_or_not_ours_to_remove_are_named(world, verb):
    world.source("krant", "https://krant.example/rss")

    unknown = scout(world, "sources", verb, "kraant")
    of_file = scout(world, "sources", "remove", "krant")

    assert (unknown.returncode, of_file.returncode) == (2, 2)
    assert "there is no source 'kraant'" in unknown.stderr
    assert "'krant' stands in sources/krant.toml: change or remove it there" in of_file.stderr


# -- OPML ------------------------------------------------------------------------------------------

OPML = """<?xml version="1.0"?>
<!DOCTYPE opml [<!ENTITY geheim SYSTEM "file:///etc/hostname">]>
<opml version="1.0"><head><title>Van mij</title></head><body>
  <outline text="Gelderland">
    <outline title="Arnhemse &amp; Co" type="rss" xmlurl="http://arnhem.example/rss" htmlUrl="http://arnhem.example"/>
    <outline text="Diep"><outline text="Velps Nieuws" xmlUrl="feed://velp.example/feed"/></outline>
  </outline>
  <outline text="Zonder adres"/>
  <outline text="Dubbel" xmlUrl="HTTP://ARNHEM.example/rss#x"/>
  <outline text="Bekend" xmlUrl="https://bestaat.example/rss"/>
  <outline text="Kapot" xmlUrl="ftp://x.example/rss"/>
  <outline text="Gesloten" xmlUrl="https://www.facebook.com/x.rss"/>
  <outline text="&geheim;" xmlUrl="https://geheim.example/rss"/>
</body></opml>
"""


def test_an_opml_file_is_taken_over_and_what_can_not_be_used_is_named_with_its_number(world):
    world.source("bestaat", "https://bestaat.example/rss")
    file = world.settings.var.parent / "lijst.opml"
    file.write_text(OPML, "utf-8")

    done = scout(world, "sources", "import", str(file))

    assert done.returncode == 1
    assert "outline 3 (Zonder adres): it has no address of a feed" in done.stderr
    assert "outline 4 (Dubbel): HTTP://ARNHEM.example/rss#x is there already, as arnhemse-co" in done.stderr
    assert "outline 5 (Bekend): https://bestaat.example/rss is there already, as bestaat" in done.stderr
    assert "outline 6 (Kapot)" in done.stderr
    assert "outline 7 (Gesloten)" in done.stderr
    rows = listed(world)
    assert set(rows) == {"bestaat", "arnhemse-co", "velps-nieuws", "geheim-example"}, "and no file was read"
    assert rows["velps-nieuws"]["url"] == "https://velp.example/feed"
    assert rows["arnhemse-co"]["state"] == "switched off"
    again = json.loads(scout(world, "sources", "import", str(file), "--json").stdout)
    assert (again["added"], len(again["skipped"]), len(again["mistakes"])) == ([], 5, 3)


def test_an_opml_file_becomes_a_source_file_instead(world):
    file, output = world.settings.var.parent / "lijst.opml", world.settings.config / "sources" / "lijst.toml"
    file.write_text(OPML, "utf-8")

    scout(world, "sources", "import", str(file), "--output", str(output))
    again = scout(world, "sources", "import", str(file), "--output", str(output))

    definitions, mistakes = load_definitions(world.settings)
    assert mistakes == []
    assert definitions[0].title == "Arnhemse & Co"
    with session_factory(world.engine, writes=False)() as session:
        assert added_sources(session) == []
    assert again.returncode == 1
    assert "is there already" in again.stderr


@pytest.mark.parametrize("text", ["", "geen xml", "<rss/>", "<opml><body>", "<a>" * 5000])
def test_what_is_no_opml_is_refused_in_one_sentence(world, text):
    file = world.settings.var.parent / "kapot.opml"
    file.write_text(text, "utf-8")

    done = scout(world, "sources", "import", str(file))

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"scout: {file}: ")
    assert "Traceback" not in done.stderr


def test_feeds_leave_as_opml_by_municipality_and_come_back_the_same():
    definitions = [
        definition("b", title='Krant "B" & zonen <x>', municipality_code="GM0202"),
        definition("a", title="Zonder plaats"),
        definition("c", kind=SourceKind.SITE, options={"article": "x"}),
    ]

    text, left_out = write_opml(definitions, {"GM0202": "Arnhem"})
    found = read_opml(text.encode())

    assert left_out == ["c"]
    assert [(one.title, one.url, one.groups) for one in found] == [
        ("Zonder plaats", "https://a.example/rss", ()),
        ('Krant "B" & zonen <x>', "https://b.example/rss", ("Arnhem",)),
    ]


# -- export ----------------------------------------------------------------------------------------


def test_an_export_reads_back_as_the_same_sources(world):
    originals = [
        definition("een", title="Krant 'Een' \"Twee\" \\ drie", every_seconds=5400, full_text=False),
        definition(
            "twee",
            kind=SourceKind.SITE,
            options={"article": r"^/nieuws/\d+(?:'|\")"},
            expect_min=0,
            expect_max=40,
            municipality_code="GM0202",
        ),
        definition("vier", kind=SourceKind.KOOP, options={"rubrics": ["subsidie", "in'spraak"]}, terms=None),
        definition("wees", enabled=False, title="Fryslân 🌷 \u200b\x7f"),
    ]
    added(world, *originals)
    output = world.settings.config / "sources" / "uit.toml"

    done = scout(world, "sources", "export", "--output", str(output))

    assert done.returncode == 0, done.stderr
    definitions, mistakes = load_definitions(world.settings)
    assert (mistakes, [replace(one, defined_in="") for one in definitions]) == ([], originals)


texts = some.text(min_size=1, max_size=40).filter(lambda text: text.strip() == text and text.strip() != "")


@given(title=texts, purpose=texts, rubrics=some.lists(texts, min_size=1, max_size=3))
def test_any_text_survives_the_way_out_and_in(title, purpose, rubrics):
    try:
        title.encode(), purpose.encode(), "".join(rubrics).encode()
    except UnicodeEncodeError:  # half a pair is no text, and no file can hold it
        return
    one = definition(
        title=title,
        kind=SourceKind.KOOP,
        options={"rubrics": rubrics},
        terms=replace(definition().terms, purpose=purpose),
    )

    (given_back,) = tomllib.loads(as_toml([one]))["source"]

    assert check_source(given_back, file="", name="x") == (one, [])


def test_everything_is_exported_on_request_and_nothing_overwritten(world):
    world.source("krant", "https://krant.example/rss")
    added(world, definition("velp"))
    output = world.settings.var.parent / "uit.opml"

    both = scout(world, "sources", "export", "--all", "--format", "opml", "--output", str(output))
    again = scout(world, "sources", "export", "--output", str(output))

    assert [one.title for one in read_opml(output.read_bytes())] == ["krant", "velp"]
    assert (both.returncode, again.returncode) == (0, 1)
    assert "[[source]]" not in output.read_text()


def test_looking_at_sources_makes_no_database(tmp_path):
    (tmp_path / "config" / "sources").mkdir(parents=True)
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}

    for verb in ("check", "list", "export"):
        assert run_scout("sources", verb, environment=environment, folder=tmp_path).returncode == 0
    assert not (tmp_path / "var").exists()


def test_a_removed_key_can_be_used_again(world):
    added(world, definition())
    scout(world, "sources", "remove", "velp")
    added(world, definition(url="https://nieuw.example/rss"))

    with session_factory(world.engine, writes=False)() as session:
        row = session.get_one(Source, "velp")
        assert (row.url, row.removed_at) == ("https://nieuw.example/rss", None)
