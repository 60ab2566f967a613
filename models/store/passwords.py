"""What makes a password too easy to guess, and how a password is kept."""

import re
import secrets
import unicodedata
from enum import StrEnum

from argon2 import PasswordHasher

#: What one hash costs: passes, kibibytes of memory, threads (RFC 9106, second recommendation, 2021). The
#: tests take the least there is: they check that passwords are kept as hashes, not how slowly.
COST = {"time_cost": 3, "memory_cost": 65_536, "parallelism": 4}

#: Fewest and most characters; no rules about sorts of characters (NIST SP 800-63B).
PASSWORD_MIN, PASSWORD_MAX = 12, 128

#: Part of a name or e-mail address from this many letters on may not stand in a password.
OWN_WORD = 4
#: Fewest different characters.
DIFFERENT = 5

#: What many people choose when twelve characters are asked for: Dutch and English, and what stands beside
#: each other on a keyboard. In lower case, without spaces and signs, digits at the end left out.
COMMON = frozenset(
    """
    aanmelden aanmeldenscout adminadmin administrator allesgoed allesisliefde allesisgoed amsterdam
    amsterdamajax asdfghjkl asdfghjklzxcvbnm azertyuiop baasboven beheerder beheerderbeheerder
    correcthorsebatterystaple changeme changemenow dagdagdag dikkevrienden ditismijnwachtwoord
    ditiseenwachtwoord ditisgeheim dragondragon eenmooiedag eenwachtwoord eindhoven feyenoord
    feyenoordrotterdam footballfootball gebruiker gebruikersnaam geenidee geheim geheimgeheim
    geheimwachtwoord geheimwoord gelukkig gemeente gemeentehuis goedemorgen goedemiddag goedenavond
    groningen hallohallo hallohoeishet hallowereld helloworld hetismooiweer hetwachtwoord hoihoihoi
    houvanjou hondenkat ikbenikben ikhouvanjou ikhouvanje ikhouvanjullie ikweethetniet iloveyou
    iloveyouforever iloveyouiloveyou inloggen inlogcode initiatief initiatieven kampioen
    kanikuhelpen komerbij koningsdag koekjesmonster lekkerbelangrijk lentelente letmein letmeinletmein
    liefdeliefde liefje liefjeliefje lieveschat lievelingetje loginlogin manchesterunited mijngeheim
    mijnwachtwoord mijnwachtwoordis mijnnaam monkeymonkey mooieliefde mypassword mypasswordis nederland
    nederlandnederland nederlands nieuwwachtwoord nietvergeten oranjeboven participatie
    participatienetwerk passpasspass passphrase password passwordpassword passwordsecret pokemon
    princess princessprincess psveindhoven qazwsxedcrfv qwerty qwertyqwerty qwertyuiop qwertyuiopasdf
    qwertyuiopasdfghjkl qwertyuiopasdfghjklzxcvbnm rotterdam scoutscout secretpassword sinterklaas
    sinterklaasje sneeuwwitje standaardwachtwoord sterkwachtwoord sunshine sunshinesunshine superman
    supermansuperman superwachtwoord tijdelijk tijdelijkwachtwoord temppassword temporarypassword
    teststests testtesttest testwachtwoord thisismypassword thisisapassword thepassword trustno
    trustnoone utrecht vakantie vakantiegeld vakantievakantie valentijn veiligwachtwoord verjaardag
    voetbal voetbalvoetbal vergeten vergetenwachtwoord voorjaar vriendschap vrijmarkt wachtwoord
    wachtwoordgeheim wachtwoordwachtwoord wachtwoordje wachtwoordvergeten watishetwachtwoord welcome
    welcometothe welkom welkombij welkomthuis welkomwelkom welkomwachtwoord whateverwhatever winter
    wijwillenmeer winterwinter zaterdag zegikniet zomerzomer zomervakantie zondag zonneschijn zonnetje
    zxcvbnm zxcvbnmasdfghjkl
    januari februari maart april juni juli augustus september oktober november december
    maandag dinsdag woensdag donderdag vrijdag lente zomer herfst
    january february march may june july august october monday tuesday wednesday thursday friday
    saturday sunday spring summer autumn
    """.split()  # noqa: SIM905 - a list of words reads better without quotes
)
#: Rows of keys and alphabets that are easy to walk along, also backwards.
ROWS = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890123456789",
    "qwertyuiopasdfghjklzxcvbnm",
    "azertyuiopqsdfghjklmwxcvbn",
    "qazwsxedcrfvtgbyhnujmikolp",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "1q2w3e4r5t6y7u8i9o0p",
    "q1w2e3r4t5y6u7i8o9p0",
)
#: Steps along such a row from which a piece of a password counts as no choice of one's own.
WALK = 5

#: Digits and signs that stand for a letter in the usual disguises.
DISGUISES = str.maketrans("0134579@$!", "oieastgasi")


class PasswordProblem(StrEnum):
    """Why a password is refused."""

    SHORT = "short"
    LONG = "long"
    COMMON = "common"
    PATTERN = "pattern"
    PERSONAL = "personal"


#: In English, for the commands; the pages say it in Dutch.
PROBLEMS = {
    PasswordProblem.SHORT: f"a password has {PASSWORD_MIN} to {PASSWORD_MAX} characters",
    PasswordProblem.LONG: f"a password has {PASSWORD_MIN} to {PASSWORD_MAX} characters",
    PasswordProblem.COMMON: "many people use this password",
    PasswordProblem.PATTERN: "this password is a repetition or a row of neighbouring keys",
    PasswordProblem.PERSONAL: "this password holds the name or the e-mail address of the account",
}


class PasswordError(Exception):
    """A password is refused; ``problem`` says why."""

    def __init__(self, problem: PasswordProblem) -> None:
        super().__init__(PROBLEMS[problem])
        self.problem = problem


def normal_form(password: str) -> str:
    """The one way of writing a password that is hashed and compared (NFKD, as Flask-Security does)."""
    return unicodedata.normalize("NFKD", password)


def length_problem(password: str) -> PasswordProblem | None:
    """Whether a password is too short or too long, counted in its normal form."""
    length = len(normal_form(password))
    if length < PASSWORD_MIN:
        return PasswordProblem.SHORT
    return PasswordProblem.LONG if length > PASSWORD_MAX else None


def problem_with(password: str, *, name: str = "", email: str = "") -> PasswordProblem | None:
    """What is wrong with a password that somebody wants; None = nothing.

    Args:
        name, email: of the account it is for.
    """
    too = length_problem(password)
    if too is not None:
        return too
    plain = normal_form(password).casefold()
    letters = _letters(plain)
    disguised = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", plain).translate(DISGUISES)
    if {letters, _letters(disguised), re.sub(r"[\W_]+", "", plain)} & COMMON:
        return PasswordProblem.COMMON
    if _repeats(plain) or _walks(plain):
        return PasswordProblem.PATTERN
    if any(word in plain or word in letters for word in _own_words(name, email)):
        return PasswordProblem.PERSONAL
    return None


def _letters(plain: str) -> str:
    """Without signs and accents, and without digits at either end: ``Welkom2026!`` is still ``welkom``."""
    return re.sub(r"^\d+|\d+$", "", re.sub(r"[\W_]+", "", plain))


def _repeats(plain: str) -> bool:
    """Few characters, or one short piece over and over."""
    return len(set(plain)) < DIFFERENT or re.fullmatch(r"(.{1,6}?)\1+.{0,3}", plain) is not None


def _walks(plain: str) -> bool:
    """At least half of it is walked along rows of keys, of letters or of digits."""
    walked, start = 0, 0
    while start < len(plain):
        length = max(_walk_from(plain, start, row) for row in (*ROWS, *(row[::-1] for row in ROWS)))
        if length >= WALK:
            walked += length
            start += length
        else:
            start += 1
    return 2 * walked >= len(plain)


def _walk_from(plain: str, start: int, row: str) -> int:
    longest = 0
    at = row.find(plain[start])
    while at >= 0:
        length = 0
        while (
            start + length < len(plain)
            and at + length < len(row)
            and plain[start + length] == row[at + length]
        ):
            length += 1
        longest = max(longest, length)
        at = row.find(plain[start], at + 1)
    return longest


def _own_words(name: str, email: str) -> set[str]:
    local = email.partition("@")[0]
    words = {name, local, email, *re.split(r"[\W_]+", name), *re.split(r"[\W_]+", local)}
    plain = {normal_form(word).casefold() for word in words}
    return {word for word in plain | {_letters(word) for word in plain} if len(word) >= OWN_WORD}


def hash_password(password: str) -> str:
    """Argon2 hash of a password in its normal form.

    Raises:
        PasswordError: it is too short or too long. The other rules are :func:`problem_with`'s.
    """
    problem = length_problem(password)
    if problem is not None:
        raise PasswordError(problem)
    hasher = PasswordHasher(
        time_cost=COST["time_cost"], memory_cost=COST["memory_cost"], parallelism=COST["parallelism"]
    )
    return hasher.hash(normal_form(password))


def new_password() -> str:
    """A password nobody can guess (120 bits), easy to copy."""
    return "-".join(secrets.token_hex(3) for _ in range(5))
