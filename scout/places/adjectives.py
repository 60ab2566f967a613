"""Words made of a town's name: "Arnhemse", "Eibergenaren", "Haagse"."""

from scout.places.mention import Sense
from scout.places.names import UNIQUE_QUARTER, Form, fold, tokens
from scout.places.words import words

#: Those that no rule makes. "Utrechtse" and "Groningse" are left to the rules.
IRREGULAR = {
    "Den Haag": "haags haagse hagenaar hagenaars hagenees hagenezen",
    "'s-Hertogenbosch": "bossche bosschenaar bosschenaren",
    "Leiden": "leids leidse leidenaar leidenaars leidenaren",
    "Zwolle": "zwols zwolse zwollenaar zwollenaren",
    "Gouda": "gouds goudse gouwenaar gouwenaars gouwenaren",
    "Groningen": "stadjer stadjers stadjeder stadjeders",
    "Utrecht": "utrechter utrechters utrechtenaar utrechtenaren",
    "Breda": "bredanaar bredanaars bredaas bredase",
    "Nijmegen": "nijmeegs nijmeegse nijmegenaar nijmegenaren",
    "Tilburg": "tilburger tilburgers tilburgs tilburgse",
    "Almere": "almeers almeerse almeerder almeerders",
    "Delft": "delfts delftse delftenaar delftenaren",
    "Venlo": "venloos venlose venlonaar venlonaren",
    "Almelo": "almeloos almelose almeloer almeloers",
    "Hengelo": "hengeloos hengelose hengeloer hengeloers",
    "Leeuwarden": "leeuwarder leeuwarders ljouwerter ljouwerters",
    "Zutphen": "zutphens zutphense zutphenaar zutphenaren",
    "Enschede": "enschedees enschedese enschedeer enschedeers",
    "Amersfoort": "amersfoorts amersfoortse amersfoorter amersfoorters",
    "Ede": "edes edese edenaar edenaren",
    "Goes": "goes goese goesenaar goesenaren",
    "Hilversum": "hilversums hilversumse hilversummer hilversummers",
    "Deventer": "deventenaar deventenaren",
    "Kampen": "kamper kampers kampenaar kampenaren",
    "Haarlem": "haarlems haarlemse haarlemmer haarlemmers",
    "Dordrecht": "dordts dordtse dordtenaar dordtenaren dordt",
    "Middelburg": "middelburger middelburgers middelburgs middelburgse",
    "Zaanstad": "zaans zaanse zaankanter zaankanters",
    "Urk": "urker urkers",
    "Texel": "texels texelse texelaar texelaars",
    "Maastricht": "maastrichts maastrichtse maastrichtenaar maastrichtenaren",
}


#: Made by the rules, but a word or a surname of its own.
WORDS = words(
    """
    aster asters beuger dalems emmer emmers etter etters gamers gieter gieters haars halsters
    hoofdplaats hulsels kaarder kaarders koewachter koewachters leider leiders lemmers lossers marker
    markers meters naarder overschilder raarder rekker rekkers roosters schouwer schouwers tegels tonder
    vorder zenders zoeler kamper kampers
    """
)


def adjectives(forms: dict[tuple[str, ...], Form]) -> dict[str, Sense]:
    """Word (folded) -> the town, or surely known neighbourhood, that it is made of; one-word names only."""
    made: dict[str, Sense] = {}
    clash: set[str] = set()
    for key, form in forms.items():
        if len(key) > 1 or not form.senses or form.senses[0].prior < UNIQUE_QUARTER:
            continue
        name = key[0]
        if len(name) < (5 if form.town and not form.weak else 6):
            continue
        for word in _made(name) if form.town else (f"{name}se",):
            if (word,) in forms or word in WORDS:
                continue
            if word in made and made[word].municipality_code != form.senses[0].municipality_code:
                clash.add(word)
            made[word] = form.senses[0]
    for word in clash:
        del made[word]
    for name, listed in IRREGULAR.items():
        sense = forms[tokens(name)].senses[0]
        for word in map(fold, listed.split()):
            if (word,) not in forms:
                made[word] = sense
    return made


def _made(name: str) -> list[str]:
    found = [
        f"{name}s",
        f"{name}se",
        f"{name}er",
        f"{name}ers",
        f"{name}naar",
        f"{name}naren",
        f"{name}enaar",
        f"{name}enaren",
        f"{name}enaars",
        f"{name}aar",
        f"{name}aren",
        f"{name}aars",
        f"{name}ster",
        f"{name}sters",
    ]
    if name.endswith("en"):
        stem = name[:-2]
        found += [f"{stem}se", f"{stem}s", f"{stem}er", f"{stem}ers", f"{stem}enaar", f"{stem}enaren"]
    if name.endswith("m"):
        found += [f"{name}mer", f"{name}mers"]
    if name.endswith("veen"):
        found += [f"{name[:-4]}vener", f"{name[:-4]}veners"]
    return found
