"""E-mail-in: who gets in, what of a mail is kept, and that nothing is lost or doubled."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import quote

import pytest
from sqlalchemy import select

import scout.mail_in
from models.database import session_factory
from models.handed_in import HandedIn
from models.settings import SettingsError, load_settings
from models.store.accounts import add_account, disable_account
from models.words import Channel, Role
from scout.mail_folder import _quoted
from scout.mail_in import Refusal, take_mail
from scout.mail_proof import proven
from scout.mail_text import own_lines, words_of
from tests.scout import imap_server
from tests.scout.command import run_scout

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ADA, ANNA = "ada@voorbeeld.example", "anna@arnhem.example"
PASS = "mail.voorbeeld.example; dkim=pass header.d=voorbeeld.example; dmarc=pass header.from={domain}"
WORDS = "In Velp leggen bewoners samen een buurttuin aan."


def mail(body=WORDS, *, sender=ADA, subject="Buurttuin in Velp", proof=PASS, html=None, **headers):
    """One mail as the receiving server delivers it."""
    message = EmailMessage()
    if proof:
        message["Authentication-Results"] = proof.format(domain=sender.rpartition("@")[2])
    message["From"] = f"Iemand <{sender}>"
    message["To"] = "scout@voorbeeld.example"
    message["Subject"] = subject
    message["Message-ID"] = headers.pop("message_id", "<1@voorbeeld.example>")
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    if body is not None:
        message.set_content(body)
    if html is not None:
        (message.add_alternative if body is not None else message.set_content)(html, subtype="html")
    return message


@pytest.fixture
def maildir(tmp_path):
    """An empty maildir."""
    folder = tmp_path / "post"
    for name in ("new", "cur", "tmp"):
        (folder / name).mkdir(parents=True)
    return folder


@pytest.fixture
def deliver(maildir):
    """Puts mails into the maildir."""

    def put(*messages):
        for message in messages:
            number = len(list(maildir.glob("*/*")))
            content = message if isinstance(message, bytes) else message.as_bytes()
            (maildir / "new" / f"17{number:04}.M1P1.host").write_bytes(content)

    return put


@pytest.fixture
def accounts(session):
    """A reviewer, an officer of Arnhem, a privacy officer, and one that is closed."""
    add_account(session, ADA, None, roles=[Role.REVIEWER])
    add_account(session, ANNA, None, roles=[Role.MUNICIPALITY], municipality="Arnhem")
    add_account(session, "fg@voorbeeld.example", None, roles=[Role.PRIVACY_OFFICER])
    add_account(session, "weg@voorbeeld.example", None, roles=[Role.REVIEWER])
    disable_account(session, "weg@voorbeeld.example")
    session.commit()


def mailed(settings, maildir, **changes):
    values = {"mail_in": str(maildir), "mail_authserv": "mail.voorbeeld.example", **changes}
    return settings.model_copy(update=values)


def take(engine, settings):
    return take_mail(session_factory(engine), settings, now=lambda: NOW)


def kept(engine):
    with session_factory(engine, writes=False)() as session:
        return list(session.scalars(select(HandedIn).order_by(HandedIn.id)))


def left(maildir):
    """Flags of what stands in the maildir."""
    return sorted(file.name.partition(":2,")[2] for file in maildir.glob("[nc]*/*"))


# -- what is kept -----------------------------------------------------------------------------------


@pytest.mark.both_databases
def test_a_mail_becomes_a_hand_in_without_anything_of_its_sender(
    engine, settings, maildir, deliver, accounts
):
    message = mail(
        "Hallo allemaal,\n\n"
        f"{WORDS}\nGemeente: Rheden\nZie https://www.facebook.com/groups/1/posts/2?fbclid=x.\n\n"
        "Met vriendelijke groet,\n\nKanarie Vogel\n06-12345678\n",
        subject="Fwd: Buurttuin in Velp",
    )
    message.add_attachment(b"\x89PNG geheim", maintype="image", subtype="png", filename="foto.png")
    deliver(message)

    report = take(engine, mailed(settings, maildir))

    assert report.as_dict() == {"taken": 1, "known": 0, "refused": {}, "problems": []}
    (row,) = kept(engine)
    assert (row.channel, row.title, row.url) == (
        Channel.EMAIL,
        "Buurttuin in Velp",
        "https://www.facebook.com/groups/1/posts/2",
    )
    assert row.summary == f"{WORDS}\nZie"
    assert (row.municipality_code, row.handed_in_by_id, row.consent) == ("GM0275", 1, None)
    told = str(vars(row))
    for private in ("Kanarie", "0612345678", "Iemand", ADA, "geheim", "1@voorbeeld"):
        assert private not in told
    assert left(maildir) == []


def test_an_officers_mail_is_about_the_own_municipality(engine, settings, maildir, deliver, accounts):
    deliver(mail(f"{WORDS}\nGemeente: Rheden", sender=ANNA))

    take(engine, mailed(settings, maildir))

    assert kept(engine)[0].municipality_code == "GM0202"


def test_every_mail_comes_in_once_also_when_the_folder_could_not_be_changed(
    engine, settings, maildir, deliver, accounts, monkeypatch
):
    deliver(mail(), mail())
    ways = mailed(settings, maildir)
    with monkeypatch.context() as broken:
        broken.setattr(
            "scout.mail_folder.MaildirFolder.remove",
            lambda self, key: (_ for _ in ()).throw(scout.mail_in.MailError("het ging niet")),
        )
        report = take(engine, ways)
    assert (report.taken, report.problems) == (1, ["het ging niet"])

    report = take(engine, ways)

    assert (report.taken, report.known) == (0, 2)
    assert len(kept(engine)) == 1
    assert left(maildir) == []


def test_without_a_message_id_the_whole_mail_counts(engine, settings, maildir, deliver, accounts):
    one, other = mail(), mail("In Elst koken buren elke week voor elkaar.")
    for message in (one, other):
        del message["Message-ID"]
    deliver(one, other, one)

    report = take(engine, mailed(settings, maildir))

    assert (report.taken, report.known) == (2, 1)


# -- who gets in ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        pytest.param(mail(sender="vreemd@elders.example"), Refusal.UNKNOWN_SENDER, id="stranger"),
        pytest.param(mail(sender="weg@voorbeeld.example"), Refusal.UNKNOWN_SENDER, id="closed account"),
        pytest.param(mail(sender="fg@voorbeeld.example"), Refusal.UNKNOWN_SENDER, id="sees no content"),
        pytest.param(mail(proof=""), Refusal.UNPROVEN, id="nothing proves it"),
        pytest.param(
            mail(proof=PASS.replace("dmarc=pass", "dmarc=fail")), Refusal.UNPROVEN, id="dmarc fails"
        ),
        pytest.param(
            mail(proof=PASS.replace("mail.", "elders.")), Refusal.UNPROVEN, id="another server says it"
        ),
        pytest.param(mail(Auto_Submitted="auto-replied"), Refusal.AUTOMATIC, id="absence message"),
        pytest.param(mail(Precedence="bulk"), Refusal.AUTOMATIC, id="bulk"),
        pytest.param(mail("> alleen\n> wat een ander schreef"), Refusal.NO_WORDS, id="only quoted"),
        pytest.param(mail("https://krant.example/a"), Refusal.NO_WORDS, id="only a link"),
        pytest.param(mail("woord " * 600), Refusal.TOO_LONG, id="a whole article"),
        pytest.param(b"\xff\xfe\x00 geen mail", Refusal.UNKNOWN_SENDER, id="no mail at all"),
    ],
)
def test_what_does_not_get_in_stays_flagged_with_a_reason(
    engine, settings, maildir, deliver, accounts, message, reason
):
    deliver(message)
    before = next(maildir.glob("new/*")).read_bytes()
    ways = mailed(settings, maildir)

    report = take(engine, ways)

    assert report.as_dict()["refused"] == {reason.value: 1}
    assert kept(engine) == []
    assert left(maildir) == ["FS"]
    assert next(maildir.glob("cur/*")).read_bytes() == before
    assert take(engine, ways).as_dict()["refused"] == {}


def test_a_mail_with_two_senders_is_from_nobody(engine, settings, maildir, deliver, accounts):
    content = mail().as_bytes()
    deliver(content.replace(b"From: ", f"From: Zij <{ANNA}>\nFrom: ".encode(), 1))
    deliver(content.replace(b"From: Iemand", f"From: Zij <{ANNA}>, Iemand".encode(), 1))
    deliver(
        content.replace(
            b"From: Iemand <", b"From: =?utf-8?q?" + ADA.replace("@", "=40").encode() + b"=2C?= <x"
        )
    )

    report = take(engine, mailed(settings, maildir))

    assert report.as_dict()["refused"] == {"unknown_sender": 3}


def test_the_list_lets_others_in_and_a_trusted_folder_needs_no_proof(
    engine, settings, maildir, deliver, accounts
):
    deliver(mail(sender="wijkteam@elders.example", proof=""))

    report = take(
        engine,
        mailed(
            settings, maildir, mail_senders=("Wijkteam@Elders.example",), mail_trusted=True, mail_authserv=""
        ),
    )

    assert report.taken == 1
    assert kept(engine)[0].handed_in_by_id is None


def test_a_mail_that_is_too_large_is_not_even_read(engine, settings, maildir, deliver, accounts, monkeypatch):
    monkeypatch.setattr("scout.mail_folder.LARGEST", 100)
    deliver(mail())

    assert take(engine, mailed(settings, maildir)).as_dict()["refused"] == {"too_large": 1}


@pytest.mark.parametrize(
    ("headers", "fine"),
    [
        pytest.param(["mx.example; dmarc=pass header.from=voorbeeld.example"], True, id="plain"),
        pytest.param(["MX.example 1; spf=pass; dmarc = pass (p=reject)"], True, id="version and comment"),
        pytest.param(["mx.example; spf=pass", "mx.example; dmarc=pass"], True, id="two headers"),
        pytest.param(["mx.example; dmarc=pass", "mx.example; dmarc=none"], False, id="they disagree"),
        pytest.param(["mx.example; dmarc=pass header.from=evil.example"], False, id="another domain"),
        pytest.param(["mx.example; spf=pass (dmarc=pass; dmarc=pass)"], False, id="in a comment"),
        pytest.param(['mx.example; spf=fail reason="x; dmarc=pass"'], False, id="in quotes"),
        pytest.param(['mx.example; spf=fail reason="x\\"; dmarc=pass"'], False, id="in escaped quotes"),
        pytest.param(["mx.example; spf=fail (a (b) ; dmarc=pass"], False, id="in a comment without end"),
        pytest.param(["evil.example; x=y (mx.example); dmarc=pass"], False, id="name in a comment"),
        pytest.param(["mx.example.evil.example; dmarc=pass"], False, id="name as beginning"),
        pytest.param(["mx.example; dmarc=passed"], False, id="another word"),
        pytest.param([], False, id="none"),
    ],
)
def test_only_our_own_server_proves_a_sender(headers, fine):
    message = EmailMessage()
    for header in headers:
        message["Authentication-Results"] = header

    assert proven(message, "ada@voorbeeld.example", "mx.example") is fine
    assert proven(message, "ada@voorbeeld.example", "") is False


# -- own words --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "behind",
    [
        pytest.param("-- \nAda\n06-1", id="signature mark"),
        pytest.param("Met vriendelijke groet,\nAda", id="greeting"),
        pytest.param("Groetjes van Ada", id="short greeting"),
        pytest.param("Hartelijke groet, Ada", id="greeting on one line"),
        pytest.param("Op ma 3 nov 2026 om 12:00 schreef Piet <p@x.example>:\n> oud", id="dutch quotation"),
        pytest.param("On Mon, 3 Nov 2026, Piet <p@x.example>\nwrote:\n> old", id="broken over two lines"),
        pytest.param("Van: Piet\nVerzonden: maandag\nAan: Ada\nOnderwerp: x\n\noud", id="outlook"),
        pytest.param("________________________________\nVan: Piet\n\noud", id="outlook with a line"),
        pytest.param("-----Oorspronkelijk bericht-----\noud", id="original message"),
        pytest.param("---------- Forwarded message ---------\noud", id="forwarded"),
        pytest.param("Verstuurd vanaf mijn iPhone", id="phone"),
        pytest.param("Disclaimer: dit bericht is alleen voor u.", id="disclaimer"),
    ],
)
def test_signature_and_quoted_mail_go(behind):
    assert "\n".join(own_lines(f"Beste mensen,\n\nEerste regel.\nTweede regel.\n\n{behind}")).strip() == (
        "Eerste regel.\nTweede regel."
    )


def test_words_that_only_look_like_the_end_stay():
    text = "Groeten doen ze elkaar elke dag.\nOp straat schreef een buurman een lied.\nVan: hand tot hand."

    assert own_lines(text) == text.splitlines()


@pytest.mark.parametrize(
    "text",
    [
        "Op " + "a " * 50_000,
        "\n" * 100_000,
        "> " * 50_000,
        "Van: x\n" * 20_000,
        "Met vriendelijke groe " * 5000,
    ],
    ids=["words", "lines", "quotes", "headers", "greetings"],
)
def test_hostile_mails_take_no_time(text):
    started = datetime.now(UTC)
    words_of(mail(text))

    assert (datetime.now(UTC) - started).total_seconds() < 5


def test_of_html_only_what_the_sender_wrote_counts():
    words = words_of(
        mail(
            None,
            html=f"<p>Hoi,</p><p>{WORDS} <a href='https://krant.example/a'>Lees het hier</a></p>"
            "<div class='gmail_signature'>Ada, 06-1</div>"
            "<div class='gmail_quote'>Op ma schreef Piet: <blockquote>oud nieuws</blockquote></div>"
            "<script>alert(1)</script>",
        )
    )

    assert words.summary == f"{WORDS} Lees het hier"
    assert words.url == "https://krant.example/a"


def test_the_plain_part_goes_before_html_and_a_strange_charset_is_read_all_the_same():
    assert words_of(mail(html="<p>Iets anders dan dat.</p>")).summary == WORDS
    message = mail()
    message.replace_header("Content-Type", 'text/plain; charset="verzonnen"')
    assert words_of(message).summary == WORDS


# -- the command and IMAP ---------------------------------------------------------------------------


def command(settings, **more):
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("SCOUT_")},
        "SCOUT_VAR": str(settings.var),
        "SCOUT_CONFIG": str(settings.config),
        "SCOUT_SECRET_KEY": "only for tests",
        **more,
    }
    return run_scout("mail", "--json", environment=environment)


def test_the_command_takes_mail_and_says_what_it_can_not_read(engine, settings, maildir, deliver, accounts):
    deliver(mail(), mail(sender="vreemd@elders.example", message_id="<2@x>"))
    own = {"SCOUT_MAIL_AUTHSERV": "mail.voorbeeld.example"}

    done = command(settings, SCOUT_MAIL_IN=str(maildir), **own)
    wrong = command(settings, SCOUT_MAIL_IN=str(maildir / "nergens"), **own)
    unset = command(settings)

    assert (done.returncode, json.loads(done.stdout)) == (
        0,
        {"taken": 1, "known": 0, "refused": {"unknown_sender": 1}, "problems": []},
    )
    assert wrong.returncode == 1
    (problem,) = json.loads(wrong.stdout)["problems"]
    assert problem.endswith("nergens is no maildir: it needs the folders new, cur and tmp (mail_in)")
    assert (unset.returncode, unset.stdout) == (2, "")
    assert "mail_in" in unset.stderr
    for said in (done, wrong):
        assert "elders.example" not in said.stdout + said.stderr


@pytest.fixture
def imap(tmp_path, request):
    """Starts a server with these mails; gives its port and what it says of its folder."""
    servers = []

    def start(*messages, how="plain"):
        folder = tmp_path / "imap"
        folder.mkdir()
        for number, message in enumerate(messages):
            (folder / f"{number}.eml").write_bytes(message.as_bytes())
        server = subprocess.Popen(
            [sys.executable, "-m", "tests.scout.imap_server", str(folder), how],
            cwd=Path(__file__).parents[2],
            stdout=subprocess.PIPE,
            text=True,
        )
        servers.append(server)
        return int(server.stdout.readline()), server

    yield start
    for server in servers:
        server.kill()
        server.wait()


def over_imap(settings, port, **changes):
    user, folder = quote(imap_server.USER, safe=""), quote(imap_server.FOLDER)
    return settings.model_copy(
        update={
            "mail_in": f"imap://{user}@127.0.0.1:{port}/{folder}",
            "mail_password": imap_server.PASSWORD,
            "mail_authserv": "mail.voorbeeld.example",
            **changes,
        }
    )


@pytest.mark.parametrize("how", ["plain", "plus"])
def test_a_folder_on_an_imap_server_is_read_and_settled(engine, settings, accounts, imap, how):
    port, server = imap(mail(), mail(sender="vreemd@elders.example", message_id="<2@x>"), how=how)
    ways = over_imap(settings, port)

    first, second = take(engine, ways), take(engine, ways)

    assert first.as_dict() == {"taken": 1, "known": 0, "refused": {"unknown_sender": 1}, "problems": []}
    assert second.as_dict() == {"taken": 0, "known": 0, "refused": {}, "problems": []}
    assert kept(engine)[0].summary == WORDS
    server.terminate()
    last = json.loads(server.stdout.read().splitlines()[-1])
    assert last["101"] == ["\\Flagged", "\\Seen"]
    assert last.get("100") == (None if how == "plus" else ["\\Deleted", "\\Seen"])


def test_an_imap_server_that_refuses_or_is_not_there_is_a_problem_and_no_more(
    engine, settings, accounts, imap
):
    port, server = imap(mail())

    wrong = take(engine, over_imap(settings, port, mail_password="iets anders"))
    server.kill()
    server.wait()
    gone = take(engine, over_imap(settings, port))

    assert wrong.problems == [
        "the mail folder at 127.0.0.1 does not let us in, or broke off: "
        "look at mail_in and SCOUT_MAIL_PASSWORD"
    ]
    assert gone.problems == ["the mail folder at 127.0.0.1 can't be reached: Connection refused"]


def test_names_of_folders_are_written_as_imap_wants_them():
    assert [_quoted(name) for name in ("INBOX", 'a "b" & c', "élders", "日本")] == [
        '"INBOX"',
        '"a \\"b\\" &- c"',
        '"&AOk-lders"',
        '"&ZeVnLA-"',
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({"mail_in": "imaps://mail.example/x", "mail_password": "x"}, id="nobody"),
        pytest.param({"mail_in": "imap://a@mail.example/x", "mail_password": "x"}, id="not encrypted"),
        pytest.param({"mail_in": "pop3://a@mail.example/x", "mail_password": "x"}, id="another protocol"),
        pytest.param({"mail_in": "imaps://a:geheim@mail.example/x"}, id="password in it"),
        pytest.param({"mail_in": "imaps://a@mail.example/x"}, id="no password"),
    ],
)
def test_a_folder_that_can_not_be_is_refused_in_one_sentence(wrong):
    with pytest.raises(SettingsError, match="mail_in") as refusal:
        load_settings(**wrong)

    assert "geheim" not in str(refusal.value)
