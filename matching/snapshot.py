"""A problem as text, kept with its round: the same text for the same problem, so that a hash proves it."""

import hashlib
import json
from dataclasses import asdict
from typing import Any

from matching.problem import Key, Offered, Problem, Wanted, Weights


def to_text(problem: Problem) -> str:
    """The problem as JSON; equal problems give equal text."""
    told = {
        "initiatives": [_plain(one) for one in sorted(problem.initiatives, key=lambda one: one.key)],
        "consultants": [_plain(one) for one in sorted(problem.consultants, key=lambda one: one.key)],
        "pins": _keys(problem.pins),
        "forbidden": _keys(problem.forbidden),
        "set_aside": _keys(problem.set_aside),
        "draft": _keys(problem.draft),
        "weights": asdict(problem.weights),
        "learned": [[theme, slug, value] for (theme, slug), value in sorted(problem.learned.items())],
        "successors": dict(sorted(problem.successors.items())),
        "together": sorted(sorted(group) for group in problem.together),
        "candidates": problem.candidates,
    }
    return json.dumps(told, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def of_text(text: str) -> Problem:
    """The problem that :func:`to_text` told.

    Raises:
        ValueError: the text is not one.
    """
    try:
        told = json.loads(text)
        return Problem(
            initiatives=tuple(
                Wanted(**{**one, "expertise": frozenset(one["expertise"])}) for one in told["initiatives"]
            ),
            consultants=tuple(
                Offered(
                    **{
                        **one,
                        "expertise": frozenset(one["expertise"]),
                        "languages": frozenset(one["languages"]),
                    }
                )
                for one in told["consultants"]
            ),
            pins=_pairs(told["pins"]),
            forbidden=_pairs(told["forbidden"]),
            set_aside=_pairs(told["set_aside"]),
            draft=_pairs(told["draft"]),
            weights=Weights(**told["weights"]),
            learned={(theme, slug): value for theme, slug, value in told["learned"]},
            successors=told["successors"],
            together=tuple(frozenset(group) for group in told["together"]),
            candidates=told["candidates"],
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"this is no problem of a matching: {error}") from None


def digest(problem: Problem) -> str:
    """SHA-256 of the text, 64 hexadecimal digits."""
    return hashlib.sha256(to_text(problem).encode()).hexdigest()


def _plain(one: Wanted | Offered) -> dict[str, Any]:
    return {
        name: sorted(value) if isinstance(value, frozenset) else dict(value) if name == "themes" else value
        for name, value in asdict(one).items()
    }


def _keys(keys: frozenset[Key]) -> list[list[str]]:
    return sorted(list(key) for key in keys)


def _pairs(keys: list[list[str]]) -> frozenset[Key]:
    return frozenset((initiative, consultant) for initiative, consultant in keys)
