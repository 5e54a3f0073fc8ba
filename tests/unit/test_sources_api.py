"""One adapter per kind, against recorded, documented and constructed answers."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.errors import ParseFailed
from bot.intake.sources.gdelt import joined
from bot.intake.sources.registry import request_for
from bot.model import RawItem, SourceKind
from tests.paths import DATA
from tests.unit.reading import a_source, read, rss

API = DATA / "api"


def items(kind: str, file: str) -> tuple[RawItem, ...]:
    return read(API / kind / file, kind).items


@pytest.mark.parametrize(
    ("kind", "file", "count"),
    [
        ("mastodon", "constructed_tag_deepseek.json", 3),
        ("mastodon", "timeline_tag.json", 1),
        ("mastodon", "account_statuses_pinned.json", 1),
        ("mastodon", "account_statuses.json", 2),
        ("mastodon", "status_with_card.json", 1),
        ("huggingface", "constructed_models_author.json", 6),
        ("huggingface", "constructed_model_detail.json", 1),
        ("huggingface", "constructed_model_detail_odd.json", 1),
        ("github", "releases.json", 1),
        ("github", "release_recorded.json", 1),
        ("github", "tags.json", 1),
        ("github", "org_repos.json", 1),
        ("github", "repository_recorded.json", 1),
        ("github", "commits.atom", 3),
        ("github", "commits.json", 1),
        ("federalregister", "constructed_documents_bis.json", 4),
        ("federalregister", "constructed_document_full.json", 1),
        ("federalregister", "constructed_documents_empty.json", 0),
        ("hackernews", "constructed_search_by_date.json", 4),
        ("bluesky", "constructed_searchPosts.json", 3),
        ("gdelt", "constructed_artlist.json", 4),
        ("gdelt", "constructed_empty.json", 0),
        ("arxiv", "id_list.atom", 1),
        ("arxiv", "old_style_id.atom", 1),
        ("reddit", "subreddit_one_entry.xml", 1),
        ("reddit", "reddit_comments.xml", 1),
        ("sitemap", "sitemap-news.xml", 2),
        ("sitemap", "shinpaideshou-news-sitemap.xml", 3),
        ("sitemap", "sitemap.txt", 2),
        ("sitemap", "sitemap.badns.xml", 2),
        ("sitemap", "sitemap.xml.gz", 5),
        ("sitemap", "bad-tag-sitemap.xml", 7),
        ("sitemap", "sitemap.index.xml", 0),
    ],
)
def test_an_answer_is_read(kind: str, file: str, count: int) -> None:
    found = read(API / kind / file, kind)
    assert len(found.items) == count
    assert all(item.title and item.external_id for item in found.items)


@pytest.mark.parametrize(
    ("kind", "file", "reason"),
    [
        ("mastodon", "trends_tags.json", "nothing of it"),
        ("huggingface", "constructed_error_401.json", "Invalid username"),
        ("github", "constructed_error_rate_limit.json", "rate limit exceeded"),
        ("github", "organization_recorded.json", "nothing of it"),
        ("federalregister", "constructed_error_400.json", "x-bureau"),
        ("bluesky", "constructed_error_403.json", "Forbidden"),
        ("gdelt", "constructed_error.txt", "too short or too long"),
        ("gdelt", "constructed_error_429.txt", "limit requests"),
    ],
)
def test_an_error_answer_is_told_in_its_own_words(kind: str, file: str, reason: str) -> None:
    with pytest.raises(ParseFailed, match=reason):
        read(API / kind / file, kind)


JSON_KINDS = ["mastodon", "huggingface", "github", "federalregister", "hackernews", "bluesky", "gdelt"]


@pytest.mark.parametrize("kind", JSON_KINDS)
@pytest.mark.parametrize(
    "body", ["<html>down for maintenance</html>", "", "null", "3", '"x"', '{"a": ', "[1, null, []]"]
)
def test_what_is_no_answer_is_refused(kind: str, body: str) -> None:
    with pytest.raises(ParseFailed):
        read(body, kind)


@pytest.mark.parametrize("kind", ["arxiv", "reddit", "sitemap"])
@pytest.mark.parametrize("body", ["<html>down</html>", "", "{}", "<a><b/></a>"])
def test_what_is_no_document_is_refused(kind: str, body: str) -> None:
    with pytest.raises(ParseFailed):
        read(body, kind)


def test_mastodon_a_boost_is_the_original_and_its_card_the_address() -> None:
    item = items("mastodon", "constructed_tag_deepseek.json")[0]
    assert item.external_id == "https://mastodon.example/users/mlwatch/statuses/115602000000000003"
    assert item.url == "https://huggingface.co/deepseek-ai/DeepSeek-V4-Pro"
    assert (item.author, item.publisher, item.language) == ("mlwatch", "Mastodon", "en")
    assert item.title == "Weights are up: #DeepSeek"
    assert "We are on a journey" in item.summary
    assert item.published == datetime(2026, 4, 24, 3, 10, tzinfo=UTC)


def a_status(**given: Any) -> dict[str, Any]:
    return {
        "uri": "https://m.example/users/a/statuses/1", "url": "https://m.example/@a/1", "content": "<p>Text.</p>",
        "visibility": "public", "created_at": "2026-04-24T05:00:00.000Z", "account": {"acct": "a"}, **given,
    }  # fmt: skip


MENTION = '<a href="https://other.example/@b" class="u-url mention">@b</a>'
HASHTAG = '<a href="https://m.example/tags/x" class="mention hashtag" rel="tag">#x</a>'
ARTICLE = '<a href="https://news.example/1">news.example/1</a>'


@pytest.mark.parametrize(
    ("content", "url"),
    [
        (f"<p>Read {ARTICLE} {MENTION} {HASHTAG}</p>", "https://news.example/1"),
        (f'<p>Two: {ARTICLE} <a href="https://news.example/2">x</a></p>', "https://m.example/@a/1"),
        (f"<p>None: {MENTION} {HASHTAG}</p>", "https://m.example/@a/1"),
        ('<p>Bad <a href="javascript:alert(1)">x</a></p>', "https://m.example/@a/1"),
    ],
    ids=["one-article", "two-articles", "people-and-tags", "no-address"],
)
def test_mastodon_the_only_article_becomes_the_address(content: str, url: str) -> None:
    assert read(json.dumps([a_status(content=content)]), "mastodon").items[0].url == url


def test_mastodon_leaves_out_what_is_not_public_or_says_nothing() -> None:
    statuses = [
        a_status(visibility="private"),
        a_status(content="<p></p>"),
        a_status(uri="https://m.example/2"),
    ]
    assert [item.external_id for item in read(json.dumps(statuses), "mastodon").items] == [
        "https://m.example/2"
    ]


def test_one_bad_entry_does_not_spoil_the_others() -> None:
    found = read(json.dumps([a_status(), {"no": "status"}, 5]), "mastodon")
    assert len(found.items) == 1
    assert found.problems == ("entry 2 cannot be read: no 'content'", "entry 3 is not an object")


def test_huggingface_a_model_is_told_with_its_licence() -> None:
    item = items("huggingface", "constructed_models_author.json")[0]
    assert item.external_id == "deepseek-ai/DeepSeek-V4-Pro@5f0c1f6d2c6f0a7f1c1d8a55b1ddcf7c0a2f9e11"
    assert item.title == "deepseek-ai/DeepSeek-V4-Pro"
    assert "License: mit;" in item.summary
    assert item.url == "https://huggingface.co/deepseek-ai/DeepSeek-V4-Pro"
    assert (item.publisher, item.author) == ("Hugging Face", "deepseek-ai")
    assert item.published == datetime(2026, 4, 24, 4, 2, 11, tzinfo=UTC)


def test_huggingface_odd_cards_are_read() -> None:
    item = items("huggingface", "constructed_model_detail_odd.json")[0]
    assert item.title == "org/odd"
    assert "License: mit, cc0-1.0" in item.summary


def test_github_titles_name_the_repository() -> None:
    assert items("github", "releases.json")[0].title == "octocat/Hello-World v1.0.0"
    assert items("github", "tags.json")[0].title == "octocat/Hello-World tag v0.1"
    assert items("github", "commits.json")[0].title == "octocat/Hello-World: Fix all the bugs"
    assert items("github", "org_repos.json")[0].title.startswith("New repository octocat/Hello-World")
    atom = read(
        DATA / "feeds" / "rss-parser-gulp-atom.atom",
        "github",
        url="https://github.com/gulpjs/gulp/releases.atom",
    )
    assert atom.items[0].title == "gulpjs/gulp v3.9.0"
    assert (atom.items[0].publisher, atom.items[0].author) == ("GitHub", "gulpjs")


def test_github_leaves_drafts_out() -> None:
    release = json.loads((API / "github" / "releases.json").read_text())[0]
    assert read(json.dumps([{**release, "draft": True}]), "github").items == ()
    assert (
        read(json.dumps([{**release, "prerelease": True}]), "github").items[0].title.endswith("(pre-release)")
    )


def test_federalregister_facts_stand_in_the_summary() -> None:
    item = items("federalregister", "constructed_document_full.json")[0]
    assert item.external_id == "2025-00636"
    assert item.author == "Commerce Department, Industry and Security Bureau"
    assert "Interim final rule" in item.summary
    assert "Effective 2025-01-13" in item.summary
    assert "250107-0007" in item.summary
    assert item.published == datetime(2025, 1, 15, tzinfo=UTC)


def test_hackernews_tells_the_story_by_its_link_and_talk_by_its_own() -> None:
    story, ask, comment, *_ = items("hackernews", "constructed_search_by_date.json")
    assert story.url == "https://huggingface.co/deepseek-ai/DeepSeek-V4-Pro"
    assert ask.url == "https://news.ycombinator.com/item?id=47879500"
    assert ask.summary == "Has anyone measured it & can share? Links welcome"
    assert comment.summary.startswith("Comment on “DeepSeek V4 released”")


def test_bluesky_takes_the_article_and_the_earlier_time() -> None:
    carded, plain, _ = items("bluesky", "constructed_searchPosts.json")
    assert carded.url.startswith("https://www.federalregister.gov/documents/2025/01/16/2025-00711/")
    assert carded.published == datetime(2026, 4, 24, 8, 0, tzinfo=UTC)
    assert plain.url == "https://bsky.app/profile/leakwatch.example.org/post/3mk2bbbbbbb2b"
    assert (plain.title, plain.language) == ("华为昇腾 950 的推理跑分泄露，未经证实", "zh")


def test_bluesky_leaves_out_what_moderation_hides() -> None:
    post = {"uri": "at://d/app.bsky.feed.post/1", "record": {"text": "x y z"}, "labels": [{"val": "spam"}]}
    assert read(json.dumps({"posts": [post]}), "bluesky").items == ()


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("华为 昇腾 950 跑 分 曝光", "华为昇腾950跑分曝光"),
        ("EU Chips Act 2 . 0 : Brüssel", "EU Chips Act 2.0: Brüssel"),
        ("Nvidia ' s $ 5 . 7 billion ( chip ) deal , again ?", "Nvidia's $5.7 billion (chip) deal, again?"),
        ("Plain title", "Plain title"),
    ],
)
def test_gdelt_titles_are_joined(title: str, expected: str) -> None:
    assert joined(title) == expected


def test_gdelt_names_the_outlet() -> None:
    item = items("gdelt", "constructed_artlist.json")[1]
    assert (item.publisher, item.language, item.title) == ("example.cn", "zh", "华为昇腾950跑分曝光")


def test_arxiv_an_error_is_told() -> None:
    body = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>http://arxiv.org/api/errors#x</id><title>Error</title>'
        "<summary>incorrect id format for 12</summary></entry></feed>"
    )
    with pytest.raises(ParseFailed, match="incorrect id format"):
        read(body, "arxiv")


def test_arxiv_a_later_version_is_dated_by_its_change() -> None:
    body = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry>'
        "<id>http://arxiv.org/abs/2401.00001v3</id><title>A\n  B</title>"
        "<published>2024-01-01T00:00:00Z</published><updated>2026-01-01T00:00:00Z</updated>"
        '<link href="http://arxiv.org/abs/2401.00001v3" rel="alternate"/></entry></feed>'
    )
    item = read(body, "arxiv").items[0]
    assert (item.title, item.url) == ("A B", "https://arxiv.org/abs/2401.00001v3")
    assert item.published == datetime(2026, 1, 1, tzinfo=UTC)


def test_reddit_a_link_post_has_the_linked_address() -> None:
    content = (
        '<div><p>text</p></div> submitted by <a href="https://www.reddit.com/user/a"> /u/a </a> '
        '<a href="https://news.example/?a=1&amp;b=2">[link]</a> <a href="https://www.reddit.com/r/x/comments/1/">[comments]</a>'
    )
    body = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>t3_1</id><title>T</title><author><name>/u/a</name></author>'
        f'<content type="html"><![CDATA[{content}]]></content>'
        '<link href="https://www.reddit.com/r/x/comments/1/"/></entry></feed>'
    )
    item = read(body, "reddit").items[0]
    assert item.url == "https://news.example/?a=1&b=2"
    assert (item.author, item.summary) == ("a", "text")
    own = read(
        body.replace("https://news.example/?a=1&amp;b=2", "https://www.reddit.com/r/x/comments/1/"), "reddit"
    )
    assert own.items[0].url == "https://www.reddit.com/r/x/comments/1/"


@pytest.mark.parametrize(
    ("kind", "address", "asked"),
    [
        ("github", "https://github.com/vllm-project/vllm", "https://github.com/vllm-project/vllm/releases.atom"),
        ("github", "https://github.com/a/b/commits/main/", "https://github.com/a/b/commits/main.atom"),
        ("github", "https://github.com/a/b/commits/main/csrc/ascend kernels",
         "https://github.com/a/b/commits/main/csrc/ascend%20kernels.atom"),
        ("github", "https://github.com/a/b/commits/main#words=ascend,910c", "https://github.com/a/b/commits/main.atom"),
        ("github", "https://api.github.com/repos/a/b/commits?path=csrc#words=x",
         "https://api.github.com/repos/a/b/commits?path=csrc"),
        ("github", "https://github.com/a/b/tags.atom", "https://github.com/a/b/tags.atom"),
        ("github", "https://github.com/deepseek-ai",
         "https://api.github.com/users/deepseek-ai/repos?sort=created&direction=desc&per_page=30"),
        ("github", "https://api.github.com/repos/a/b/releases", "https://api.github.com/repos/a/b/releases"),
        ("huggingface", "https://huggingface.co/deepseek-ai",
         "https://huggingface.co/api/models?author=deepseek-ai&sort=lastModified&direction=-1&limit=50&full=true"),
        ("huggingface", "https://huggingface.co/a/b", "https://huggingface.co/api/models/a/b"),
        ("huggingface", "https://huggingface.co/api/models?author=x", "https://huggingface.co/api/models?author=x"),
        ("mastodon", "https://m.example/tags/deepseek", "https://m.example/api/v1/timelines/tag/deepseek?limit=40"),
        ("mastodon", "https://m.example/@deepseek", "https://m.example/api/v1/accounts/lookup?acct=deepseek"),
        ("mastodon", "https://m.example/@a@b.example", "https://m.example/api/v1/accounts/lookup?acct=a@b.example"),
        ("mastodon", "https://m.example/@deepseek.rss", "https://m.example/@deepseek.rss"),
        ("reddit", "https://www.reddit.com/r/LocalLLaMA", "https://www.reddit.com/r/LocalLLaMA/new/.rss"),
        ("arxiv", "https://arxiv.org/list/cs.AR/recent", "https://export.arxiv.org/api/query?search_query=cat:cs.AR"
         "&sortBy=submittedDate&sortOrder=descending&max_results=50"),
        ("bluesky", "https://bsky.app/search?q=deepseek+v4",
         "https://api.bsky.app/xrpc/app.bsky.feed.searchPosts?q=deepseek+v4&sort=latest&limit=50"),
        ("hackernews", "https://hn.algolia.com/?q=a+b",
         "https://hn.algolia.com/api/v1/search_by_date?tags=story&query=a+b&hitsPerPage=50"),
        ("page", "https://x.example/a#css=main", "https://x.example/a"),
        ("feed", "http://127.0.0.1:8000/f.xml", "http://127.0.0.1:8000/f.xml"),
    ],
)  # fmt: skip
def test_friendly_addresses_become_those_of_the_api(kind: str, address: str, asked: str) -> None:
    url, accept = request_for(a_source(kind, url=address))
    assert url == asked
    assert accept


@pytest.mark.parametrize("kind", list(SourceKind))
def test_every_kind_passes_a_loopback_address_through(kind: SourceKind) -> None:
    address = "http://127.0.0.1:8000/x?y=1"
    assert request_for(a_source(kind, url=address))[0] == address


def test_github_keeps_commits_that_say_one_of_the_words() -> None:
    def titles(words: str) -> list[str]:
        address = f"https://github.com/cantino/huginn/commits/master#words={words}"
        return [item.title for item in read(API / "github" / "commits.atom", "github", address=address).items]

    assert titles("imap_use_uid") == ["cantino/huginn: Merge pull request #398 from knu/imap_use_uid"]
    assert titles("IMAPFolderAgent,nothing") == titles("imap_use_uid"), "said below the first line"
    assert titles("migration") == [
        "cantino/huginn: Merge pull request #402 from albertsun/safer-liquid-migration",
        "cantino/huginn: inline models into migration",
    ]
    assert titles("migr") == [], "no whole word"


def test_github_words_hold_for_the_api_too_and_chinese_has_no_borders() -> None:
    commits = json.loads((API / "github" / "commits.json").read_text())
    commits[0]["commit"]["message"] = "Tune kernels\n\n支持昇腾910C推理"
    found = {
        words: len(
            read(json.dumps(commits), "github", address=f"https://api.github.com/x#words={words}").items
        )
        for words in ("昇腾", "910c", "910", "bugs", "tune,x")
    }
    assert found == {"昇腾": 1, "910c": 1, "910": 0, "bugs": 0, "tune,x": 1}
    with pytest.raises(ParseFailed, match="names no word"):
        read(json.dumps(commits), "github", address="https://api.github.com/x#words=,")


def test_github_a_recorded_repository_is_a_new_one() -> None:
    repository = json.loads((API / "github" / "repository_recorded.json").read_text())
    item = read(json.dumps([repository]), "github").items[0]
    assert item.title.startswith("New repository octokit-fixture-org/")


def test_bluesky_a_recorded_post_is_read() -> None:
    thread = json.loads((API / "bluesky" / "getPostThread_recorded.json").read_text())
    post = thread["thread"]["post"]
    assert read(json.dumps({"posts": [post]}), "bluesky").items == (), "a picture without words"
    post["record"]["text"] = "Look at this"
    (item,) = read(json.dumps({"posts": [post]}), "bluesky").items
    assert item.external_id == post["uri"]
    assert item.url == "https://bsky.app/profile/test.marshal.dev/post/3kaheyt6vpc22"
    assert item.published == datetime(2023, 9, 28, 12, 49, 36, 735000, tzinfo=UTC)
    post["record"]["embed"]["media"] = {"external": {"uri": "https://news.example/1", "title": "V4"}}
    (carded,) = read(json.dumps({"posts": [post]}), "bluesky").items
    assert carded.url == "https://news.example/1", "the card of a post that also quotes"


def test_mastodon_an_account_leads_to_its_timeline() -> None:
    account = json.loads((API / "mastodon" / "account_statuses.json").read_text())[0]["account"]
    found = read(json.dumps(account), "mastodon", url="https://m.example/api/v1/accounts/lookup?acct=a")
    timeline = f"https://m.example/api/v1/accounts/{account['id']}/statuses?limit=40&exclude_replies=true"
    assert (found.items, found.follow, found.memo, found.ask_whole) == ((), (timeline,), account["id"], True)
    source = a_source("mastodon", url="https://m.example/@a")
    assert request_for(source, account["id"])[0] == timeline
    assert request_for(source, "../../evil")[0].endswith("lookup?acct=a")
    assert request_for(a_source("mastodon", url="https://m.example/tags/x"), "5")[0].endswith(
        "/tag/x?limit=40"
    )


def test_mastodon_an_account_whose_number_is_none_is_refused() -> None:
    for account in ({"acct": "a", "id": "../evil"}, {"acct": "a"}):
        with pytest.raises(ParseFailed):
            read(json.dumps(account), "mastodon")


def test_mastodon_the_instances_own_feed_is_read() -> None:
    item = read(rss("<title>Hello</title><link>https://m.example/@a/1</link>"), "mastodon").items[0]
    assert (item.title, item.publisher) == ("Hello", "Mastodon")
