from collections.abc import Callable
from concurrent.futures import Future
from typing import Any
from scout.definitions import SourceDefinition
from scout.drafts import Page, Reading
from scout.steps.article import Article
LARGE_LIST = 1_000_000
class ExtractionError(Exception): ...
class ExtractionPool:
    def __init__(self, *, workers: int = 2, seconds: float = 20.0) -> None: ...
    def submit(self, html: bytes, url: str, charset_hint: str = "") -> "Future[Article]": raise NotImplementedError
    def read(self, source: SourceDefinition, page: Page) -> "Future[Reading]": raise NotImplementedError
    def run(self, function: Callable[..., Any], *args: Any, seconds: float | None = None) -> "Future[Any]": raise NotImplementedError
    def close(self) -> None: ...
