"""The geographic facts that the product ships (``models/data/geo``; see ATTRIBUTION.md there)."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

GEO = Path(__file__).resolve().parent / "data" / "geo"


@dataclass(frozen=True, slots=True)
class MunicipalityFacts:
    """One row of gemeenten.csv."""

    code: str
    name: str
    cbs_name: str
    province: str
    inhabitants: int
    inhabitants_year: int
    lat: float | None
    lon: float | None
    website: str
    alt_names: tuple[str, ...]
    #: The bare name is risky in running text (a word, surname, namesake abroad …).
    common_word: bool
    common_reason: str


@dataclass(frozen=True, slots=True)
class TownFacts:
    """One row of woonplaatsen.csv: one town or village in one municipality."""

    key: str
    name: str
    #: As people write it, BAG suffix removed.
    match_name: str
    municipality_code: str
    lat: float | None
    lon: float | None
    #: GeoNames; rough, use it only to rank.
    inhabitants: int | None
    ambiguous: bool
    split_village: bool
    dominant: bool
    common_word: bool
    common_reason: str
    alt_names: tuple[str, ...]
    bag_code: str


@dataclass(frozen=True, slots=True)
class QuarterFacts:
    """One row of wijken_buurten.csv: a district, a neighbourhood, or another name for one."""

    key: str
    name: str
    #: ``wijk``, ``buurt``, ``alias`` or ``bekend``.
    kind: str
    municipality_code: str
    cbs_code: str
    parent_code: str
    #: In how many municipalities this exact name occurs.
    municipalities: int
    generic: bool
    also_place: bool
    common_word: bool


def _rows(name: str) -> Iterator[dict[str, str]]:
    with open(GEO / name, encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _number(text: str) -> float | None:
    return float(text) if text else None


def _names(text: str) -> tuple[str, ...]:
    return tuple(name for name in text.split("|") if name)


@lru_cache
def municipalities() -> tuple[MunicipalityFacts, ...]:
    """The 342 municipalities, by code."""
    return tuple(
        MunicipalityFacts(
            code=row["code"],
            name=row["name"],
            cbs_name=row["cbs_name"],
            province=row["province"],
            inhabitants=int(row["inhabitants"]),
            inhabitants_year=int(row["inhabitants_year"]),
            lat=_number(row["lat"]),
            lon=_number(row["lon"]),
            website=row["website"],
            alt_names=_names(row["alt_names"]),
            common_word=row["common_word"] == "1",
            common_reason=row["common_reason"],
        )
        for row in _rows("gemeenten.csv")
    )


@lru_cache
def towns() -> tuple[TownFacts, ...]:
    """The 2,501 towns and villages, by name; a place in two municipalities stands twice."""
    return tuple(
        TownFacts(
            key=f"bag:{row['bag_code']}:{row['code']}",
            name=row["name"],
            match_name=row["match_name"],
            municipality_code=row["code"],
            lat=_number(row["lat"]),
            lon=_number(row["lon"]),
            inhabitants=int(row["inhabitants_geonames"]) if row["inhabitants_geonames"] else None,
            ambiguous=row["ambiguous"] == "1",
            split_village=row["split_village"] == "1",
            dominant=row["dominant"] == "1",
            common_word=row["common_word"] == "1",
            common_reason=row["common_reason"],
            alt_names=_names(row["alt_names"]),
            bag_code=row["bag_code"],
        )
        for row in _rows("woonplaatsen.csv")
    )


@lru_cache
def quarters() -> tuple[QuarterFacts, ...]:
    """The 18,378 districts, neighbourhoods and their other names, by municipality and code."""
    return tuple(
        QuarterFacts(
            key=(
                f"cbs:{row['cbs_code']}"
                if row["cbs_code"]
                else f"{row['kind']}:{row['gm_code']}:{row['name'].lower()}"
            ),
            name=row["name"],
            kind=row["kind"],
            municipality_code=row["gm_code"],
            cbs_code=row["cbs_code"],
            parent_code=row["parent_code"],
            municipalities=int(row["n_gemeenten"]),
            generic=row["generic"] == "1",
            also_place=row["also_place"] == "1",
            common_word=row["common_word"] == "1",
        )
        for row in _rows("wijken_buurten.csv")
    )


@lru_cache
def _municipality_codes() -> dict[str, str]:
    """Names and codes in small letters -> CBS code; official names win over other spellings."""
    codes: dict[str, str] = {}
    for facts in municipalities():
        codes.update({name.casefold(): facts.code for name in (facts.code, facts.name, facts.cbs_name)})
    for facts in municipalities():
        for name in facts.alt_names:
            codes.setdefault(name.casefold(), facts.code)
    return codes


def municipality_code(name_or_code: str) -> str | None:
    """CBS code of the municipality with this name or code; case does not matter; None = there is none."""
    return _municipality_codes().get(name_or_code.strip().casefold())
