"""The form of a source: what it shows, and what is made of what was filled in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from flask_babel import gettext as _

from models.addresses import canonical
from models.post_links import is_account, without_name
from models.settings import Settings
from models.source_definition import SourceDefinition, check_source, terms_problem
from models.source_rules import OPTIONS
from models.words import SourceKind
from review.asked import CONTROLS
from review.source_mistakes import by_field
from review.source_texts import EVERY, LIMITS, REFUSALS

#: Fields with text, as they stand in the form.
TEXTS = (
    "titel",
    "sleutel",
    "gemeente",
    "hoe_vaak",
    "minst",
    "meest",
    "patroon",
    "voorwaarden",
    "gelezen",
    "grondslag",
    "doel",
)
#: Boxes to tick.
BOXES = ("artikelen", "aan")
#: The four that a source needs before it is visited -> as source files call them.
TERMS = {"voorwaarden": "url", "gelezen": "checked", "grondslag": "basis", "doel": "purpose"}
#: Words in addresses of pages here, which would hide a source with such a key.
RESERVED = frozenset({"toevoegen"})
#: Field -> setting of :func:`models.source_definition.check_source`, for plain texts.
PLAIN = {"titel": "title", "sleutel": "key", "gemeente": "municipality", "hoe_vaak": "every"}


@dataclass(frozen=True)
class Filled:
    """What was filled in: a definition, or what is wrong by field."""

    definition: SourceDefinition | None
    problems: dict[str, str]


def sent(form: Mapping[str, str]) -> dict[str, str]:
    """The values of a sent form, to check them or to show them once more."""
    values = {name: CONTROLS.sub(" ", form.get(name, "")).strip() for name in TEXTS}
    return {**values, **{name: "1" if form.get(name) else "" for name in BOXES}}


def of_found(found: Mapping[str, Any], municipality: str) -> dict[str, str]:
    """Values to begin with, for what the scout found behind an address.

    Args:
        found: one of ``found`` in the result of an errand.
        municipality: CBS code to begin with, when nothing was found; may be empty.
    """
    expect = found.get("expect") or {}
    terms = found.get("terms") or [""]
    return {
        "titel": str(found.get("title") or ""),
        "sleutel": str(found.get("key") or ""),
        "gemeente": str(found.get("municipality") or municipality),
        "hoe_vaak": str(found.get("every") or "1h"),
        "minst": _number(expect.get("min")),
        "meest": _number(expect.get("max")),
        "patroon": str((found.get("options") or {}).get("article") or ""),
        "voorwaarden": str(terms[0]),
        "gelezen": "",
        "grondslag": "",
        "doel": "",
        "artikelen": "1" if found.get("full_text", True) else "",
        "aan": "1",
    }


def of_definition(definition: SourceDefinition) -> dict[str, str]:
    """The values of a source that there is."""
    terms = definition.terms
    code = next((code for code, seconds, _words in EVERY if seconds == definition.every_seconds), None)
    return {
        "titel": definition.title,
        "sleutel": definition.key,
        "gemeente": definition.municipality_code or "",
        "hoe_vaak": code or f"{definition.every_seconds}s",
        "minst": _number(definition.expect_min),
        "meest": _number(definition.expect_max),
        "patroon": str(definition.options.get("article", "")),
        "voorwaarden": terms.url if terms else "",
        "gelezen": terms.checked.isoformat() if terms else "",
        "grondslag": terms.basis if terms else "",
        "doel": terms.purpose if terms else "",
        "artikelen": "1" if definition.full_text else "",
        "aan": "1" if definition.enabled else "",
    }


def refusal(url: str, settings: Settings) -> str:
    """Why an address can't be that of a source, and what to do; empty = it may be."""
    try:
        blocked = settings.blocks(urlsplit(url).hostname or "")
    except ValueError:
        return ""  # the definition says what is wrong with it
    code = "blocked" if blocked else "person" if is_account(without_name(canonical(url))) else ""
    return " ".join(str(words) for words in REFUSALS[code]) if code else ""


def has_pattern(kind: SourceKind) -> bool:
    """Whether a source of this kind says by a pattern which links are articles."""
    return "article" in OPTIONS[kind]


def read(
    values: Mapping[str, str], *, kind: SourceKind, url: str, options: Mapping[str, Any], today: date
) -> Filled:
    """Check what was filled in for a source of this kind at this address.

    Args:
        values: as :func:`sent` gives them.
        options: keys of the kind only, as they were found; the pattern stands in the form.
        today: no terms were read later than this.
    """
    problems = {
        name: _("Maak dit korter: hooguit %(limit)s tekens.", limit=limit)
        for name, limit in LIMITS.items()
        if len(values.get(name, "")) > limit
    }
    given: dict[str, Any] = {"kind": kind.value, "url": url, **options}
    given |= {setting: values[field] for field, setting in PLAIN.items() if values[field]}
    given |= {"full_text": bool(values["artikelen"]), "enabled": bool(values["aan"])}
    if has_pattern(kind):
        given.pop("article", None)
        given |= {"article": values["patroon"]} if values["patroon"] else {}
    # Digits only: what else Python takes for a number ("1_0", "１") nobody means.
    expect = {
        name: int(text) if text.isascii() and text.isdigit() and len(text) < 7 else text
        for name, text in (("min", values["minst"]), ("max", values["meest"]))
        if text
    }
    given |= {"expect": expect} if expect else {}
    if values["aan"] or any(values[field] for field in TERMS):
        given["terms"] = {name: values[field] for field, name in TERMS.items() if values[field]}
        given["terms"] |= {"checked": _day(values["gelezen"])} if values["gelezen"] else {}
    definition, mistakes = check_source(given, file="", name=values["sleutel"] or "#1")
    problems = {**by_field(mistakes), **problems}
    if values["sleutel"] in RESERVED:
        problems["sleutel"] = _("Deze sleutel gebruikt Scout zelf. Kies een andere.")
    if definition is not None and definition.terms is not None and terms_problem(definition, today):
        problems["gelezen"] = _("Vul een dag in van het afgelopen jaar, tot en met vandaag.")
    return Filled(None if problems else definition, problems)


def _number(value: object) -> str:
    return "" if value is None else str(value)


def _day(text: str) -> date | str:
    """The day; the text itself where it is none, so that it is found wrong."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return text
