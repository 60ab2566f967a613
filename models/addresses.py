"""Addresses: one spelling for each page, without what only serves to follow readers."""

import ipaddress
import re
from functools import cache
from urllib.parse import SplitResult, quote, unquote_to_bytes, urlsplit

import idna
import tldextract

#: Query parameters that say where a reader came from, never which page it is.
TRACKING = frozenset(
    {
        # advertisements and social media
        *("fbclid", "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "msclkid", "yclid", "twclid", "ttclid"),
        *("igshid", "igsh", "li_fat_id", "epik", "srsltid", "rb_clickid", "wickedid", "__twitter_impression"),
        # newsletters
        *("mc_cid", "mc_eid", "mkt_tok", "_hsenc", "_hsmi", "__hssc", "__hstc", "__hsfp", "hsctatracking"),
        *("vero_id", "vero_conv", "oly_anon_id", "oly_enc_id"),
        # statistics of the site itself
        *(
            "s_cid",
            "wt_mc",
            "xtor",
            "cmpid",
            "ns_campaign",
            "ns_mchannel",
            "ns_source",
            "ns_linkname",
            "ns_fee",
        ),
        *("_ga", "_gl"),
        # sessions
        *("phpsessid", "jsessionid", "aspsessionid"),
    }
)
#: Families of such parameters, by how they begin.
TRACKING_FAMILIES = (
    "utm_",
    "pk_",
    "mtm_",
    "piwik_",
    "matomo_",
    "at_campaign",
    "at_medium",
    "at_custom",
    "trk_",
)
#: Longer addresses are no pages but accidents (endless calendars, data in the address).
LONGEST = 2000

_DEFAULT_PORTS = {"http": 80, "https": 443}
#: What RFC 3986 lets stand unescaped in a path; a query may also hold "?" and "/".
_PATH = "/:@!$&'()*+,;=-._~"
_QUERY = "/:@!$&'()*+,;=-._~?"
_ESCAPE = re.compile(r"%[0-9a-fA-F]{2}")
_UNRESERVED = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~")


def canonical(url: str) -> str:
    """The one spelling of a web address under which an item is kept; empty if it is none.

    Scheme and host in small letters, international names in their ASCII form, no default port, name,
    password, fragment or tracking parameters; the other parameters keep their order. Doing it again
    changes nothing. Two pages never get the same spelling, see :func:`address_key` for that.
    """
    parts = _split(url)
    if parts is None:
        return ""
    host = _host(parts.hostname or "")
    if not host:
        return ""
    scheme = parts.scheme.lower()
    try:
        port = parts.port
    except ValueError:
        return ""
    if port is not None and port != _DEFAULT_PORTS[scheme]:
        host = f"{host}:{port}"
    path = _without_dots(_escaped(re.sub(r"(?i);jsessionid=[^/?]*", "", parts.path), _PATH)) or "/"
    query = "&".join(
        part for part in _escaped(parts.query, _QUERY).split("&") if part and not _is_tracking(part)
    )
    address = f"{scheme}://{host}{path}" + (f"?{query}" if query else "")
    return address if len(address) <= LONGEST else ""


def address_key(url: str) -> str:
    """What two addresses of one page have in common; not to be fetched, only to be compared or hashed.

    On top of :func:`canonical`: https or http, ``www.`` or not, a slash or ``index.html`` at the end and
    the variant for phones (``/amp``, ``?amp=1``) make no difference. Empty if it is no web address.
    """
    address = canonical(url)
    if not address:
        return ""
    parts = urlsplit(address)
    host = parts.netloc.removeprefix("www.")
    path = re.sub(r"/index\.(?:html?|php)$", "/", parts.path)
    path = re.sub(r"(?<=[^/])/amp/?$", "", path).rstrip("/")
    query = "&".join(
        part for part in parts.query.split("&") if part not in {"amp", "amp=1", "outputType=amp"}
    )
    return host + path + (f"?{query}" if query else "")


def same_site(one: str, other: str) -> bool:
    """Both addresses belong to one site: the same registrable domain, or else the same host."""
    hosts = []
    for url in (one, other):
        parts = _split(url)
        host = _host(parts.hostname or "") if parts else ""
        if not host:
            return False
        hosts.append(_registrable(host))
    return hosts[0] == hosts[1]


#: Ends of names that mean something inside one's own walls only.
_INSIDE = (
    "localhost",
    "local",
    "internal",
    "intranet",
    "lan",
    "home",
    "corp",
    "home.arpa",
    "invalid",
)


def is_inside(url: str) -> bool:
    """Whether an address leads to a machine of one's own: by its number, or by a name that others lack.

    Looks at the address only; what a name stands for is known where connections are made.
    """
    parts = _split(url)
    host = _host(parts.hostname or "") if parts else ""
    try:
        return not ipaddress.ip_address(host.strip("[]").partition("%")[0]).is_global
    except ValueError:
        pass
    # Also "0x7f.1" and "2130706433": browsers take a name that ends in a number for an IP address.
    last = host.rpartition(".")[2]
    numeric = re.fullmatch(r"[0-9]+|0x[0-9a-f]*", last) is not None
    return "." not in host or numeric or host.endswith(tuple(f".{end}" for end in _INSIDE))


def _registrable(host: str) -> str:
    """The part of a host that someone registered; the host itself for IP addresses and single names."""
    if host.startswith("[") or re.fullmatch(r"[0-9.]+", host):
        return host
    # A top level that the list does not know is one label, as the list itself rules.
    return _domains()(host).top_domain_under_public_suffix or ".".join(host.split(".")[-2:])


@cache
def _domains() -> tldextract.TLDExtract:
    """Registrable domains after the list inside the library: nothing is fetched, nothing is kept on disk."""
    return tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)


def _split(url: str) -> SplitResult | None:
    # As browsers do: newlines and tabs inside don't count, nor do spaces around it.
    url = re.sub(r"[\t\r\n]", "", url).strip(
        "\x00\x01\x02\x03\x04\x05\x06\x07\x08\x0b\x0c\x0e\x0f \u00a0\ufeff"
    )
    if len(url) > 4 * LONGEST:
        return None
    try:
        parts = urlsplit(url)
        usable = parts.scheme.lower() in _DEFAULT_PORTS and parts.hostname
    except ValueError:
        return None
    return parts if usable else None


def _host(host: str) -> str:
    """The host in small ASCII letters; empty if no name server could know it."""
    host = host.lower().rstrip(".")
    if ":" in host:
        return f"[{host}]" if re.fullmatch(r"[0-9a-f:.]+", host) else ""
    if not host.isascii():
        try:
            host = idna.encode(host, uts46=True).decode("ascii")
        except idna.IDNAError:
            return ""
    return host if re.fullmatch(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*", host) and len(host) <= 253 else ""


def _escaped(text: str, allowed: str) -> str:
    """Percent-encoding in one form: only where needed, in capitals."""

    def plain_or_capital(match: re.Match[str]) -> str:
        byte = unquote_to_bytes(match[0])
        return byte.decode("ascii") if byte[0] in _UNRESERVED else match[0].upper()

    pieces = []
    position = 0
    for match in _ESCAPE.finditer(text):
        pieces += [
            quote(text[position : match.start()], safe=allowed, errors="replace"),
            plain_or_capital(match),
        ]
        position = match.end()
    return "".join([*pieces, quote(text[position:], safe=allowed, errors="replace")])


def _without_dots(path: str) -> str:
    """The path without ``.`` and ``..``."""
    kept: list[str] = []
    segments = path.split("/")
    for number, segment in enumerate(segments):
        last = number == len(segments) - 1
        if segment == "..":
            if len(kept) > 1:
                kept.pop()
            if last:
                kept.append("")
        elif segment == ".":
            if last:
                kept.append("")
        else:
            kept.append(segment)
    return "/".join(kept)


def _is_tracking(parameter: str) -> bool:
    name = parameter.split("=", 1)[0].lower()
    return name in TRACKING or name.startswith(TRACKING_FAMILIES)
