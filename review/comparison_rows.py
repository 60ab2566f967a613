"""The comparison of a round as rows of a file: measures first, then one row an initiative."""

from collections.abc import Iterator
from typing import Any

import click
from sqlalchemy.orm import Session

from models.store.round_comparison import Compared, Measures, StillHiddenError, compared
from models.store.round_rules import RoundNotFoundError
from models.store.viewer import OPERATOR
from models.words import PairingKind

#: Kind of a pairing -> how its columns are called.
SIDES = {
    PairingKind.BY_HAND: "by_hand",
    PairingKind.AUTOMATIC: "automatic",
    PairingKind.FINAL: "final",
}
COLUMNS = (
    "row",
    "id",
    "name",
    "municipality",
    *(f"{side}{part}" for side in SIDES.values() for part in ("", "_consultant", "_fit", "_despite")),
    "same",
)
#: Name of a measure -> its value; fits are 0 to 1000, answers 1 to 5.
MEASURES: dict[str, Any] = {
    "wanted": lambda one: one.wanted,
    "served": lambda one: one.served,
    "lowest_fit": lambda one: one.lowest,
    "median_fit": lambda one: one.median,
    "total_fit": lambda one: one.total,
    "most_for_one_consultant": lambda one: one.busiest,
    "consultants_with_work": lambda one: one.working,
    "consultants": lambda one: one.consultants,
    "rules_set_aside": lambda one: one.despite,
    "minutes": lambda one: None if one.minutes is None else round(one.minutes, 2),
    "said_fit": lambda one: one.fit_said,
    "said_goal": lambda one: one.goal_said,
    "said_forms": lambda one: one.forms,
}


def rows_of(found: Compared) -> list[dict[str, Any]]:
    """Rows with the keys of :data:`COLUMNS`.

    A row ``measure`` has its values under ``by_hand``, ``automatic`` and ``final``; in a row ``pair`` these
    hold the number of the consultant. None = there is none.
    """
    rows = []
    for name, value in MEASURES.items():
        told: dict[str, Any] = {SIDES[one.kind]: value(one) for one in found.measures}
        rows.append(_row(row="measure", name=name, **told))
    rows.append(_row(row="measure", name="same_pairs", automatic=_same(found)))
    both = found.of(PairingKind.AUTOMATIC) is not None
    for one in found.initiatives:
        told = {"same": one.same if both else None}
        for kind, side in one.sides.items():
            word = SIDES[kind]
            told[word], told[f"{word}_consultant"] = side.consultant_id, side.name
            told[f"{word}_fit"], told[f"{word}_despite"] = side.fit, " ".join(side.broken)
        rows.append(_row(row="pair", id=one.id, name=one.name, municipality=one.municipality, **told))
    return rows


def export_round(session: Session, number: int) -> tuple[tuple[str, ...], int, Iterator[dict[str, Any]]]:
    """Columns, number and rows of a round, for the command.

    Raises:
        click.ClickException: there is no such round, or its pairing by hand is not closed.
    """
    try:
        rows = rows_of(compared(session, OPERATOR, number))
    except RoundNotFoundError:
        raise click.ClickException(f"there is no round {number}") from None
    except StillHiddenError:
        raise click.ClickException(
            f"round {number} can't be compared before its pairing by hand is closed"
        ) from None
    return COLUMNS, len(rows), iter(rows)


def _same(found: Compared) -> int | None:
    automatic: Measures | None = found.of(PairingKind.AUTOMATIC)
    return None if automatic is None else found.same_pairs


def _row(**told: Any) -> dict[str, Any]:
    return {name: told.get(name) for name in COLUMNS}
