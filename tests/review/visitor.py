"""A visitor of the pages: asks for them, and fills in the forms that it finds there."""

from flask import Flask
from lxml import html
from werkzeug.test import TestResponse


class Visitor:
    """One browser without JavaScript. Forms are sent as they stand on the page, with changes."""

    def __init__(self, app: Flask, account_id: int = 0) -> None:
        self.app = app
        self.client = app.test_client()
        self.account_id = account_id
        self.answer: TestResponse = self.client.get("/healthz")

    def get(self, path: str, **options: object) -> TestResponse:
        """Ask for a page and follow where it leads."""
        self.answer = self.client.get(path, follow_redirects=True, **options)  # type: ignore[arg-type]
        return self.answer

    def send(self, action: str, follow: bool = True, **changes: object) -> TestResponse:
        """Fill in the form on this page that goes to ``action``, and send it."""
        values = {**self.form(action), **{name: str(value) for name, value in changes.items()}}
        self.answer = self.client.post(action, data=values, follow_redirects=follow)
        return self.answer

    def form(self, action: str) -> dict[str, str]:
        """What the form that goes to ``action`` would send as it stands."""
        for form in self.page.forms:
            if form.action == action:
                # A browser drops the line end right after <textarea>; this parser keeps it.
                pairs = [(name, (value or "").removeprefix("\n")) for name, value in form.form_values()]
                return dict(pairs)
        raise AssertionError(f"no form for {action} on this page; there are {self.actions}")

    @property
    def actions(self) -> list[str]:
        """Where the forms on this page go."""
        return [form.action for form in self.page.forms if form.action]

    @property
    def page(self) -> html.HtmlElement:
        """The page as a tree, as it is without scripts: what stands in a template does not show."""
        page = html.document_fromstring(self.answer.text)
        for template in page.cssselect("template"):
            template.drop_tree()
        return page

    @property
    def main(self) -> str:
        """The words of the page's main part, with single spaces."""
        return " ".join(self.page.xpath("string(//main)").split())

    @property
    def titles(self) -> list[str]:
        """Titles of the listed leads or entries, in order."""
        return [link.text_content() for link in self.page.cssselect(".scout-card__title a")]

    @property
    def heading(self) -> str:
        """The first heading."""
        return " ".join(self.page.xpath("string(//h1)").split())

    @property
    def notices(self) -> str:
        """Messages above the content."""
        found = self.page.cssselect(".scout-notice")
        return " ".join(" ".join(one.text_content().split()) for one in found)
