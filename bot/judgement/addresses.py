"""One form for all the addresses of one article: no tracking, mirrors, mobile or AMP forms, redirectors.

Never asks the network: a short link stays what it is. Pure, idempotent, never raises.
"""

import re
from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

#: Parameters that say how a reader came, never which article it is.
_TRACKING = frozenset(
    """fbclid gclid dclid gbraid wbraid msclkid yclid igshid igsh twclid ttclid li_fat_id mkt_tok _hsenc _hsmi
    taid tsrc .tsrc spm spm_id_from vd_source from from_source from_wecom share share_token share_source scene subscene
    sharer_shareid sharer_shareinfo clicktime enterid chksm ref ref_src ref_url refer referer referrer reflink referral
    source src __source xtor cmp cmpid campaign campaign_id n_cid ncid ocid cvid sref srnd leadsource td rc st mod
    module pgtype smid smtyp emc edition-redirect outputtype amp amp_js_v usqp guccounter guce_referrer
    guce_referrer_sig qsearchterm order_by __twitter_impression feature si via wprov cid icid rss feed at_medium
    at_campaign oc hl gl ceid
    sfnsn accessid accesstoken isappinstalled app gaa_at gaa_n gaa_ts gaa_sig unlocked_article_code sh sharetype
    timestamp_ms xid partner trk trackingid utm user_id mc_cid mc_eid embedded-checkout""".split()  # noqa: SIM905 - one name a line would be two pages
)
_TRACKING_PREFIX = (
    "utm_", "pk_", "mtm_", "piwik_", "matomo_", "hsa_", "wt_", "ic_", "itm_", "ga_", "at_", "vero_", "_ga",
    "utm-", "zhida_", "dicbo", "__cft__", "rss_",
)  # fmt: skip
#: Parameters that may name the article even where the path seems to.
_IDENTITY = frozenset(
    """id p aid article articleid article_id doc docid uri url v idx mid sn __biz newsid news_id itemid item_id story
    number no num tid pid cid topic q query post postid rid rrid filename file accession""".split()  # noqa: SIM905
)
# A slug of words, a long number or a hash: what follows the "?" then only says how the page is shown.
_NAMES_ARTICLE = re.compile(r"/[^/]*(?:\d{5,}|[a-z]\w*(?:[-_]\w+){2,}|[0-9a-f]{7,40})[^/]*$", re.I)
# One- and two-letter parameters are tracking ("s=20", "r=2") unless their value is longer than a mark.
_SHORT_MARKS = frozenset(("s", "r", "w", "t", "pd", "fr", "ss", "f", "source"))

#: Hosts whose address holds another: path prefix -> names of the parameter. No others are followed: at an unknown host
#: the address inside proves nothing of where a reader is led.
_REDIRECTORS: dict[str, tuple[str, tuple[str, ...]]] = {
    "google.com": ("/url", ("url", "q")),
    "news.google.com": ("/news/url", ("url", "q")),
    "l.facebook.com": ("/l.php", ("u",)),
    "lm.facebook.com": ("/l.php", ("u",)),
    "l.instagram.com": ("", ("u",)),
    "t.umblr.com": ("/redirect", ("z",)),
    "out.reddit.com": ("", ("url",)),
    "t.cn": ("", ("u",)),
    "link.zhihu.com": ("", ("target",)),
    "link.juejin.cn": ("", ("target",)),
    "link.csdn.net": ("", ("target",)),
    "jianshu.com": ("/go-wild", ("url",)),
    "link.jianshu.com": ("", ("t",)),
    "weibo.cn": ("/sinaurl", ("u",)),
    "passport.weibo.com": ("", ("url",)),
    "c.pc.qq.com": ("", ("pfurl", "url")),
    "douban.com": ("/link2", ("url",)),
    "oschina.net": ("/action/gotolink", ("url",)),
    "bing.com": ("/news/apiclick.aspx", ("url",)),
    "duckduckgo.com": ("/l", ("uddg",)),
    "youtube.com": ("/redirect", ("q",)),
    "linkedin.com": ("/redir", ("url",)),
    "slack-redir.net": ("/link", ("url",)),
    "away.vk.com": ("", ("to",)),
    "vk.com": ("/away.php", ("to",)),
    "medium.com": ("/r/", ("url",)),
    "steamcommunity.com": ("/linkfilter", ("u", "url")),
    "exit.sc": ("", ("url",)),
    "safelinks.protection.outlook.com": ("", ("url",)),
    "urldefense.proofpoint.com": ("", ("u",)),
}
_YAHOO_TARGET = re.compile(r"/RU=([^/]+)/")
_AMP_CACHE = re.compile(r"^/(?:[a-rt-z]/)?(s/)?([^/]+\.[^/]+)(/.*)?$")
_HOST_IN_PATH = re.compile(r"^/(?:feed|rss)/((?:[a-z0-9-]+\.)+[a-z]{2,})(/.*)$")
_MOBILE = re.compile(
    r"^(?:m|mobile|wap|3g|touch|amp|www|www\d)\.(?=[^.]+\.[^.])|(?<=\.)m\.(?=wikipedia\.org$)"
)
_INDEX = re.compile(r"/(?:index|default)\.(?:html?|php|aspx?|jsp|shtml)$", re.I)
_AMP_END = re.compile(r"(?:/amp|/amp\.html?|\.amp)/?$", re.I)
_SLASHES = re.compile(r"/{2,}")
_ESCAPE = re.compile(r"%([0-9a-fA-F]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_MACHINE = re.compile(r"[\d.]+|\[?[\da-f:]+\]?")
_PORTS = {"http": 80, "https": 443}
#: Nearly every address: no port, user or odd character. Cut by this at a third of what ``urlsplit`` takes.
_SIMPLE = re.compile(
    r"(https?)://([A-Za-z0-9.-]+)(/[\x21\x22\x24-\x3e\x40-\x7e]*)?(?:\?([\x21\x22\x24-\x7e]*))?(?:#([\x21-\x7e]*))?"
)
# On pages that list many entries the fragment names the entry: dropping it would make one item of all.
_MANY_ENTRIES = re.compile(
    r"/(?:updates?|change-?logs?|release-?notes|releases|news|whats-?new|history)/?$", re.I
)
_ENTRY = re.compile(r"[\w.-]*\d[\w.-]*")


def canonical_url(url: str) -> str:
    """The form under which an article is compared and shown. What is no web address is given back stripped."""
    text = re.sub(r"[\s\x00-\x1f]+", "", url) if not url.isprintable() else url.strip()
    while True:
        try:
            result, target = _once(text)
        except ValueError:  # urlsplit and IDNA refuse what nobody could open either
            return text
        # What an address holds is shorter than the address, so this ends.
        if target is None or len(target) >= len(text):
            return result
        text = target


def host_of(url: str) -> str:
    """The host of an address in lower case without port, "" when there is none."""
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""


def is_machine(host: str) -> bool:
    """Whether a host is an IP address or a name without a domain: a machine, which is nobody's name."""
    return "." not in host or _MACHINE.fullmatch(host) is not None


def is_inside(host: str) -> bool:
    """Whether a host is of this machine or of a private network, by its spelling."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host.strip("[]")).is_private
    except ValueError:
        return False


def host_and_path(url: str) -> tuple[str, str]:
    """The host of a web address in lower case without port, and its path; the host is "" when there is none."""
    simple = _SIMPLE.fullmatch(url)
    if simple is not None:
        return simple[2].lower().rstrip("."), simple[3] or ""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        return "", ""
    return (host if parts.scheme in _PORTS else ""), parts.path


def _once(url: str) -> tuple[str, str | None]:
    """The canonical form, or the address that ``url`` only leads to."""
    simple = _SIMPLE.fullmatch(url)
    if simple is not None:
        scheme, name, raw_path, raw_query, raw_fragment = simple.groups("")
        port = ""
    else:
        parts = urlsplit(url)
        scheme, name = parts.scheme.lower(), parts.hostname or ""
        raw_path, raw_query, raw_fragment = parts.path, parts.query, parts.fragment
        if scheme not in _PORTS or not name:
            return url, None
        port = "" if parts.port in (None, _PORTS[scheme]) else f":{parts.port}"
    host = _host(name)
    target = _target(host, raw_path, raw_query)
    if target is not None:
        return url, target
    path = _path(raw_path)
    query = _query(raw_query, host, named=bool(raw_query) and _NAMES_ARTICLE.search(path) is not None)
    fragment = _fragment(raw_fragment, path)
    return f"{scheme}://{host}{port}{path}{query}{fragment}", None


@lru_cache(maxsize=4096)  # the same hosts come again and again
def _host(host: str) -> str:
    host = host.lower().rstrip(".")
    if not host.isascii():
        host = host.encode("idna").decode("ascii")
    if ":" in host:
        return f"[{host}]"
    previous = ""
    while previous != host:
        previous, host = host, _MOBILE.sub("", host, count=1)
    return "reddit.com" if host in ("old.reddit.com", "np.reddit.com", "new.reddit.com") else host


def _target(host: str, path: str, query: str) -> str | None:
    if host == "r.search.yahoo.com":
        found = _YAHOO_TARGET.search(path)
        return _web(unquote(found[1])) if found else None
    if host.endswith("ampproject.org") or (host == "google.com" and path.startswith("/amp/")):
        found = _AMP_CACHE.match(path.removeprefix("/amp") if host == "google.com" else path)
        if found:
            scheme = "https" if found[1] else "http"
            return f"{scheme}://{found[2]}{found[3] or ''}" + (f"?{query}" if query else "")
    in_path = _HOST_IN_PATH.match(path)
    if in_path and in_path[1].split(".")[-2:] == host.split(".")[-2:]:
        return f"https://{in_path[1]}{in_path[2]}" + (f"?{query}" if query else "")
    if not query or "=" not in query:
        return None
    prefix, names = _REDIRECTORS.get(host, (None, ()))
    if host.endswith(".safelinks.protection.outlook.com"):
        prefix, names = _REDIRECTORS["safelinks.protection.outlook.com"]
    if prefix is None or not path.lower().startswith(prefix):
        return None
    values = dict(parse_qsl(query))
    return next((web for name in names if (web := _web(values.get(name, "")))), None)


def _web(value: str) -> str | None:
    return value if re.match(r"https?://[^/\s]+\.[^/\s]", value) else None


def _path(path: str) -> str:
    if not path.isascii() or " " in path:
        path = quote(path, safe="/%:@!$&'()*+,;=~-._")
    if "%" in path:
        path = _ESCAPE.sub(_normal_escape, path)
    if "//" in path:
        path = _SLASHES.sub("/", path)
    if path.startswith("/amp/"):
        path = path[4:]
    previous = None
    while previous != path:
        previous = path
        path = _INDEX.sub("/", _AMP_END.sub("", path)).rstrip("/")
    return path


def _normal_escape(found: re.Match[str]) -> str:
    character = chr(int(found[1], 16))
    return character if character in _UNRESERVED else f"%{found[1].upper()}"


def _query(query: str, host: str, *, named: bool) -> str:
    if not query or host == "news.google.com":
        return ""
    kept = [
        (name, value)
        for name, value in parse_qsl(query, keep_blank_values=True)
        if not _is_tracking(name.lower(), value) and (not named or name.lower() in _IDENTITY)
    ]
    return "?" + urlencode(sorted(kept)) if kept else ""


def _is_tracking(name: str, value: str) -> bool:
    if name in _TRACKING or name.startswith(_TRACKING_PREFIX):
        return True
    return (name in _SHORT_MARKS and (len(value) <= 3 or name == "source")) or name == ""


def _fragment(fragment: str, path: str) -> str:
    if not fragment:
        return ""
    if fragment.startswith(("!/", "/")):  # the route of a one-page site
        return f"#{fragment}"
    if _MANY_ENTRIES.search(path) and _ENTRY.fullmatch(fragment) and not fragment.startswith("comment"):
        return f"#{fragment}"
    return ""
