"""The sentences that visits may end with, collected from the source code of ``scout`` and ``models``.

Sentences are found where they are made: what is raised as ``Trouble``, given to ``Reading``, to
``findings.fail`` and ``findings.warn``, and the like. Each gap of an f-string is filled with a 7, which fits
words and numbers alike. What can't be seen in the code by such simple means is given back as not clear.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from review.assets import CHECKOUT

#: Where visits make their sentences.
PLACES = ("scout/crawl", "scout/readers", "scout/extraction.py", "scout/steps/article.py")
#: What is put into gaps.
FILLING = "7"
#: Functions whose first argument is a sentence, and keywords that hold one or several.
CALLS = {"Trouble", "fail", "warn", "EndlessRedirects", "OutOfTime", "ExtractionError", "_refused"}
KEYWORDS = {"problem", "warnings"}


@dataclass(frozen=True)
class Found:
    """One sentence, or an expression of which it is not clear what it says."""

    #: File and line.
    where: str
    sentence: str | None
    #: As it stands in the code.
    code: str


def found() -> Iterator[Found]:
    """All sentences, and all expressions that could not be followed."""
    for place in PLACES:
        path = CHECKOUT / place
        for file in sorted(path.glob("*.py")) if path.is_dir() else [path]:
            yield from _of_file(file)


def _of_file(file: Path) -> Iterator[Found]:
    tree = ast.parse(file.read_text("utf-8"))
    names = _named(tree)
    for node in ast.walk(tree):
        for expression in _sentences_in(node):
            where = f"{file.relative_to(CHECKOUT)}:{expression.lineno}"
            code = ast.unparse(expression)
            said = list(_said(expression, names))
            if not said:
                yield Found(where, None, code)
            yield from (Found(where, one, code) for one in said if one)


def _sentences_in(call: ast.AST) -> Iterator[ast.expr]:
    if isinstance(call, ast.Assign) and isinstance(call.targets[0], ast.Attribute):
        if call.targets[0].attr == "problem" and isinstance(call.value, ast.JoinedStr | ast.Constant):
            yield call.value
        return
    if not isinstance(call, ast.Call):
        return
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name in CALLS and call.args:
        yield call.args[0]
    for keyword in call.keywords:
        if keyword.arg in KEYWORDS and name in {"Reading", "Article", "Answer", "cls"}:
            yield keyword.value


def _named(tree: ast.Module) -> dict[str, list[ast.expr]]:
    """Name of a variable -> all that it is ever set to; of a function, with () -> all that it returns."""
    names: dict[str, list[ast.expr]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    names.setdefault(target.id, []).append(node.value)
        elif (
            isinstance(node, ast.AnnAssign | ast.AugAssign)
            and isinstance(node.target, ast.Name)
            and node.value
        ):
            names.setdefault(node.target.id, []).append(node.value)
        elif isinstance(node, ast.FunctionDef):
            returned = [one.value for one in ast.walk(node) if isinstance(one, ast.Return) and one.value]
            names.setdefault(node.name + "()", []).extend(returned)
    return names


def _said(node: ast.expr, names: dict[str, list[ast.expr]], depth: int = 0) -> Iterator[str]:
    """All that an expression may say; nothing = that is not clear. ``""`` stands for nothing said."""
    if depth > 6:
        return
    if isinstance(node, ast.Constant):
        yield node.value if isinstance(node.value, str) else ""
    elif isinstance(node, ast.JoinedStr):
        parts = [list(_part(part, names)) for part in node.values]
        yield from ("".join(one) for one in product(*parts))
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        lefts, rights = list(_said(node.left, names, depth)), list(_said(node.right, names, depth))
        if isinstance(node.left, ast.Name | ast.Tuple) and isinstance(node.right, ast.Tuple | ast.Name):
            yield from (*lefts, *rights)
        else:
            yield from (left + right for left in lefts for right in rights)
    elif isinstance(node, ast.IfExp):
        yield from _said(node.body, names, depth)
        yield from _said(node.orelse, names, depth)
    elif isinstance(node, ast.BoolOp):
        for value in node.values:
            yield from _said(value, names, depth + 1)
    elif isinstance(node, ast.Tuple | ast.List):
        if not node.elts:
            yield ""
        for element in node.elts:
            yield from _said(element, names, depth)
    elif isinstance(node, ast.Name) and node.id in names:
        for value in names[node.id]:
            yield from _said(value, names, depth + 1)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and f"{node.func.id}()" in names:
        for value in names[f"{node.func.id}()"]:
            yield from _said(value, names, depth + 1)


def _part(part: ast.expr, names: dict[str, list[ast.expr]]) -> Iterator[str]:
    """What a part of an f-string may be: its words, the words of a choice, or a filling."""
    if isinstance(part, ast.Constant):
        yield str(part.value)
        return
    assert isinstance(part, ast.FormattedValue)
    inner = part.value
    choice = isinstance(inner, ast.IfExp) or (
        isinstance(inner, ast.Name) and inner.id in names and all(_is_words(one) for one in names[inner.id])
    )
    said = list(_said(inner, names)) if choice and part.conversion == -1 else []
    yield from said or [FILLING]


def _is_words(node: ast.expr) -> bool:
    """Whether this is a text, or a choice between texts."""
    if isinstance(node, ast.IfExp):
        return _is_words(node.body) and _is_words(node.orelse)
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))
