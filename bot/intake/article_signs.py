"""Signs that an address or a page is no article that can be read. Pure."""

import re
from urllib.parse import unquote, urlsplit

from bot.model import SourceKind

#: Kinds whose items point to articles. The others (models, releases, documents, papers, watched pages) bring a
#: summary of their own, made for the purpose.
_KINDS = frozenset(
    {
        SourceKind.FEED, SourceKind.RSS, SourceKind.ATOM, SourceKind.JSONFEED, SourceKind.MASTODON,
        SourceKind.BLUESKY, SourceKind.HACKERNEWS, SourceKind.REDDIT, SourceKind.SITEMAP, SourceKind.GDELT,
    }
)  # fmt: skip
#: Sites whose pages are posts, films, repositories or mere pointers, or that show nothing without a script.
_NO_ARTICLES = frozenset(
    """bsky.app x.com twitter.com t.me telegram.me facebook.com instagram.com threads.net threads.com
    linkedin.com tiktok.com youtube.com youtu.be vimeo.com bilibili.com reddit.com redd.it news.ycombinator.com
    lobste.rs news.google.com apple.news msn.com flipboard.com weibo.com weibo.cn xiaohongshu.com douyin.com discord.com
    discord.gg github.com gitee.com gitlab.com huggingface.co modelscope.cn arxiv.org
    federalregister.gov regulations.gov
    pypi.org npmjs.com docs.google.com drive.google.com""".split()  # noqa: SIM905 - one a line would be a page
)
_FILE = re.compile(
    r"\.(?:pdf|zip|t?gz|xz|7z|rar|png|jpe?g|gif|webp|svg|mp[34]|m4a|mov|webm|docx?|xlsx?|pptx?|csv|json|xml|rss|atom)$",
    re.I,
)
#: How Mastodon and its kin address a post, on whatever host.
_POST = re.compile(r"^/@[^/]+/\d+$|^/users/[^/]+/statuses/\d+$")
_GATE_HOST = re.compile(r"^(?:consent|guce|login|signin|auth|accounts?|sso|id|passport|captcha)\.")
_GATE_PATH = re.compile(
    r"/(?:consent|cookie-?consent|login|log-in|signin|sign-in|subscribe|subscription|register|paywall|captcha|cdn-cgi"
    r"|privacy-gate|zustimmung|challenge)(?:[/.]|$)",
    re.I,
)
_MISSING = re.compile(
    r"\b404\b|page (?:not found|does(?: not|n.t) exist|is(?: not|n.t) available|unavailable)|not found"
    r"|no longer available|seite nicht gefunden|page introuvable"
    r"|页面不存在|页面未找到|找不到(?:该|您)?(?:要)?.{0,6}页面"
    r"|内容不存在|文章不存在|已被删除|已删除",
    re.I,
)
_CHECKED = re.compile(
    r"^(?:just a moment|attention required|access (?:to this page has been )?denied|access denied|forbidden"
    r"|are you (?:a )?(?:robot|human)|security check|please verify|verif(?:y|ying) you are|checking your browser"
    r"|before you continue|robot check|one more step|ddos-guard|安全验证|人机验证|访问验证)",
    re.I,
)
_PAID = re.compile(
    r"subscribe (?:now )?to (?:continue|read|keep)|to continue reading|continue reading (?:this article )?(?:with|by)"
    r"|(?:article|content|story) is (?:reserved |only |available )*(?:for|to) (?:our |paying )*(?:subscribers|members)"
    r"|already a subscriber|register to read|unlock this article|付费(?:阅读|内容|后)|登录后(?:阅读|查看)|订阅后阅读"
    r"|剩余\s*\d+\s*%|成为会员.{0,6}阅读",
    re.I,
)
#: In a long text such words may stand in a box beside it.
_PAID_LOOKED_AT = 1500


class NotFound(Exception):
    """There is no article here, for the reason that is its text."""


def may_be_article(url: str, kind: SourceKind) -> bool:
    """Whether what an item of this kind of source points to can be an article that is worth asking for."""
    if kind not in _KINDS:
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    host = (parts.hostname or "").removeprefix("www.")
    if parts.scheme not in ("http", "https") or not host or (parts.path in ("", "/") and not parts.query):
        return False
    if any(host == known or host.endswith("." + known) for known in _NO_ARTICLES):
        return False
    return not _FILE.search(parts.path) and not _POST.match(parts.path)


def leads_elsewhere(asked: str, found: str) -> str:
    """Why the page at ``found`` is not the one that was asked for, "" when it may be."""
    wanted, got = urlsplit(asked), urlsplit(found)
    host, path = (got.hostname or "").lower(), unquote(got.path)
    if _GATE_HOST.search(host) or (_GATE_PATH.search(path) and not _GATE_PATH.search(unquote(wanted.path))):
        return "a consent or login page stands before it"
    old, new = _steps(wanted.path), _steps(path)
    if old and not new and not got.query:
        return "it leads to a home page"
    section = len(new) < len(old) and new == old[: len(new)]
    short = len(new) == 1 and len(old) > 1 and len(new[0]) <= 3  # a home page by language
    if (section or short) and not got.query:
        return "it leads to a page of many articles"
    return ""


def _steps(path: str) -> list[str]:
    return [step for step in path.lower().split("/") if step and not re.fullmatch(r"index\.\w+", step)]


def unreadable_title(title: str) -> str:
    """Why a page under this title has no article, "" when it may have one."""
    if _MISSING.search(title) and len(title) < 80:
        return "the page says that it is not there"
    return "a check for robots stands before it" if _CHECKED.match(title) else ""


def paid_words(text: str) -> str:
    """Why this is not the whole text, "" when it may be."""
    return "the article is for subscribers" if _PAID.search(text[-_PAID_LOOKED_AT:]) else ""
