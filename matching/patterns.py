"""Patterns: which initiatives one consultant could have together, and the best of them for all at once.

A pattern keeps within the hours and the number of one consultant. When every initiative has a price, and a
pattern is worth its values less those prices, the best pattern of each consultant is found by itself: by a
table over hours and numbers, filled for all consultants together.
"""

from dataclasses import dataclass
from math import gcd

import numpy as np
from numpy.typing import NDArray

from matching.program import Program, Vector

Places = NDArray[np.int64]
#: No answer: less than any value can be.
NEVER = -1e18
#: A profit of less is none.
LITTLE = 1e-9


@dataclass(frozen=True)
class Best:
    """The best pattern of each consultant."""

    #: What it is worth, per consultant.
    worth: Vector
    #: Places of the pairs in all patterns together, those of one consultant next to each other.
    pairs: Places


@dataclass(frozen=True)
class _Items:
    """Pairs that may be in a best pattern: a row a consultant, those with most of them first."""

    #: Row -> consultant.
    order: Places
    #: How many rows have an item in each column.
    rows: list[int]
    hours: Places
    profit: Vector
    pairs: Places


class Patterns:
    """The patterns of one program; what is pinned is taken off beforehand."""

    def __init__(self, program: Program) -> None:
        initiatives = {key: place for place, key in enumerate(program.of_initiative)}
        self.consultants = {key: place for place, key in enumerate(program.of_consultant)}
        self.count = len(initiatives)
        self.initiative: Places = np.array(
            [initiatives[pair.initiative] for pair in program.pairs], dtype=int
        )
        self.consultant: Places = np.array(
            [self.consultants[pair.consultant] for pair in program.pairs], dtype=int
        )
        own = np.array([program.capacity[key] for key in self.consultants], dtype=int)
        most = np.array([program.most[key] for key in self.consultants], dtype=int)
        hours = program.hours.astype(int)
        #: Initiatives that each has by a pin.
        self.pinned = np.bincount(self.consultant[program.pinned], minlength=len(own))
        own = own - np.bincount(
            self.consultant[program.pinned], hours[program.pinned], minlength=len(own)
        ).astype(int)
        unit = gcd(*(int(one) for one in np.unique(hours))) or 1
        self.capacity, self.hours = own // unit, hours // unit
        self.most = most - self.pinned
        gone = np.zeros(self.count, dtype=bool)
        gone[self.initiative[program.pinned]] = True
        #: Pairs that can be in a pattern.
        self.usable = ~gone[self.initiative] & (self.hours <= self.capacity[self.consultant])
        number = np.bincount(self.consultant[self.usable], minlength=len(own))
        self.most = np.maximum(0, np.minimum(self.most, number))
        self.usable &= self.most[self.consultant] > 0

    def best(self, profit: Vector, costs: Vector | None = None) -> Best:
        """The best pattern of each consultant.

        Args:
            profit: what each pair is worth, less the price of its initiative.
            costs: per consultant and number of initiatives (from none to the most of all) what that costs.
        """
        items = self._items(profit)
        table, choices = self._fill(items)
        return self._read(items, table, choices, costs)

    def _items(self, profit: Vector) -> _Items:
        """Pairs worth anything, without those for which there are always enough better and smaller ones."""
        kept = np.flatnonzero(self.usable & (profit > LITTLE))
        kept = kept[np.lexsort((self.hours[kept], -profit[kept], self.consultant[kept]))]
        who, place, number = self._places(kept)
        if len(kept):
            hours = np.full((len(self.most), int(number.max())), np.iinfo(np.int64).max)
            hours[who, place] = self.hours[kept]
            better = np.zeros(hours.shape, dtype=int)
            for column in range(1, hours.shape[1]):
                better[:, column] = (hours[:, :column] <= hours[:, column : column + 1]).sum(axis=1)
            kept = kept[better[who, place] < self.most[who]]
            who, place, number = self._places(kept)
        order = np.argsort(-number, kind="stable")
        row = np.empty_like(order)
        row[order] = np.arange(len(order))
        shape = (len(order), int(number.max(initial=0)))
        found = _Items(
            order,
            [int((number > column).sum()) for column in range(shape[1])],
            np.zeros(shape, dtype=int),
            np.zeros(shape),
            np.zeros(shape, dtype=int),
        )
        for table, values in ((found.hours, self.hours), (found.profit, profit), (found.pairs, None)):
            table[row[who], place] = kept if values is None else values[kept]
        return found

    def _places(self, kept: Places) -> tuple[Places, Places, Places]:
        """Consultant of each pair, its place among those of the consultant, and how many each has."""
        who = self.consultant[kept]
        number = np.bincount(who, minlength=len(self.most))
        return who, np.arange(len(kept)) - (np.cumsum(number) - number)[who], number

    def _fill(self, items: _Items) -> tuple[Vector, list[NDArray[np.bool_]]]:
        """Most worth by consultant, number and hours, and for each item where it was taken."""
        before = int(items.hours.max(initial=0))
        wide = int(self.capacity.max(initial=0)) + 1
        table = np.full((len(self.most), int(self.most.max(initial=0)) + 1, before + wide), NEVER)
        table[:, 0, before:] = 0.0
        hours = np.arange(before, before + wide)
        choices = []
        for column, rows in enumerate(items.rows):
            source = hours[None, None, :] - items.hours[:rows, column, None, None]
            taken = np.take_along_axis(table[:rows, :-1], source, axis=2)
            taken += items.profit[:rows, column, None, None]
            without = table[:rows, 1:, before:]
            choices.append(taken > without)
            np.maximum(without, taken, out=without)
        return table[:, :, before:], choices

    def _read(
        self, items: _Items, table: Vector, choices: list[NDArray[np.bool_]], costs: Vector | None
    ) -> Best:
        """Follow the table back to the patterns."""
        order = items.order
        rows = np.arange(len(order))
        numbers = np.arange(table.shape[1])
        last = table[rows[:, None], numbers[None, :], np.maximum(0, self.capacity[order])[:, None]]
        last = np.where(numbers[None, :] <= self.most[order][:, None], last, NEVER)
        if costs is not None:
            last = last - costs[order]
        number = last.argmax(axis=1) if len(order) else rows
        worth = np.empty(len(order))
        worth[order] = last[rows, number]
        hours = np.maximum(0, self.capacity[order])
        found = [np.zeros(0, dtype=int)]
        for column in range(len(choices) - 1, -1, -1):
            many = items.rows[column]
            own = number[:many]
            taken = (own > 0) & choices[column][rows[:many], np.maximum(own, 1) - 1, hours[:many]]
            found.append(items.pairs[:many, column][taken])
            number[:many] -= taken
            hours[:many] -= np.where(taken, items.hours[:many, column], 0)
        pairs = np.concatenate(found)
        return Best(worth, pairs[np.argsort(self.consultant[pairs], kind="stable")])
