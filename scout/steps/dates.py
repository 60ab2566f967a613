"""Dates as sources write them: Dutch first, day before month, Amsterdam time unless they say otherwise."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class ParsedDate:
    """What a date in the words of a source means."""

    #: Aware UTC, never in the future; None = not understood or not credible.
    at: datetime | None
    #: 0.0 (none) to 1.0 (complete with zone); see the table below.
    confidence: float
    #: As the source wrote it, at most ``LONGEST`` characters.
    raw: str


#: Confidence by how a date was written.
WITH_ZONE, WITH_TIME, DAY_ONLY, SHORT_YEAR, RELATIVE, GUESSED, MONTH_ONLY = 1.0, 0.9, 0.8, 0.6, 0.5, 0.4, 0.3

LONGEST = 200
#: Words before a date that say what it is the date of.
_LABEL = re.compile(
    r"(?:geplaatst|gepubliceerd|publicatiedatum|datum|bijgewerkt|laatst gewijzigd|posted|published)"
    r"(?: op| on)?:? +"
)
#: Dates before this year are mistakes of a system, not publications.
FIRST_YEAR = 1995
#: A little ahead of us is a clock that runs fast or a wrong zone (at most 14 hours); more is no date of
#: publication. What is a little ahead is taken as now.
AHEAD = timedelta(hours=26)

_MONTHS = {
    **{"jan": 1, "januari": 1, "january": 1, "feb": 2, "febr": 2, "februari": 2, "february": 2},
    **{"mrt": 3, "maa": 3, "maart": 3, "mar": 3, "march": 3, "apr": 4, "april": 4, "mei": 5, "may": 5},
    **{"jun": 6, "juni": 6, "june": 6, "jul": 7, "juli": 7, "july": 7, "aug": 8, "augustus": 8, "august": 8},
    **{"sep": 9, "sept": 9, "september": 9, "okt": 10, "oktober": 10, "oct": 10, "october": 10},
    **{"nov": 11, "november": 11, "dec": 12, "december": 12},
    # Frisian
    **{
        "jannewaris": 1,
        "febrewaris": 2,
        "maaie": 5,
        "juny": 6,
        "septimber": 9,
        "novimber": 11,
        "desimber": 12,
    },
}
_MONTH = r"(?P<month>[a-z]{3,10})\.?"
_WEEKDAY = (
    r"(?:(?:maandag|dinsdag|woensdag|donderdag|vrijdag|zaterdag|zondag|ma|di|wo|do|vr|za|zo"
    r"|mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?\s+)?"
)
_TIME = (
    r"(?:(?:\s*,)?(?:\s+|t)(?:om\s+|-\s*|at\s+)?(?P<hour>\d{1,2})\s?[:.u]\s?(?P<minute>\d{2})"
    r"(?::(?P<second>\d{2})(?:[.,]\d+)?)?\s?(?P<half>[ap]\.?m\.?)?(?:\s?(?:uur|u|h)\b)?"
    r"|\s+(?:om\s+)(?P<hour_only>\d{1,2})\s?(?:uur|u)\b)?"
)
_ZONE = r"(?:\s*(?P<zone>z|[a-z]{2,5}|(?:utc|gmt)?\s?[+-]\d{1,2}:?(?:\d{2})?)(?:\s*\([^)]*\))?)?"
_YEAR = r"(?P<year>\d{4}|'?\d{2})"


def _form(date: str, *, time: str = _TIME) -> re.Pattern[str]:
    return re.compile(_WEEKDAY + date + time + _ZONE)


#: Ways to write a whole date, tried in this order on the text in small letters.
_FORMS = (
    # 2026-03-03T14:05:00+01:00, 2026/3/3, 2026-03-03 14:05
    _form(r"(?P<year>\d{4})[-/.](?P<number>\d{1,2})[-/.](?P<day>\d{1,2})"),
    # 20260303T140500Z, 20260303140500, 20260303
    _form(
        r"(?P<year>(?:19|20)\d{2})(?P<number>\d{2})(?P<day>\d{2})",
        time=r"(?:t?(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2})?)?",
    ),
    # 12-05-2026, 12/5/2026, 12.5.26: the day comes first here
    _form(r"(?P<day>\d{1,2})\s?[-/.]\s?(?P<number>\d{1,2})\s?[-/.]\s?" + _YEAR),
    # Tue, 03 Mar 2026 14:05:00 +0100; maandag 3 maart 2026 om 14.05 uur; 3-mrt-2026
    _form(
        r"(?P<day>\d{1,2})(?:e|ste|de|st|nd|rd|th)?\.?[\s-]+(?:of\s+)?"
        + _MONTH
        + r"(?:\s*,\s*|[\s-]+)"
        + _YEAR
    ),
    # March 3, 2026 2:05 pm
    _form(_MONTH + r"\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?,?\s+" + _YEAR),
    # Tue Mar  3 14:05:00 CET 2026
    re.compile(
        _WEEKDAY + _MONTH + r"\s+(?P<day>\d{1,2})\s+(?P<hour>\d{1,2}):(?P<minute>\d{2}):(?P<second>\d{2})"
        r"(?:\s+(?P<zone>[a-z]{2,5}|[+-]\d{4}))?\s+(?P<year>\d{4})"
    ),
    # 2026-03, as a sitemap may say
    re.compile(r"(?P<year>\d{4})-(?P<number>\d{2})"),
    # 3 maart: the last one there was
    _form(r"(?P<day>\d{1,2})\s+" + _MONTH),
)
#: Hours ahead of UTC by name. CET and CEST are not here: see _zone.
_ZONES = {
    **{"z": 0, "ut": 0, "utc": 0, "gmt": 0, "wet": 0, "bst": 1, "west": 1, "eet": 2, "eest": 3},
    **{"est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7},
}
#: Names of our own time; which of the two is right follows from the date, whatever the name says.
_OURS = {"cet", "cest", "met", "mest", "mez", "mesz"}


def parse(raw: str, *, now: datetime, default_zone: str = "Europe/Amsterdam") -> ParsedDate:
    """What a date means, with how sure that is.

    ``12-05-2026`` is 12 May; a date without a zone is in ``default_zone``; a date without a time is
    midnight there; seconds and milliseconds since 1970 and "3 uur geleden" are understood.

    Args:
        now: aware; relative dates count from it, and nothing later is given.

    Never fails: what can't be understood or believed (before 1995, more than 26 hours ahead) has ``at`` None
    and confidence 0.
    """
    raw = raw.strip()[:LONGEST]
    zone = ZoneInfo(default_zone)
    words = re.sub(r"\s+", " ", raw.replace("\u00a0", " ")).strip().lower()
    words = _LABEL.sub("", words, count=1) if _LABEL.match(words) else words
    try:
        found = (
            _epoch(words) or _written(words, now, zone) or _relative(words, now, zone) or _foreign(words, now)
        )
        if found is None:
            return ParsedDate(None, 0.0, raw)
        at, confidence = found[0].astimezone(UTC), found[1]
    except (ValueError, OverflowError):
        return ParsedDate(None, 0.0, raw)
    if at.year < FIRST_YEAR or at > now + AHEAD:
        return ParsedDate(None, 0.0, raw)
    if at > now:
        return ParsedDate(now.astimezone(UTC), min(confidence, RELATIVE), raw)
    return ParsedDate(at, confidence, raw)


def _epoch(words: str) -> tuple[datetime, float] | None:
    """Seconds (10 digits) or milliseconds (13) since 1970."""
    if not re.fullmatch(r"\d{10}(\d{3})?(\.\d+)?", words):
        return None
    number = float(words)
    return datetime.fromtimestamp(number / 1000 if number > 1e11 else number, UTC), WITH_TIME


def _written(words: str, now: datetime, default: tzinfo) -> tuple[datetime, float] | None:
    for form in _FORMS:
        match = form.fullmatch(words)
        if match:
            found = _of_parts({name: part for name, part in match.groupdict().items() if part}, now, default)
            if found:
                return found
    return None


def _of_parts(parts: dict[str, str], now: datetime, default: tzinfo) -> tuple[datetime, float] | None:
    confidence = WITH_TIME if "hour" in parts or "hour_only" in parts else DAY_ONLY
    month = int(parts["number"]) if "number" in parts else _MONTHS.get(parts["month"], 0)
    day = int(parts.get("day", "1"))
    if "day" not in parts:
        confidence = MONTH_ONLY
    if month > 12 >= day:  # can only be the American order
        day, month, confidence = month, day, GUESSED
    if not month:
        return None
    hour = int(parts.get("hour") or parts.get("hour_only") or "0")
    if "half" in parts:
        hour = hour % 12 + (12 if parts["half"].startswith("p") else 0)
    time = {
        "hour": hour,
        "minute": int(parts.get("minute", "0")),
        "second": min(int(parts.get("second", "0")), 59),
    }
    extra = timedelta(0)
    if hour == 24 and not time["minute"]:  # midnight at the end of the day
        time["hour"], extra = 0, timedelta(days=1)
    if "zone" in parts and confidence != DAY_ONLY:
        zone = _zone(parts["zone"], default)
        if zone is None:
            return None
        confidence = WITH_ZONE if confidence == WITH_TIME else confidence
    else:
        zone = default
    fold = int(parts.get("zone", "") in {"cet", "met", "mez"})
    if "year" not in parts:
        year, confidence = now.astimezone(default).year, GUESSED
        if datetime(year, month, day, tzinfo=default) > now:
            year -= 1
    elif len(parts["year"].lstrip("'")) == 2:
        year, confidence = 2000 + int(parts["year"].lstrip("'")), min(confidence, SHORT_YEAR)
    else:
        year = int(parts["year"])
    at = datetime(year, month, day, **time, tzinfo=zone, fold=fold)
    return (at + extra if extra else at), confidence  # adding anything would forget the fold


def _zone(name: str, default: tzinfo) -> tzinfo | None:
    """The zone of this name; None = unknown."""
    if name in _OURS:
        # Systems that always write "CET" mean the clock on the wall, also in summer.
        return ZoneInfo("Europe/Amsterdam")
    if name in {"uur", "u"}:
        return default
    if name in _ZONES:
        return timezone(timedelta(hours=_ZONES[name]))
    match = re.fullmatch(r"(?:utc|gmt)?\s?([+-])(\d{1,2}):?(\d{2})?", name)
    if match is None:
        return None
    offset = timedelta(hours=int(match[2]), minutes=int(match[3] or 0))
    return timezone(-offset if match[1] == "-" else offset)


# -- relative dates and other languages --------------------------------------------------------

_NOW = re.compile(r"(?:zojuist|zonet|net|nu|just now|now|krekt)")
_DAY = re.compile(
    r"(?P<day>vandaag|gisteren|eergisteren|today|yesterday|hjoed|juster)(?:,?\s+(?:om\s+|at\s+)?"
    r"(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?:\s?(?:uur|u))?)?"
)
_DAYS_AGO = {
    "vandaag": 0,
    "today": 0,
    "hjoed": 0,
    "gisteren": 1,
    "yesterday": 1,
    "juster": 1,
    "eergisteren": 2,
}
_NUMBERS = {
    "een": "1",
    "één": "1",
    "an": "1",
    "a": "1",
    "twee": "2",
    "drie": "3",
    "vier": "4",
    "vijf": "5",
    "zes": "6",
}


def _relative(words: str, now: datetime, zone: tzinfo) -> tuple[datetime, float] | None:
    """ "3 uur geleden", "gisteren 14.05", "vandaag"."""
    if _NOW.fullmatch(words):
        return now, RELATIVE
    match = _DAY.fullmatch(words)
    if match:
        local = now.astimezone(zone) - timedelta(days=_DAYS_AGO[match["day"]])
        local = local.replace(
            hour=int(match["hour"] or 0), minute=int(match["minute"] or 0), second=0, microsecond=0
        )
        return local, RELATIVE
    if not re.search(r"\b(?:geleden|lyn|ago|vor|il y a)\b", words) or len(words) > 60:
        return None
    first, _, rest = words.partition(" ")
    return _ask_dateparser(f"{_NUMBERS.get(first, first)} {rest}".replace(" lyn", " geleden"), now, RELATIVE)


def _foreign(words: str, now: datetime) -> tuple[datetime, float] | None:
    """A date with a month or weekday in another language."""
    if len(words) > 60 or not re.search(r"\d", words) or not re.search(r"[^\W\d_]{3}", words):
        return None
    return _ask_dateparser(words, now, GUESSED)


def _ask_dateparser(words: str, now: datetime, confidence: float) -> tuple[datetime, float] | None:
    # Loaded only here: most sources never need it.
    import dateparser

    amsterdam = ZoneInfo("Europe/Amsterdam")
    at = dateparser.parse(
        words,
        languages=["nl", "en", "de", "fr", "fy"],
        settings={
            "DATE_ORDER": "DMY",
            "TIMEZONE": "Europe/Amsterdam",
            "RETURN_AS_TIMEZONE_AWARE": True,
            "RELATIVE_BASE": now.astimezone(amsterdam).replace(tzinfo=None),
            "REQUIRE_PARTS": ["day", "month", "year"],
        },
    )
    return (at, confidence) if isinstance(at, datetime) else None
