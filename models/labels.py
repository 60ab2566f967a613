"""The words of ``labels.toml``: themes, reasons, expertise, languages and evidence, in Dutch and English."""

import tomllib
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from models.settings import Settings, SettingsError


@dataclass(frozen=True)
class Labels:
    """Slug -> name on screen; the order is that of the file."""

    themes: dict[str, str]
    reasons: dict[str, str]
    themes_en: dict[str, str]
    reasons_en: dict[str, str]
    #: What the classifier names as a reason for a score -> the same in words for people.
    evidence: dict[str, str]
    evidence_en: dict[str, str]
    #: What an initiative may want help with from a civil servant.
    expertise: dict[str, str] = field(default_factory=dict)
    expertise_en: dict[str, str] = field(default_factory=dict)
    #: Languages that a consultant can work in.
    languages: dict[str, str] = field(default_factory=dict)
    languages_en: dict[str, str] = field(default_factory=dict)
    #: Reasons (slugs) that say "this is no initiative"; the others say nothing about that.
    no_initiative: frozenset[str] = frozenset()


def load_labels(settings: Settings) -> Labels:
    """Read ``labels.toml``.

    Raises:
        SettingsError: the file is missing or lacks a part.
    """
    return _read(settings.config_file("labels.toml").resolve())


@lru_cache
def _read(path: Path) -> Labels:
    try:
        data = tomllib.loads(path.read_text("utf-8-sig"))
        parts = {
            f"{part}{suffix}": {slug: entry[language] for slug, entry in entries.items()}
            for part, entries in (
                ("themes", data["themes"]),
                ("reasons", data["reasons"]),
                # May be missing: reasons are then shown as the classifier names them.
                ("evidence", data.get("evidence", {})),
                # May be missing: nothing can then be asked for.
                ("expertise", data.get("expertise", {})),
                # May be missing: nobody is then asked.
                ("languages", data.get("languages", {})),
            )
            for suffix, language in (("", "nl"), ("_en", "en"))
        }
        no_initiative = frozenset(
            slug for slug, entry in data["reasons"].items() if entry.get("initiative") is False
        )
    except (tomllib.TOMLDecodeError, KeyError, TypeError, AttributeError) as error:
        raise SettingsError(
            f"{path}: needs [themes] and [reasons], and each slug in it nl and en ({error})"
        ) from None
    return Labels(**parts, no_initiative=no_initiative)
