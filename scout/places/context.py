"""A text and its words, and what stands before and after one of them."""

from dataclasses import dataclass

SENTENCE_END = frozenset('.!?:;\n•…|"“”„‘(')


@dataclass(frozen=True, slots=True)
class Context:
    """A text and its words: start, end, word."""

    text: str
    words: list[tuple[int, int, str]]

    def before(self, first: int, count: int) -> list[str]:
        """Up to ``count`` words before word ``first`` in the same clause, nearest first, as written."""
        found: list[str] = []
        edge = self.words[first][0]
        for index in range(first - 1, max(first - 1 - count, -1), -1):
            start, end, word = self.words[index]
            gap = self.text[end:edge]
            if len(gap) > 3 or gap.strip(" '’#-\u00a0/"):
                break
            found.append(word)
            edge = start
        return found

    def starts_sentence(self, start: int) -> bool:
        """Nothing, the end of a sentence, or a symbol stands before ``start``."""
        position = start - 1
        while position >= 0 and self.text[position] in " '’\u00a0-–#*":
            position -= 1
        return position < 0 or self.text[position] in SENTENCE_END or ord(self.text[position]) > 0x2190

    def starts_line(self, start: int) -> bool:
        """Only white space or a quote stands before ``start`` on its line."""
        position = start - 1
        while position >= 0 and self.text[position] in " \t\u00a0*'’\"📍":
            position -= 1
        return position < 0 or self.text[position] in "\n\r"

    def in_address(self, start: int, end: int) -> bool:
        """The word is a part of a web or mail address or a file's name: "example.org/roermond-kast"."""
        if start > 0 and self.text[start - 1] in "/._@":
            return start > 1 and not self.text[start - 2].isspace()
        return self.text.startswith((".nl", ".com", ".org", "@"), end)

    def after(self, last: int) -> str:
        """The word that follows word ``last`` directly, or an empty string."""
        if last + 1 >= len(self.words):
            return ""
        start, _, word = self.words[last + 1]
        return word if self.text[self.words[last][1] : start] in {" ", "-"} else ""
