"""Elements of SVG, written with care: text in them is escaped, and no style stands in them."""

from collections.abc import Sequence

from markupsafe import Markup, escape


def element(name: str, *content: str, **attributes: object) -> Markup:
    """One element; text in it and in its attributes is escaped.

    Args:
        attributes: ``class_`` stands for ``class``, other underscores for hyphens.
    """
    written = Markup("").join(
        Markup(' {}="{}"').format("class" if key == "class_" else key.replace("_", "-"), value)
        for key, value in attributes.items()
    )
    inside = Markup("").join(escape(part) for part in content)
    return Markup("<{name}{written}>{inside}</{name}>").format(name=name, written=written, inside=inside)


def picture(key: str, title: str, description: str, height: int, parts: Sequence[Markup]) -> Markup:
    """A drawing as wide as its place, with its name and what it shows for who can't see it.

    Args:
        key: begins its ids; unique on its page.
        height: in pixels.
    """
    return element(
        "svg",
        element("title", title, id=f"{key}-titel"),
        element("desc", description, id=f"{key}-uitleg"),
        *parts,
        class_="scout-plot__picture",
        role="img",
        aria_labelledby=f"{key}-titel",
        aria_describedby=f"{key}-uitleg",
        width="100%",
        height=height,
        focusable="false",
    )


def pixels(number: float) -> str:
    """A length in pixels, to a hundredth."""
    return f"{number:.2f}"


def percent(part: float) -> str:
    """A length as a part of the whole, 0.0 to 1.0."""
    return f"{100 * part:.3f}%"
