"""The part of a page that the page itself marks as its article."""

import re
from copy import deepcopy

from lxml.html import HtmlElement

from scout.steps.text import clean

#: Where an article's text may be marked, the surest first; counts only when there is exactly one.
MARKS = ("//*[@itemprop='articleBody']", "//article[not(.//article)]")
#: Inside the mark, but not the article.
AROUND = frozenset(
    (
        "nav",
        "aside",
        "header",
        "footer",
        "form",
        "button",
        "figure",
        "script",
        "style",
        "noscript",
        "iframe",
        "svg",
    )
)
#: The same, told by class or id: buttons to share, links to more, bylines, subscriptions.
AROUND_NAMES = re.compile(
    r"(?:^|[\s_-])(?:share|sharing|social|deel|delen|related|gerelateerd|lees-?ook|meer-?nieuws|tags?|labels|"
    r"comments?|reacties?|newsletter|nieuwsbrief|meta|byline|auteur|author|advert\w*|promo|cookie\w*|breadcrumbs?)"
    r"(?:$|[\s_-])",
    re.IGNORECASE,
)
#: What holds running text.
BLOCKS = " | ".join(f"descendant-or-self::{tag}" for tag in ("p", "h2", "h3", "h4", "li", "blockquote", "tr"))


def marked_text(tree: HtmlElement) -> str:
    """Clean text of the one marked article, a line a paragraph; empty where nothing, or more, is marked."""
    for mark in MARKS:
        found = tree.xpath(mark)
        if len(found) == 1:
            return _text(deepcopy(found[0]))
    return ""


def _text(body: HtmlElement) -> str:
    for element in list(body.iterdescendants()):
        if not isinstance(element.tag, str) or element.getparent() is None:
            continue
        names = f"{element.get('class', '')} {element.get('id', '')}"
        if element.tag in AROUND or AROUND_NAMES.search(names):
            element.drop_tree()
    blocks = [
        block
        for block in body.xpath(BLOCKS)
        # A paragraph inside a list item, quotation or row is part of that one already.
        if not any(parent.tag in ("li", "blockquote", "tr") for parent in block.iterancestors())
    ]
    lines = [" ".join(" ".join(block.itertext()).split()) for block in blocks] or [body.text_content()]
    return clean("\n".join(line for line in lines if line))
