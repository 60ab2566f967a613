"""Municipalities that merged into others, by their CBS codes; facts of CBS, read on 2026-11-21."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Merger:
    """One municipality that is there no more."""

    code: str
    name: str
    #: Code of the one that its area went to.
    into: str
    #: First day of that.
    since: date


#: Code of a municipality that was there on 1 January 2021 or later and is no more -> where it went.
MERGERS: dict[str, Merger] = {
    one.code: one
    for one in (
        Merger("GM0370", "Beemster", "GM0439", date(2022, 1, 1)),
        Merger("GM0398", "Heerhugowaard", "GM1980", date(2022, 1, 1)),
        Merger("GM0416", "Langedijk", "GM1980", date(2022, 1, 1)),
        Merger("GM0457", "Weesp", "GM0363", date(2022, 3, 24)),
        Merger("GM0501", "Brielle", "GM1992", date(2023, 1, 1)),
        Merger("GM0530", "Hellevoetsluis", "GM1992", date(2023, 1, 1)),
        Merger("GM0614", "Westvoorne", "GM1992", date(2023, 1, 1)),
        Merger("GM0756", "Boxmeer", "GM1982", date(2022, 1, 1)),
        Merger("GM0786", "Grave", "GM1982", date(2022, 1, 1)),
        Merger("GM0815", "Mill en Sint Hubert", "GM1982", date(2022, 1, 1)),
        Merger("GM1684", "Cuijk", "GM1982", date(2022, 1, 1)),
        Merger("GM1702", "Sint Anthonis", "GM1982", date(2022, 1, 1)),
        Merger("GM0856", "Uden", "GM1991", date(2022, 1, 1)),
        Merger("GM1685", "Landerd", "GM1991", date(2022, 1, 1)),
    )
}


def now_of(code: str) -> str:
    """Code of the municipality that one is, or became part of."""
    while (merger := MERGERS.get(code)) is not None:
        code = merger.into
    return code


def same(one: str, other: str) -> bool:
    """Whether two codes are of one municipality by now."""
    return now_of(one) == now_of(other)
