"""Handing in: the form, the bookmark, files, and what became of it; for staff and for municipalities."""

import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import openpyxl
import pytest
import xlsxwriter
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.handed_in import HandedIn, Upload
from models.item import Item
from models.settings import Settings
from models.store.handed_in import taken
from models.store.items import url_key
from models.words import Channel, Outcome, Role
from review.handed_files import MOST_BYTES, MOST_ROWS, Fault, FileError, read_rows
from tests.review.factories import ARNHEM, RHEDEN, make_item, make_lead
from tests.review.visitor import Visitor

GROUP = "https://www.facebook.com/groups/1/posts/2"
WORDS = "Bewoners leggen samen een tuin aan."


@pytest.fixture
def anna(sign_in: Callable[..., Visitor]) -> Visitor:
    """An officer of Arnhem."""
    return sign_in("anna@arnhem.example", roles=[Role.MUNICIPALITY], municipality="Arnhem")


def kept(session: Session) -> list[HandedIn]:
    # A session of these tests holds the only writer's place until it lets go.
    session.expunge_all()
    session.rollback()
    rows = list(session.scalars(select(HandedIn).order_by(HandedIn.id)))
    session.expunge_all()
    session.rollback()
    return rows


def become(session: Session, outcome: Outcome, item: Item | None = None) -> None:
    """What the scout does with the newest hand-in."""
    row = kept(session)[-1]
    taken(session, row.id, outcome=outcome, item_id=item.id if item else None, now=datetime.now(UTC))
    session.commit()


# -- the form ----------------------------------------------------------------------------------------


def test_staff_hand_in_through_the_menu_and_see_that_it_waits(ada: Visitor, session: Session) -> None:
    ada.get("/")
    ada.get(ada.page.xpath("//nav//a[text()='Inbrengen']/@href")[0])

    ada.send(
        "/inbrengen",
        url=f"{GROUP}?fbclid=x",
        title="Buurttuin",
        summary=WORDS,
        municipality_code=RHEDEN,
        published_on=f"{datetime.now(UTC):%Y-%m-01}",
        consent="ja",
    )

    assert "Dank u wel" in ada.notices
    assert "Buurttuin" in ada.main
    assert "Wacht op verwerking" in ada.main
    (row,) = kept(session)
    assert (row.channel, row.url, row.summary, row.municipality_code, row.consent, row.own) == (
        Channel.FORM,
        GROUP,
        WORDS,
        RHEDEN,
        True,
        False,
    )
    assert row.handed_in_by_id == ada.account_id


def test_a_municipality_hands_in_its_own_whatever_the_form_says(anna: Visitor, session: Session) -> None:
    anna.get("/inbrengen")
    assert "municipality_code" not in anna.form("/inbrengen")

    anna.send("/inbrengen", summary=WORDS, municipality_code=RHEDEN, own="ja")

    (row,) = kept(session)
    assert (row.municipality_code, row.own, row.consent) == (ARNHEM, True, None)
    assert "eigen initiatief van de gemeente" in anna.main


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        pytest.param({"summary": " "}, "Schrijf in uw eigen woorden", id="no words"),
        pytest.param({"summary": "x" * 3001}, "hoogstens 3000 tekens", id="too many"),
        pytest.param({"url": "krant.example"}, "Begin met https://", id="no address"),
        pytest.param({"url": "javascript:alert(1)"}, "Begin met https://", id="script"),
        pytest.param({"published_on": "eergisteren"}, "Dit is geen dag", id="no day"),
        pytest.param({"published_on": "2999-01-01"}, "moet nog komen", id="tomorrow"),
        pytest.param({"municipality_code": "GM9999"}, "Deze gemeente bestaat niet", id="no municipality"),
    ],
)
def test_mistakes_stand_beside_their_fields_and_nothing_is_lost(
    ada: Visitor, session: Session, fields: dict[str, str], said: str
) -> None:
    ada.get("/inbrengen")
    ada.send("/inbrengen", **{"title": "Mijn titel", "summary": WORDS, **fields})

    assert ada.answer.status_code == 400
    name = next(iter(fields))
    (error,) = ada.page.cssselect(f"#{name}-fout")
    assert said in error.text_content()
    assert f"{name}-fout" in ada.page.get_element_by_id(name).get("aria-describedby")
    assert ada.page.cssselect(f".scout-errors a[href='#{name}']")
    assert ada.form("/inbrengen")["title"] == "Mijn titel"
    assert kept(session) == []


def test_private_addresses_are_refused(ada: Visitor, settings: Settings, session: Session) -> None:
    strict = settings.model_copy(update={"allow_private_addresses": False})
    scout = ada.app.extensions["scout"]
    ada.app.extensions["scout"] = type(scout)(strict, scout.labels, scout.secret)
    ada.get("/inbrengen")
    ada.send("/inbrengen", url="http://169.254.169.254/latest", summary=WORDS)

    assert "alleen binnen een eigen netwerk" in ada.main
    assert kept(session) == []


def test_the_same_words_twice_come_in_once(ada: Visitor, session: Session) -> None:
    for _ in range(2):
        ada.get("/inbrengen")
        ada.send("/inbrengen", summary=WORDS)

    assert "al ingebracht" in ada.notices
    assert len(kept(session)) == 1


def test_what_is_known_is_told_with_a_link_to_whom_may_see_it(
    ada: Visitor, anna: Visitor, session: Session
) -> None:
    lead = make_lead(session, municipality=RHEDEN)
    secret = ada.app.extensions["scout"].secret
    session.scalars(select(Item)).one().url_key = url_key(secret, "krant.example/a")
    session.commit()

    ada.get("/inbrengen?url=http://www.krant.example/a/")
    assert ada.page.cssselect(f"#bekend a[href='/signalen/{lead.id}']")
    ada.send("/inbrengen", summary=WORDS)
    assert ada.answer.status_code == 409
    assert "staat al bij de signalen" in ada.main
    assert kept(session) == []

    # Of another municipality: the officer can't tell that it is there, before or after.
    anna.get("/inbrengen?url=http://www.krant.example/a/")
    assert not anna.page.cssselect("#bekend")
    anna.send("/inbrengen", summary=WORDS)
    become(session, Outcome.DUPLICATE, session.scalars(select(Item)).one())
    anna.get("/inbrengen/overzicht")
    assert "Verwerkt. Het netwerk bekijkt het." in anna.main

    ada.get("/inbrengen")
    ada.send("/inbrengen", summary=WORDS, url=GROUP)
    ada.get("/inbrengen")
    ada.send("/inbrengen", summary="Andere woorden.", url=f"{GROUP}#reacties")
    assert "al ingebracht" in ada.main


def test_the_list_says_what_became_of_it(ada: Visitor, session: Session) -> None:
    lead = make_lead(session, title="Buurttuin Noord")
    item = session.scalars(select(Item)).one()
    loose = make_item(session)
    session.commit()
    for outcome, found in (
        (Outcome.NEW, item),
        (Outcome.LANGUAGE, None),
        (Outcome.SUPPRESSED, None),
        (Outcome.DUPLICATE, loose),
        (Outcome.NEW, loose),
    ):
        ada.get("/inbrengen")
        ada.send("/inbrengen", summary=f"{WORDS} {outcome} {found and found.id}")
        become(session, outcome, found)

    ada.get("/inbrengen/overzicht")

    said = [" ".join(one.text_content().split()) for one in ada.page.cssselect(".scout-hand-in__state")]
    assert said == [
        "Verwerkt. Het netwerk bekijkt het.",
        "Dit adres was er al. Het is opnieuw bekeken.",
        "Niet verwerkt: iemand maakte bezwaar tegen dit adres of deze website.",
        "Niet verwerkt: de samenvatting is niet in het Nederlands geschreven.",
        "Staat bij de signalen: open",
    ]
    assert ada.page.cssselect(f"a[href='/signalen/{lead.id}']")
    assert WORDS not in ada.main


def test_nobody_sees_what_others_handed_in(
    ada: Visitor, anna: Visitor, sign_in: Callable[..., Visitor]
) -> None:
    rina = sign_in("rina@rheden.example", roles=[Role.MUNICIPALITY], municipality="Rheden")
    arie = sign_in("arie@arnhem.example", roles=[Role.MUNICIPALITY], municipality="Arnhem")
    bob = sign_in("bob@voorbeeld.example")
    anna.get("/inbrengen")
    anna.send("/inbrengen", summary="Alleen voor Arnhem.")

    seen = {}
    for name, visitor in (("anna", anna), ("arie", arie), ("rina", rina), ("ada", ada), ("bob", bob)):
        visitor.get("/inbrengen/overzicht")
        seen[name] = "Alleen voor Arnhem." in visitor.main
    assert seen == {"anna": True, "arie": True, "rina": False, "ada": False, "bob": False}
    assert "door een collega" in arie.main


def test_who_sees_no_content_hands_nothing_in(sign_in: Callable[..., Visitor], visitor: Visitor) -> None:
    officer = sign_in("fg@voorbeeld.example", roles=[Role.PRIVACY_OFFICER])
    assert officer.get("/inbrengen").status_code == 403
    assert "Inbrengen" not in officer.page.xpath("string(//nav)")

    visitor.get(f"/inbrengen?url={GROUP}&title=Tuin")
    assert visitor.heading == "Aanmelden"


def test_what_was_typed_stays_text(ada: Visitor) -> None:
    attack = "<script>alert(1)</script>"
    ada.get("/inbrengen", query_string={"url": attack, "title": attack})
    assert attack not in ada.answer.text
    ada.get("/inbrengen")
    ada.send("/inbrengen", summary=attack, title=attack)
    assert attack not in ada.answer.text
    assert attack in ada.main


# -- the bookmark ------------------------------------------------------------------------------------


def test_the_bookmark_opens_the_form_with_address_and_title_and_reads_nothing_else(ada: Visitor) -> None:
    ada.get("/inbrengen/bladwijzer")
    (script,) = ada.page.xpath("//a[starts-with(@href, 'javascript:')]/@href")

    assert ada.page.get_element_by_id("bladwijzer").text.strip() == script
    read = script.replace("location.href", "").replace("document.title", "")
    assert "document" not in read
    assert "location" not in read
    # As a browser would put it together on another site.
    address = unquote(script.partition('"')[2].partition('"')[0])
    assert address == "http://localhost/inbrengen"
    assert ada.page.xpath("//a[@href='/inbrengen']")
    ada.get(urlsplit(address).path, query_string={"url": GROUP, "title": " Tuin\nin de wijk "})
    assert ada.form("/inbrengen")["url"] == GROUP
    assert ada.form("/inbrengen")["title"] == "Tuin in de wijk"
    assert parse_qs(urlsplit(ada.answer.request.url).query)["url"] == [GROUP]


# -- files -------------------------------------------------------------------------------------------

HEADER = "url,titel,gemeente,samenvatting,datum\n"


def send_file(visitor: Visitor, content: bytes | str, name: str = "lijst.csv", **more: str) -> None:
    data = content.encode() if isinstance(content, str) else content
    visitor.get("/inbrengen/bestand")
    token = visitor.form("/inbrengen/bestand")["csrf_token"]
    visitor.answer = visitor.client.post(
        "/inbrengen/bestand",
        data={"csrf_token": token, "file": (io.BytesIO(data), name), **more},
        content_type="multipart/form-data",
        follow_redirects=True,
    )


def workbook(*rows: list[object]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"default_date_format": "dd-mm-yyyy"}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                sheet.write(number, column, value)
    return out.getvalue()


def confirm(visitor: Visitor) -> None:
    visitor.send(next(action for action in visitor.actions if action.startswith("/inbrengen/bestand/")))


def test_a_file_is_shown_first_and_its_good_rows_come_in_once(ada: Visitor, session: Session) -> None:
    day = f"{datetime.now(UTC) - timedelta(days=3):%d-%m-%Y}"
    send_file(
        ada,
        HEADER + f"{GROUP},Tuin,Rheden,{WORDS},{day}\n"
        "geen adres,,Nergenshuizen,,31-02-2026\n"
        f",,,Buren koken samen.,\n{GROUP}?fbclid=1,,,Nog een keer.,\n",
    )

    assert "2 rijen zijn goed. In 2 rijen staan fouten." in ada.main
    mistakes = [
        " ".join(one.text_content().split()) for one in ada.page.cssselect(".scout-hand-in__mistakes li")
    ]
    assert mistakes == [
        "Rij 3, kolom url: Dit is geen webadres. Begin met https:// of laat het leeg.",
        "Rij 3, kolom gemeente: Deze gemeente bestaat niet. Controleer de naam.",
        "Rij 3, kolom samenvatting: Schrijf in uw eigen woorden wat er gebeurt, in een of twee zinnen.",
        "Rij 3, kolom datum: Dit is geen dag. Schrijf de dag zoals 21-11-2026, of laat het leeg.",
        "Rij 5, kolom url: Dit adres staat ook in rij 2. Laat het één keer staan.",
    ]
    assert kept(session) == []
    page = ada.answer.request.path

    confirm(ada)

    assert "2 initiatieven zijn ingebracht" in ada.notices
    assert [(row.channel, row.url, row.title, row.municipality_code) for row in kept(session)] == [
        (Channel.UPLOAD, GROUP, "Tuin", RHEDEN),
        (Channel.UPLOAD, "", "", None),
    ]
    ada.get(page)
    assert "Dit bestand is ingebracht" in ada.main
    assert ada.actions.count(page) == 0
    ada.get("/inbrengen")
    token = ada.form("/inbrengen")["csrf_token"]
    ada.answer = ada.client.post(page, data={"csrf_token": token}, follow_redirects=True)
    assert "niets nieuws" in ada.notices
    assert len(kept(session)) == 2


def test_what_waits_or_is_a_lead_already_is_a_mistake_in_its_row(ada: Visitor, session: Session) -> None:
    make_lead(session)
    session.scalars(select(Item)).one().url_key = url_key(
        ada.app.extensions["scout"].secret, "krant.example/a"
    )
    session.commit()
    send_file(ada, HEADER + f"{GROUP},,,{WORDS},\n")
    confirm(ada)

    send_file(ada, HEADER + f"{GROUP},,,{WORDS},\nhttps://krant.example/a,,,{WORDS},\n")

    assert "0 rijen zijn goed" in ada.main
    assert "al ingebracht en wacht" in ada.main
    assert "staat al bij de signalen" in ada.main
    assert "inbrengen" not in [form.text_content().strip() for form in ada.page.forms]


def test_a_municipality_sends_only_its_own(anna: Visitor, session: Session) -> None:
    send_file(anna, HEADER + f",,Rheden,{WORDS},\n,,,Buren koken samen.,\n", own="ja")

    assert "Rij 2, kolom gemeente: Uw account hoort bij een andere gemeente" in anna.main
    confirm(anna)
    assert [(row.municipality_code, row.own) for row in kept(session)] == [(ARNHEM, True)]


def test_a_file_is_its_senders_alone(ada: Visitor, anna: Visitor, session: Session) -> None:
    send_file(ada, HEADER + f",,,{WORDS},\n")
    page = ada.answer.request.path

    assert anna.get(page).status_code == 404
    anna.get("/inbrengen")
    token = anna.form("/inbrengen")["csrf_token"]
    assert anna.client.post(page, data={"csrf_token": token}).status_code == 404
    assert kept(session) == []


def cells(content: bytes) -> list[dict[str, str]]:
    return [row.cells for row in read_rows(content)]


TABLE = 'Samenvatting{0}TITEL{0}datum\r\n"Eerste regel{0}\ntweede é"{0}Café{0}1-2-2026\r\n'


@pytest.mark.parametrize("separator", [",", ";", "\t"], ids=["comma", "semicolon", "tab"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_files_are_read_as_spreadsheets_write_them(separator: str, encoding: str) -> None:
    assert cells(TABLE.format(separator).encode(encoding)) == [
        {"samenvatting": f"Eerste regel{separator}\ntweede é", "titel": "Café", "datum": "1-2-2026"}
    ]


def test_workbooks_are_read_with_dates_and_never_with_formulas() -> None:
    rows = read_rows(
        workbook(
            ["url", "samenvatting", "datum", "titel"],
            ["https://a.example/1", "Tekst", datetime(2026, 2, 1), 2026],  # noqa: DTZ001 - cells have no zone
            [],
            ['=HYPERLINK("https://evil.example")', "Tekst", "", ""],
        )
    )

    assert [row.number for row in rows] == [2, 4]
    assert rows[0].cells == {
        "url": "https://a.example/1",
        "samenvatting": "Tekst",
        "datum": "2026-02-01",
        "titel": "2026",
    }
    assert rows[1].formulas == ("url",)


def test_a_formula_is_a_mistake_that_is_named(ada: Visitor) -> None:
    send_file(ada, workbook(["samenvatting", "titel"], [WORDS, "=1+1"]), "lijst.xlsx")

    assert "Rij 2, kolom titel: Hier staat een formule." in ada.main


def bomb() -> bytes:
    """A workbook that unpacks to far more than it is."""
    import zipfile

    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/workbook.xml", "x")
        packed.writestr("xl/worksheets/sheet1.xml", b"0" * 31_000_000)
    return out.getvalue()


def swarm() -> bytes:
    """A small workbook with millions of cells in one row."""
    import zipfile

    whole = io.BytesIO(workbook(["samenvatting"], [WORDS]))
    out = io.BytesIO()
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in source.namelist():
            content = source.read(name)
            if name.endswith("sheet1.xml"):
                content = content.replace(b"</row>", b"<c/>" * 2_000_000 + b"</row>", 1)
            packed.writestr(name, content)
    return out.getvalue()


def entities() -> bytes:
    """A workbook with a declaration that grows without end when it is read."""
    import zipfile

    whole = io.BytesIO(workbook(["samenvatting"], [WORDS]))
    out = io.BytesIO()
    lol = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    head = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "lol">{lol}]>'
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(out, "w") as packed:
        for name in source.namelist():
            content = source.read(name).decode()
            if name.endswith("sheet1.xml"):
                content = head + content.partition("?>")[2].replace("<v>0</v>", "<v>&l11;</v>")
            packed.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        pytest.param(b"", Fault.EMPTY, id="nothing"),
        pytest.param(b"\n\n", Fault.EMPTY, id="empty lines"),
        pytest.param(HEADER.encode(), Fault.EMPTY, id="only a header"),
        pytest.param(b"a,b\n1,2\n", Fault.NO_HEADER, id="another header"),
        pytest.param(b"a\x00b\x01", Fault.NO_TEXT, id="no text"),
        pytest.param(b"x" * (MOST_BYTES + 1), Fault.TOO_LARGE, id="too large"),
        pytest.param(b"samenvatting\n" + b"x\n" * (MOST_ROWS + 1), Fault.TOO_MANY, id="too many rows"),
        pytest.param(b"samenvatting\n" + b"\n" * 20 * MOST_ROWS + b"x", Fault.TOO_MANY, id="empty rows"),
        pytest.param(b"samenvatting\n" + b"x" * 200_000, Fault.BROKEN, id="endless cell"),
        pytest.param(b"PK\x03\x04 kapot", Fault.BROKEN, id="broken workbook"),
        pytest.param(b"\xd0\xcf\x11\xe0 oud", Fault.OTHER_KIND, id="old workbook"),
        pytest.param(b"%PDF-1.7", Fault.OTHER_KIND, id="pdf"),
        pytest.param(bomb(), Fault.TOO_LARGE, id="bomb"),
        pytest.param(swarm(), Fault.TOO_LARGE, id="millions of cells"),
    ],
)
def test_what_is_no_such_file_is_refused_in_one_sentence(
    ada: Visitor, session: Session, content: bytes, fault: Fault
) -> None:
    with pytest.raises(FileError) as refusal:
        read_rows(content)
    assert refusal.value.fault is fault

    send_file(ada, content)

    assert ada.answer.status_code == 400
    assert ada.page.cssselect("#file-fout")[0].text_content().strip()
    assert session.scalars(select(Upload)).all() == []


def test_a_workbook_that_grows_when_it_is_read_is_broken() -> None:
    with pytest.raises(FileError) as refusal:
        read_rows(entities())

    assert refusal.value.fault in (Fault.BROKEN, Fault.TOO_LARGE)


def test_a_request_without_end_and_a_form_without_file_are_refused(ada: Visitor) -> None:
    send_file(ada, b"x" * (9 * MOST_BYTES))
    assert ada.answer.status_code == 413
    ada.get("/inbrengen/bestand")
    ada.send("/inbrengen/bestand")
    assert "Kies eerst een bestand" in ada.main
    # Other forms have no more room than before.
    ada.get("/inbrengen")
    ada.send("/inbrengen", summary="x" * 300_000)
    assert ada.answer.status_code == 413


def test_the_example_can_be_filled_in_and_sent(ada: Visitor, session: Session) -> None:
    answer = ada.client.get("/inbrengen/voorbeeld.csv")
    assert answer.data.startswith(b"\xef\xbb\xbf")
    assert "attachment" in answer.headers["Content-Disposition"]

    send_file(ada, answer.data)
    assert "1 rij is goed. Er zijn geen fouten." in ada.main
    confirm(ada)

    assert [row.municipality_code for row in kept(session)] == [ARNHEM]


def test_our_own_exports_are_read_by_the_same_library() -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook(["samenvatting"], [WORDS])))

    assert book.worksheets[0]["A2"].value == WORDS
