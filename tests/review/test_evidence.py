"""Marking evidence: pieces always add up to the snippet, whatever the offsets say."""

from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from review.evidence import SNIPPET, parts, reasons

offsets = st.none() | st.integers(-5, 200) | st.text(max_size=2)
entries = st.lists(
    st.fixed_dictionaries(
        {
            "reason": st.text(max_size=5),
            "start": offsets,
            "end": offsets,
            "weight": st.none() | st.floats(-2, 2),
        }
    ),
    max_size=6,
)


@given(snippet=st.text(max_size=200), evidence=entries)
def test_the_pieces_are_the_snippet_cut_at_150(snippet: str, evidence: list[dict[str, Any]]) -> None:
    pieces = parts(snippet, evidence)

    assert "".join(piece.text for piece in pieces) == snippet[:SNIPPET]
    assert all(a.marked != b.marked for a, b in pairwise(pieces))
    reasons(snippet, evidence, {})


def test_overlapping_passages_become_one_mark_and_what_speaks_against_is_not_marked() -> None:
    evidence = [
        {"reason": "a", "start": 0, "end": 6, "weight": 1},
        {"reason": "b", "start": 4, "end": 10, "weight": 1},
        {"reason": "c", "start": 12, "end": 15, "weight": -1},
    ]

    assert [(piece.text, piece.marked) for piece in parts("0123456789abcdefgh", evidence)] == [
        ("0123456789", True),
        ("abcdefgh", False),
    ]


def test_reasons_are_added_up_named_and_ordered_by_weight() -> None:
    evidence = [
        {"reason": "hulp", "start": None, "end": None, "weight": 0.5},
        {"reason": "tuin", "start": 0, "end": 4, "weight": 0.4},
        {"reason": "tuin", "start": 5, "end": 9, "weight": 0.4},
        {"reason": "tuin", "start": 0, "end": 4, "weight": 0.1},
        {"reason": "politiek", "start": None, "end": None, "weight": -2},
    ]

    found = reasons("tuin tuin2", evidence, {"tuin": "noemt een tuin"})

    assert [(reason.name, reason.passages, reason.in_favour) for reason in found] == [
        ("politiek", (), False),
        ("noemt een tuin", ("tuin",), True),
        ("hulp", (), True),
    ]
