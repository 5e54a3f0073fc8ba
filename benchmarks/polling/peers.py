"""Runs one pass of a Python peer; a script of its own, for the interpreter that has the peer installed.

python peers.py {reader,feedparser} {check,setup,pass} STATE URLS
"""

import json
import pickle
import resource
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

THREADS = 16


def reader_setup(state, urls):
    from reader import make_reader

    with make_reader(f"{state}.db") as library:
        for url in urls:
            library.add_feed(url)


def reader_pass(state, urls):
    from reader import make_reader

    with make_reader(f"{state}.db") as library:
        new = failed = 0
        for result in library.update_feeds_iter(workers=THREADS, scheduled=False):
            if isinstance(result.value, Exception):
                failed += 1
            elif result.value is not None:
                new += result.value.new
    return {"new": new, "failed": failed}


def feedparser_setup(state, urls):
    Path(f"{state}.pickle").write_bytes(pickle.dumps({url: (None, None, set()) for url in urls}))


def feedparser_pass(state, urls):
    """The script that everybody writes: validators and known ids are kept, entries are not stored."""
    import feedparser
    import requests

    path = Path(f"{state}.pickle")
    kept = pickle.loads(path.read_bytes())
    local = threading.local()

    def poll(url):
        etag, modified, known = kept[url]
        if not hasattr(local, "session"):
            local.session = requests.Session()
        headers = {}
        if etag:
            headers["If-None-Match"] = etag
        if modified:
            headers["If-Modified-Since"] = modified
        response = local.session.get(url, headers=headers, timeout=30)
        if response.status_code == 304:
            return 0
        response.raise_for_status()
        parsed = feedparser.parse(response.content, response_headers=dict(response.headers))
        ids = {entry.get("id") or entry.get("link") or entry.get("title") for entry in parsed.entries}
        kept[url] = (response.headers.get("ETag"), response.headers.get("Last-Modified"), known | ids)
        return len(ids - known)

    failed = new = 0
    with ThreadPoolExecutor(THREADS) as pool:
        for future in [pool.submit(poll, url) for url in urls]:
            try:
                new += future.result()
            except Exception as exc:
                failed += 1
                print(f"{type(exc).__name__}: {exc}", file=sys.stderr)
    path.write_bytes(pickle.dumps(kept))
    return {"new": new, "failed": failed}


def cpu_s():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def main():
    peer, action, *rest = sys.argv[1:]
    if action == "check":
        module = __import__(peer)
        __import__("requests")
        if peer == "reader":  # its parsers are loaded late, and one needs a package that it does not name
            module.make_reader(":memory:").add_feed("http://127.0.0.1/")
        print(json.dumps({"version": module.__version__}))
        return
    state, urls = rest[0], Path(rest[1]).read_text().split()
    __import__(peer)
    wall, cpu = time.monotonic(), cpu_s()
    told = globals()[f"{peer}_{action}"](state, urls) or {}
    print(json.dumps({**told, "pass_wall_s": time.monotonic() - wall, "pass_cpu_s": cpu_s() - cpu}))


if __name__ == "__main__":
    main()
