"""Whether words that match a name are written as one: capitals, articles, posts in small letters."""

from scout.places.names import Form
from scout.places.words import words

#: Words before a name without capital that make it a place: "in beijum".
LOWER_AFTER = words("in te uit bij naar rond nabij gemeente dorp wijk buurt om op")
#: Names that without capital are words; the data do not call them so, as with capital the place prevails.
NOT_LOWER = words(
    """
    achterveld assen asten balkbrug beert beugen boekel bontebok borger braamt broekland buitenpost
    dalem darp delft domstad dongen drachten dreumel driewegen epen gasteren geleen gemonde gieten goes
    gouda groede halsteren hapert heibloem hofstad holten hoofddorp hoofdplaat hoorn hulsel huns indijk
    kaard kampen keistad landgraaf leende leiden lemmer lichtstad lieren lijnden losser malden marken
    moerdijk molenhoek nieuwkoop nutter overloon peest persingen rekken retranchement rolde roosteren
    ruinen sleutelstad smakt soest sprang steenbergen tegelen teuge tinte tolkamer tonden vijlen
    voorschoten voorst wassenaar wateringen wedde weert wierden woerden wouw zoelen zuidrand
    """
)
#: Names whose article has a capital; without it they are words with a needless capital.
CAPITAL_ARTICLE = frozenset(
    [("de", word) for word in words("wyk hoek kern stad buurt dorp markt brink streek school kerk tuin")]
    + [("het", word) for word in words("dorp centrum plein eiland bos veld park")]
)
#: A name with an article is none without capitals ("in de klomp"), but for these three.
ARTICLES = frozenset({"de", "het", "t"})
SAFE_AFTER_ARTICLE = words("bilt meern lutte")
#: A town's name of so many letters needs no capital to be recognised anywhere ("voor almere buiten").
SURE_LOWER = 7


def written_as_name(form: Form, text: str, words: list[tuple[int, int, str]], first: int, last: int) -> bool:
    """Capitals where the name has them; all in capitals; or, for safe names, none after "in" and the like."""
    written = [words[index][2] for index in range(first, last + 1)]
    needed = [word for word, capital in zip(written, form.capitals, strict=True) if capital]
    if all(word[0].isupper() or word[0].isdigit() for word in needed):
        # An article may be small ("de Bilt"), but not where the rest is a common word ("de Wijk").
        return form.tokens not in CAPITAL_ARTICLE or all(word[0].isupper() for word in written)
    if not form.lower or first == 0 or form.senses[0].prior <= 0:
        start = words[first][0]
        return start > 0 and text[start - 1] == "#" and not form.weak
    if any(word[0].isupper() for word in written):
        return len(needed) > 1 and written[0][0].isupper() and form.town
    name = " ".join(written)
    here = first > 1 and words[first - 1][2] == "in" and words[first - 2][2].lower() in {"hier", "ons"}
    article = form.tokens[0] in ARTICLES and form.tokens[-1] not in SAFE_AFTER_ARTICLE
    if article or not all(form.capitals) or (name in NOT_LOWER and not here):
        return False
    start = words[first][0]
    if text[start - 1] in "#/@" or ((form.town or len(form.tokens) > 1) and len(name) >= SURE_LOWER):
        return True
    return (
        text[words[first - 1][1] : start] == " "
        and words[first - 1][2].lower() in LOWER_AFTER
        and len(name) >= 4
    )
