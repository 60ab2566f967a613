"""Officiële Bekendmakingen: what is asked of the search service, and what is made of its answers."""

from urllib.parse import parse_qs, urlsplit

import pytest

from scout.drafts import ItemDraft, Page, Reading, Standing, Stored
from scout.readers import koop
from tests.scout.reading import read, source_of
from tests.scout.sru_world import Publication, Sru, diagnostic

URL = "https://repository.overheid.nl/sru"
SOURCE = source_of("koop", URL, creator="Zwolle")
SINCE = {"since": "2026-11-01"}


def asked(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def visit(sru: Sru, cursor: dict[str, str], source=SOURCE, **headers: str) -> list[Reading]:
    """Everything that one visit reads."""
    waiting, readings = list(koop.first(source, cursor)), []
    while waiting:
        address = waiting.pop(0)
        given = asked(address)
        body = sru.answer(given["query"], int(given["startRecord"]), int(given["maximumRecords"]))
        readings.append(read(source, body, "application/xml", asked=address, headers=headers))
        waiting += readings[-1].more
        assert len(readings) < 50
    return readings


def found(readings: list[Reading]) -> list[str]:
    return [draft.external_id for reading in readings for draft in reading.drafts]


def test_the_question_is_that_of_the_manual() -> None:
    (address,) = koop.first(SOURCE, SINCE)
    (more,) = visit(Sru(), SINCE)[0].more

    assert address.startswith(f"{URL}?")
    assert asked(address) == {
        "operation": "searchRetrieve",
        "version": "2.0",
        "startRecord": "1",
        "maximumRecords": "100",
        "query": 'c.product-area=="officielepublicaties" AND dt.creator=="Zwolle"'
        ' AND w.organisatietype=="gemeente"'
        ' AND dt.modified>="2026-11-01" AND dt.date<"2026-11-01" sortBy dt.modified/sort.ascending',
    }
    assert asked(more)["query"].endswith('AND dt.date>="2026-11-01" sortBy dt.date/sort.ascending')


@pytest.mark.parametrize(
    ("code", "options", "creator"),
    [
        pytest.param("GM0193", {}, "Zwolle", id="the municipality of the source"),
        pytest.param("GM0518", {}, "'s-Gravenhage", id="by its official name"),
        pytest.param("GM0164", {}, "Hengelo", id="without what tells it from a namesake"),
        pytest.param("GM0193", {"creator": 'De "Stad"'}, r"De \"Stad\"", id="as the source says"),
    ],
)
def test_whose_publications_are_read(code: str, options: dict[str, str], creator: str) -> None:
    source = source_of("koop", URL, **options)
    object.__setattr__(source, "municipality_code", code)

    (address,) = koop.first(source, SINCE)

    assert f'dt.creator=="{creator}"' in asked(address)["query"]


def test_without_a_creator_those_of_all_municipalities_are_read() -> None:
    (address,) = koop.first(source_of("koop", URL), SINCE)

    assert "dt.creator" not in asked(address)["query"]
    assert 'w.organisatietype=="gemeente"' in asked(address)["query"]


def test_a_publication_becomes_a_draft_without_anything_about_persons() -> None:
    sru = Sru(
        Publication(
            identifier="gmb-2026-1",
            title="Evenementenvergunning buurtfeest, de heer J. Jansen, Dorpsstraat 12, 8011 AB Zwolle",
            abstract="Bel mevrouw De Vries op 038-1234567.",
            date="2026-11-02",
            modified="2026-11-03",
        )
    )

    (draft,) = visit(sru, SINCE)[-1].drafts

    assert draft == ItemDraft(
        source="bron",
        external_id="gmb-2026-1",
        url="https://zoek.officielebekendmakingen.nl/gmb-2026-1.html",
        title="Evenementenvergunning buurtfeest, iemand, Dorpsstraat, Zwolle",
        text="Bel iemand op een telefoonnummer.\nevenementenvergunning van de gemeente Zwolle.",
        text_is_html=False,
        published="2026-11-02",
        updated="2026-11-03",
        language="nl",
        keep_id=True,
        impersonal=True,
    )


@pytest.mark.parametrize(
    ("type_", "title", "kept"),
    [
        ("omgevingsvergunning", "Dakkapel Dorpsstraat 12", False),
        ("verkeersbesluit", "Gehandicaptenparkeerplaats", False),
        ("evenementenvergunning", "Kermis", True),
        ("verordeningen en reglementen", "Subsidieregeling leefbaarheid 2026", True),
        ("overige besluiten", "Inspraak wijkvisie", True),
        ("overige besluiten", "Coöperatie Dorpskracht mag de supermarkt huren", True),
        ("overige besluiten", "RIGHT TO CHALLENGE: beleidsregel", True),
    ],
)
def test_only_wanted_rubrics_are_kept(type_: str, title: str, kept: bool) -> None:
    sru = Sru(Publication(identifier="gmb-1", title=title, type=type_, date="2026-11-02"))

    assert (found(visit(sru, SINCE)) == ["gmb-1"]) is kept


def test_a_source_may_name_its_own_rubrics() -> None:
    source = source_of("koop", URL, creator="Zwolle", rubrics=["Dakkapel"])
    sru = Sru(
        Publication(identifier="gmb-1", title="dakkapel", date="2026-11-02"),
        Publication(identifier="gmb-2", title="Kermis", date="2026-11-02"),
    )

    assert found(visit(sru, SINCE, source)) == ["gmb-1"]


@pytest.mark.parametrize("names_next", [True, False], ids=["next is named", "next is not named"])
@pytest.mark.parametrize("surplus", [0, 40], ids=["the total is right", "the total is too high"])
def test_all_pages_are_read_and_the_cursor_moves_with_each(names_next: bool, surplus: int) -> None:
    sru = Sru(
        *(Publication(identifier=f"gmb-{n}", title="Kermis", date=f"2026-11-{n:02}") for n in range(1, 8)),
        page=3,
    )
    sru.names_next, sru.surplus = names_next, surplus

    readings = visit(sru, SINCE)

    assert found(readings) == [f"gmb-{n}" for n in range(1, 8)]
    cursors = [reading.cursor["since"] for reading in readings if reading.cursor]
    # Two days before the newest of each page, never back.
    assert cursors == ["2026-11-01", "2026-11-04", "2026-11-05"]


def test_the_first_visit_goes_back_thirty_days_from_the_newest() -> None:
    sru = Sru(
        Publication(identifier="gmb-1", title="Kermis", date="2026-09-01"),
        Publication(identifier="gmb-2", title="Kermis", date="2026-10-25"),
        Publication(identifier="gmb-3", title="Kermis", date="2026-11-20"),
    )

    readings = visit(sru, {})

    assert found(readings) == ["gmb-2", "gmb-3"]
    assert readings[-1].cursor == {"since": "2026-11-18"}


def test_a_date_in_the_future_does_not_hide_what_follows() -> None:
    sru = Sru(Publication(identifier="gmb-1", title="Kermis", date="2099-01-01"))

    readings = visit(sru, SINCE, date="Sun, 22 Nov 2026 10:00:00 GMT")

    assert readings[-1].cursor == {"since": "2026-11-20"}


def test_a_creator_that_has_nothing_is_a_mistake_in_the_source() -> None:
    (reading,) = visit(Sru(), {})

    assert reading.problem == "the server has no publications by 'Zwolle': correct creator or municipality"


def test_corrections_of_older_ones_are_read_too_and_nothing_twice() -> None:
    sru = Sru(
        Publication(identifier="old", title="Kermis", date="2026-10-01", modified="2026-11-05"),
        Publication(identifier="older", title="Kermis", date="2026-10-01"),
        Publication(identifier="new", title="Kermis", date="2026-11-05", modified="2026-11-06"),
    )

    assert found(visit(sru, SINCE)) == ["old", "new"]


def test_an_error_with_status_200_is_a_problem_with_the_words_of_the_server() -> None:
    reading = read(SOURCE, diagnostic("10", "Query syntax error", "expected AND"), "text/xml")

    assert reading.drafts == ()
    assert reading.problem == "the search service refuses the question: Query syntax error: expected AND"


def test_where_corrections_can_not_be_asked_for_what_is_new_is_read_all_the_same() -> None:
    sru = Sru(Publication(identifier="new", title="Kermis", date="2026-11-05"))
    sru.refused = {"dt.modified"}

    readings = visit(sru, SINCE)

    assert found(readings) == ["new"]
    assert "corrections could not be asked for" in readings[0].warnings[0]
    assert not any(reading.problem for reading in readings)


def test_a_page_behind_the_last_one_is_the_end_and_no_error() -> None:
    address = koop.first(SOURCE, SINCE)[0].replace("startRecord=1", "startRecord=101")

    reading = read(SOURCE, diagnostic("61", "First record position out of range"), "text/xml", asked=address)

    assert reading.problem is None
    assert len(reading.more) == 1


@pytest.mark.parametrize(
    "body", ["", "<html><body>Onderhoud</body></html>", "{}", "<a>" * 5000, "<sru:searchRetrieveResponse>"]
)
def test_what_is_no_answer_of_a_search_service_is_a_problem(body: str) -> None:
    address = koop.first(SOURCE, {})[0]

    assert "search service" in str(read(SOURCE, body, "text/html", asked=address).problem)


# -- whether it is still there ------------------------------------------------------------------------

ITEM = Stored(item_id=7, url="https://zoek.officielebekendmakingen.nl/gmb-1.html", native_id="gmb-1")


OTHER = Sru(Publication(identifier="gmb-2", title="Kermis")).answer('dt.identifier=="gmb-2"', 1, 1)


def judged(body: str, status: int = 200, *, newest: str = OTHER) -> Standing:
    (question,) = koop.questions(SOURCE, [ITEM, Stored(item_id=8, url="https://x.example/", native_id="")])
    page = Page(asked=question.url, url=question.url, status=status, headers={}, body=body.encode())
    answer = koop.judge(SOURCE, question, page)
    if not answer.ask:
        return answer.standing[7]
    (follow_up,) = answer.ask
    assert (answer.standing, follow_up.url) == ({}, koop.first(SOURCE, {})[0])
    page = Page(asked=follow_up.url, url=follow_up.url, status=200, headers={}, body=newest.encode())
    return koop.judge(SOURCE, follow_up, page).standing[7]


def test_a_publication_is_asked_for_by_its_identifier() -> None:
    (question,) = koop.questions(SOURCE, [ITEM])

    assert asked(question.url)["query"] == 'c.product-area=="officielepublicaties" AND dt.identifier=="gmb-1"'


@pytest.mark.parametrize(
    ("sru", "standing"),
    [
        (Sru(Publication(identifier="gmb-1", title="Kermis")), Standing.THERE),
        (Sru(), Standing.GONE),
        (Sru(Publication(identifier="gmb-2", title="Kermis")), Standing.GONE),
    ],
)
def test_no_record_is_gone_and_a_record_is_there(sru: Sru, standing: Standing) -> None:
    (question,) = koop.questions(SOURCE, [ITEM])

    assert judged(sru.answer(asked(question.url)["query"], 1, 1)) is standing


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param(diagnostic("10", "Query syntax error"), 200, id="an error"),
        pytest.param(diagnostic("61", "First record position out of range"), 200, id="an error of position"),
        pytest.param("<html>Onderhoud</html>", 200, id="a web page"),
        pytest.param("", 200, id="nothing"),
        pytest.param(Sru().answer('dt.identifier=="x"', 1, 1), 503, id="trouble at the server"),
        pytest.param(Sru().answer('dt.identifier=="x"', 1, 1), 403, id="not let in"),
        pytest.param(Sru().answer('dt.identifier=="x"', 1, 1), 429, id="too many requests"),
    ],
)
def test_anything_unclear_never_counts_as_gone(body: str, status: int) -> None:
    assert judged(body, status) is Standing.UNKNOWN


@pytest.mark.parametrize("newest", [Sru().answer('dt.identifier=="x"', 1, 1), diagnostic("1", "Oeps"), ""])
def test_an_index_without_any_record_says_nothing_about_one(newest: str) -> None:
    assert judged(Sru().answer('dt.identifier=="gmb-1"', 1, 1), newest=newest) is Standing.UNKNOWN


def test_an_edit_comes_with_the_answer() -> None:
    (question,) = koop.questions(SOURCE, [ITEM])
    body = Sru(Publication(identifier="gmb-1", title="Nieuwe titel")).answer(
        asked(question.url)["query"], 1, 1
    )
    page = Page(asked=question.url, url=question.url, status=200, headers={}, body=body.encode())

    (draft,) = koop.judge(SOURCE, question, page).drafts

    assert draft.title == "Nieuwe titel"
