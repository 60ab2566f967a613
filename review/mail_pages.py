"""Mails as text and HTML, made from templates in the language of who gets them, without a request."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask, render_template
from flask_babel import force_locale

from models.settings import Settings
from models.settings_mail import is_loopback
from review.language import use_languages

ROOM = Path(__file__).resolve().parent
#: Where the pages are when no public address is set and mail goes no further than this machine.
AT_HOME = "http://127.0.0.1:5000"


def base_address(settings: Settings) -> str | None:
    """What addresses in mail begin with; None = nobody has said where the pages are."""
    if settings.public_url:
        return settings.public_url.rstrip("/")
    host = urlsplit(settings.mail_out).hostname or ""
    return AT_HOME if is_loopback(host) and not settings.production else None


def mail_host(settings: Settings) -> str:
    """Right-hand side of the names of our messages: the domain that they are from."""
    return settings.mail_from.rpartition("@")[2] or "localhost"


class MailPages:
    """Renders mails; a small application of its own, with templates and languages and nothing else."""

    def __init__(self) -> None:
        self._app = Flask("review", root_path=str(ROOM), static_folder=None)
        self._app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
        use_languages(self._app, secure=False)

    @contextmanager
    def language(self, language: str) -> Iterator[None]:
        """Everything within is in this language."""
        with self._app.app_context(), force_locale(language):
            yield

    @staticmethod
    def text_and_html(name: str, **values: object) -> tuple[str, str]:
        """``mail/NAME.txt`` and ``mail/NAME.html``; also within a request of the pages themselves."""
        return render_template(f"mail/{name}.txt", **values), render_template(f"mail/{name}.html", **values)
