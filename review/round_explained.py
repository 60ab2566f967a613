"""Pairings in words: why a match, who came near and why not, and what would help.

Words only: what is true is worked out by ``matching``. Names come from whoever calls, as key -> name; whoever
is not among them (taken out meanwhile) is called by :func:`review.consultant_words.unknown`.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask_babel import format_decimal, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from matching.explain import Blocked, Relaxation, RunnerUp
from matching.problem import FULL, Offered, Pair, Rule, Wanted
from review.consultant_words import hours_words, unknown
from review.shown import labels

#: Rule -> what is wrong with the pair, after "Kan niet:" or "Let op:".
RULES: dict[Rule, Any] = {
    Rule.SAME_MUNICIPALITY: _l("komt uit dezelfde gemeente"),
    Rule.UNAVAILABLE: _l("is niet beschikbaar"),
    Rule.FORBIDDEN: _l("deze koppeling is verboden"),
    Rule.HOURS: _l("heeft te weinig uren"),
    Rule.MAXIMUM: _l("neemt geen opdracht meer aan"),
    Rule.TOO_FAR: _l("de reis is te ver"),
    Rule.NO_EXPERTISE: _l("heeft de gevraagde kennis niet"),
    Rule.LANGUAGE: _l("werkt niet in de taal van de vraag"),
}

BLOCKED: dict[Blocked, Any] = {
    Blocked.NO_HOURS: _l("de uren zijn op"),
    Blocked.NO_ROOM: _l("heeft het hoogste aantal opdrachten al"),
    Blocked.BETTER_SO: _l("alle koppelingen samen zijn zo beter"),
}

#: Aim -> what is worked on.
AIMS: dict[str, Any] = {
    "served": _l("zo veel mogelijk initiatieven met een consultant"),
    "worst": _l("ook de minst passende koppeling zo goed mogelijk"),
    "total": _l("alle koppelingen samen zo passend mogelijk"),
    "load": _l("het werk eerlijk verdeeld"),
    "changes": _l("zo weinig mogelijk veranderingen"),
}


def named(names: Mapping[str, str], key: str) -> str:
    """The name of a consultant or initiative."""
    return names.get(key) or unknown()


def fit_words(fit: int) -> str:
    """A fit as a percentage: ``72%``."""
    return f"{round(100 * fit / FULL)}%"


def rule_words(rule: Rule | str) -> str:
    """What is wrong with a pair that breaks this rule."""
    return str(RULES[Rule(rule)])


def rules_words(rules: Iterable[Rule | str]) -> str:
    """The same of several rules, with commas between."""
    return ", ".join(rule_words(rule) for rule in rules)


def reasons(pair: Pair, wanted: Wanted, offered: Offered) -> list[str]:
    """Why these two fit, and what does not: short sentences without a full stop, the weightiest first."""
    told = [_expertise(pair, wanted)] if wanted.expertise else []
    if wanted.theme is not None:
        told.append(_theme(wanted.theme, offered))
    told.append(_language(wanted, offered))
    if pair.km is not None:
        told.append(_distance(pair.km, offered))
    if pair.broken:
        told.append(str(_("Toch gekoppeld, al geldt: %(rules)s", rules=rules_words(pair.broken))))
    return told


def _expertise(pair: Pair, wanted: Wanted) -> str:
    if not pair.shared:
        return str(_("Heeft de gevraagde kennis niet"))
    known = labels("expertise")
    words = ", ".join(known.get(slug, slug) for slug in pair.shared)
    missing = len(wanted.expertise) - len(pair.shared)
    if not missing:
        return str(_("Heeft alle gevraagde kennis: %(words)s", words=words))
    return str(
        ngettext(
            "Heeft gevraagde kennis: %(words)s (%(num)s soort mist)",
            "Heeft gevraagde kennis: %(words)s (%(num)s soorten missen)",
            missing,
            words=words,
        )
    )


def _theme(theme: str, offered: Offered) -> str:
    name = labels("themes").get(theme, theme)
    if theme not in offered.themes:
        return str(_("Thema %(theme)s is nieuw voor deze consultant", theme=name))
    done = offered.themes[theme]
    if not done:
        return str(_("Kent het thema %(theme)s", theme=name))
    return str(
        ngettext(
            "Deed %(num)s opdracht met het thema %(theme)s",
            "Deed %(num)s opdrachten met het thema %(theme)s",
            done,
            theme=name,
        )
    )


def _language(wanted: Wanted, offered: Offered) -> str:
    name = labels("languages").get(wanted.language, wanted.language)
    if wanted.language in offered.languages:
        return str(_("Werkt in de taal van de vraag: %(name)s", name=name))
    return str(_("Werkt niet in de taal van de vraag: %(name)s", name=name))


def _distance(km: float, offered: Offered) -> str:
    far = format_decimal(round(km))
    if offered.radius_km is None:
        return str(_("Reist %(km)s km (hemelsbreed)", km=far))
    most = format_decimal(round(offered.radius_km))
    return str(_("Reist %(km)s km (hemelsbreed), wil hooguit %(most)s km", km=far, most=most))


def left_words(half_hours: int, places: int) -> str:
    """What is left to a consultant: hours, and initiatives that can still be added."""
    hours = hours_words(max(half_hours, 0))
    if places < 1:
        return str(_("%(hours)s over, maar neemt er geen opdracht meer bij", hours=hours))
    return str(
        ngettext(
            "%(hours)s over en kan nog %(num)s opdracht erbij nemen",
            "%(hours)s over en kan nog %(num)s opdrachten erbij nemen",
            places,
            hours=hours,
        )
    )


def runner_words(one: RunnerUp, initiatives: Mapping[str, str]) -> str:
    """Why somebody who came near was not chosen."""
    if one.rules:
        return str(_("kan niet: %(rules)s", rules=rules_words(one.rules)))
    assert one.blocked is not None
    why = str(BLOCKED[one.blocked])
    if one.has:
        names = ", ".join(named(initiatives, key) for key in one.has)
        return str(_("%(why)s (heeft: %(names)s)", why=why, names=names))
    return why


def relaxation_words(one: Relaxation, consultants: Mapping[str, str]) -> str:
    """What it would take to give an initiative this consultant, in one sentence."""
    asked = []
    if one.half_hours:
        asked.append(str(_("%(hours)s meer te geven", hours=hours_words(one.half_hours))))
    if one.one_more:
        asked.append(str(_("één opdracht meer aan te nemen")))
    if one.set_aside:
        asked.append(str(_("een regel opzij te laten zetten (%(rules)s)", rules=rules_words(one.set_aside))))
    if one.forbidden:
        asked.append(str(_("het verbod op deze koppeling te laten opheffen")))
    name = named(consultants, one.consultant)
    fit = fit_words(one.fit)
    if not asked:
        return str(_("%(name)s (past %(fit)s) kan zo.", name=name, fit=fit))
    return str(_("%(name)s (past %(fit)s) kan door %(asked)s.", name=name, fit=fit, asked=listed(asked)))


def nobody_words(counts: Mapping[Rule, int]) -> str:
    """Why nobody may have an initiative: how many consultants each rule keeps away first."""
    told = [
        str(
            ngettext("%(num)s consultant: %(rule)s", "%(num)s consultants: %(rule)s", count, rule=RULES[rule])
        )
        for rule, count in sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    ]
    return "; ".join(told)


def gap_words(gap: Mapping[str, Any]) -> str:
    """How far one aim may still be from the best possible: a sentence without a full stop.

    Args:
        gap: ``{"aim", "value", "bound", "proved"}``.
    """
    if gap["proved"]:
        return str(_("bewezen het beste"))
    share = abs(gap["bound"] - gap["value"]) / max(abs(gap["bound"]), 1e-9)
    return str(_("hooguit %(share)s%% af van het beste dat kan", share=format_decimal(round(100 * share, 1))))


def listed(words: Sequence[str]) -> str:
    """Words as one speaks them: ``a, b en c``."""
    if len(words) < 2:
        return "".join(words)
    return str(_("%(first)s en %(last)s", first=", ".join(words[:-1]), last=words[-1]))
