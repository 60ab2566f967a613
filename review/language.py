"""Dutch and English: which one a visitor reads, and the catalogue of translations.

Texts stand in Dutch in the code and templates; ``translations/en`` holds the English. Run
``python -m review.language`` after changing a text: it collects all texts into the catalogue,
says which still need English, and compiles it. ``python -m review.language compile`` only does the
last; the pages do it themselves as well, when they start. ``translations/nl`` holds the Dutch of
Flask-Security, whose own texts are English.
"""

import io
import os
import sys
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from flask import Flask, Response, g, has_request_context, request
from flask_babel import Babel, get_locale, get_translations

from review.programs import without_cookies

ROOM = Path(__file__).resolve().parent
TRANSLATIONS = ROOM / "translations"
CATALOGUE = TRANSLATIONS / "en" / "LC_MESSAGES" / "messages.po"
#: Flask-Security has texts of its own, in English; this catalogue holds the Dutch.
SECURITY_DOMAIN = "flask_security"
SECURITY_CATALOGUE = TRANSLATIONS / "nl" / "LC_MESSAGES" / f"{SECURITY_DOMAIN}.po"

#: Code -> name in that language; the first is the default.
LANGUAGES = {"nl": "Nederlands", "en": "English"}
#: Query key and cookie for the choice; the cookie holds nothing but one of the codes.
CHOICE = "taal"
#: Seconds that the choice is remembered.
CHOICE_SECONDS = 365 * 24 * 3600

#: What Babel collects texts from.
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]
OPTIONS = {"templates/**.html": {"trimmed": "true", "encoding": "utf-8"}}
KEYWORDS = {"_": None, "_l": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2), "_n": (1, 2)}


def use_languages(app: Flask, *, secure: bool) -> None:
    """Let ``app`` answer in Dutch or English, with times in Amsterdam."""
    compile_catalogues()
    Babel(
        app,
        default_locale="nl",
        default_timezone="Europe/Amsterdam",
        default_translation_directories=str(TRANSLATIONS),
        locale_selector=chosen_language,
        timezone_selector=lambda: "Europe/Amsterdam",
    )
    # The catalogue is looked up once a request instead of for every text: a page has some 150 of them.
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        gettext=lambda text: _catalogue().ugettext(text),
        ngettext=lambda one, many, number: _catalogue().ungettext(one, many, number),
        newstyle=True,
        pgettext=lambda context, text: _catalogue().upgettext(context, text),
        npgettext=lambda context, one, many, number: _catalogue().unpgettext(context, one, many, number),
    )

    @app.after_request
    def remember(response: Response) -> Response:
        if without_cookies():
            return response
        choice = request.args.get(CHOICE)
        if choice in LANGUAGES and request.endpoint != "static":
            response.set_cookie(
                CHOICE, choice, max_age=CHOICE_SECONDS, httponly=True, samesite="Lax", secure=secure
            )
        if response.mimetype == "text/html":
            response.headers["Content-Language"] = str(get_locale())
            response.vary.add("Cookie")
        return response


def _catalogue() -> Any:
    if "catalogue" not in g:
        g.catalogue = get_translations()
    return g.catalogue


def chosen_language() -> str:
    """Of this request: what was just clicked, else the cookie, else Dutch.

    What the browser asks for does not count: many municipal machines ask for English though their
    users read Dutch, and colleagues should see the same words.
    """
    if not has_request_context() or without_cookies():
        return "nl"
    if "language" not in g:
        g.language = next(
            (
                choice
                for choice in (request.args.get(CHOICE), request.cookies.get(CHOICE))
                if choice in LANGUAGES
            ),
            "nl",
        )
    return str(g.language)


def compile_catalogues() -> None:
    """Bring the compiled catalogues up to date."""
    compile_catalogue(CATALOGUE)
    compile_catalogue(SECURITY_CATALOGUE)


def compile_catalogue(catalogue: Path) -> None:
    """Write the ``.mo`` beside a ``.po`` where it is missing or older."""
    target = catalogue.with_suffix(".mo")
    if target.is_file() and target.stat().st_mtime_ns >= catalogue.stat().st_mtime_ns:
        return
    compiled = io.BytesIO()
    write_mo(compiled, read_catalogue(catalogue))
    aside = target.with_name(f"{target.name}.{os.getpid()}")
    try:
        aside.write_bytes(compiled.getvalue())
        aside.replace(target)
    except OSError:
        # A read-only installation: it is shipped compiled, or English falls back to Dutch.
        aside.unlink(missing_ok=True)


def read_catalogue(catalogue: Path = CATALOGUE) -> Catalog:
    """A catalogue as it stands in the file: that of our own texts, or another."""
    with open(catalogue, "rb") as file:
        return read_po(file, locale=catalogue.parent.parent.name)


def collect() -> Catalog:
    """All texts in code and templates, with the file each stands in, without any translation."""
    catalogue = Catalog(locale="en", project="review", charset="utf-8", fuzzy=False)
    for name, _line, message, comments, context in sorted(
        extract_from_dir(
            ROOM, method_map=METHODS, options_map=OPTIONS, keywords=KEYWORDS, comment_tags=("Vertaling:",)
        ),
        key=lambda found: (found[0], found[1]),
    ):
        catalogue.add(message, locations=[(name, 0)], auto_comments=comments, context=context)
    return catalogue


def main() -> int:
    """Collect, keep the known translations, write, compile; exit 1 if English is missing."""
    if sys.argv[1:] == ["compile"]:
        compile_catalogues()
        return 0
    new = collect()
    old = read_catalogue() if CATALOGUE.is_file() else Catalog(locale="en")
    for message in new:
        known = old.get(message.id, message.context) if message.id else None
        if known is not None:
            message.string = known.string
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    written = io.BytesIO()
    write_po(written, new, width=100, omit_header=True, include_lineno=False)
    CATALOGUE.write_bytes(written.getvalue())
    compile_catalogues()
    missing = untranslated(new)
    for text in missing:
        print(f"no English yet: {text!r}", file=sys.stderr)  # noqa: T201
    print(f"{len(list(new)) - 1} texts, {len(missing)} without English")  # noqa: T201
    return 1 if missing else 0


def untranslated(catalogue: Catalog) -> list[str]:
    """Texts of a catalogue that have no (complete, certain) translation."""
    missing = []
    for message in catalogue:
        if not message.id:
            continue
        strings = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
        if message.fuzzy or not all(strings) or (message.pluralizable and len(strings) < 2):
            missing.append(message.id if isinstance(message.id, str) else message.id[0])
    return missing


if __name__ == "__main__":
    sys.exit(main())
