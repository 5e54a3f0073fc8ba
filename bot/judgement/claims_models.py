"""Names of models as patterns over folded text, each with how it is written; columns as in ``claims_lexicon``."""

import re

from bot.judgement.claims_lexicon import LEFT, RIGHT, Build, says


def _deepseek(match: re.Match[str]) -> str:
    return f"DeepSeek {match[1].upper()}" + "".join(f" {word}" for word in _variants(match[2]))


def _variants(told: str) -> list[str]:
    """The words of "-flash-mini" as they are written."""
    return [_cased(word) for word in re.findall(r"[a-z\d]+", told)]


def _gpt(match: re.Match[str]) -> str:
    return f"GPT-{match[1]}" + (f" {match[2]}" if match[2] else "")


def _sized(family: str, *, joint: str = " ") -> Build:
    """``family`` and the version that the first group found, with what else the groups found after it."""

    def build(match: re.Match[str]) -> str:
        rest = " ".join(_cased(group) for group in match.groups()[1:] if group)
        return f"{family}{joint}{match[1].upper()}" + (f" {rest}" if rest else "")

    return build


def _cased(word: str) -> str:
    return word.upper() if re.search(r"\d", word) or word in ("vl", "ocr") else word.capitalize()


def _hyphened(family: str) -> Build:
    return lambda match: "-".join([f"{family}{match[1].upper()}", *_variants(match[2])])


def _spaced(family: str) -> Build:
    return lambda match: " ".join([f"{family}{match[1].upper()}", *_variants(match[2])])


#: What follows a version and is a part of the name; behind a hyphen also words that else speak of something else.
_WITH_SPACE = (
    r"pro|flash|lite|ultra|mini|nano|speciale|terminus|vision|omni|coder|vl|thinking|plus|turbo|air"
    r"|prover|distill"
)

_WITH_HYPHEN = (
    rf"{_WITH_SPACE}|exp|max|next|math|micro|pico|tiny|small|medium|large|edge|light|fast|instant|reasoner|code|ocr"
    r"|agent|swift|super|zero|neo|prime|audio|voice|image|video|search|heavy|deep|s|xl|xs"
)
_VARIANT = (
    rf"((?:(?:[\s-]?[\"“]?(?:{_WITH_SPACE})|-(?:{_WITH_HYPHEN})"
    r"|-(?:qwen|llama)-\d+b)(?![a-z]|-[a-z]*bench))*)"
    # How hard it thinks is no part of its name: "V4-Pro max".
    r"(?:(?<=pro|ash) max(?![a-z]))?"
)
_SIZED_VARIANT = (
    rf"((?:[\s-](?:{_WITH_SPACE}|\d+b(?:-a\d+b)?|max|next)(?![a-z\d])|-(?:{_WITH_HYPHEN})(?![a-z]))*)"
)
#: A name that is also a word is a model's where a benchmark follows.
_SCORED = r"(?=[^。]*(?:bench|aime|gpqa|mmlu|hle|index))"
#: So it is where its score follows: "On AIME 2027 Step-4 gets 93.3".
_SCORED_NEAR = (
    rf"(?:{_SCORED}|(?= (?:gets|scores|reaches|hits|takes|posts|manages|has) \d\d)"
    r"|(?=(?:得分|拿下|取得|获得|达到?)\s?\d\d))"
)
MODELS: tuple[tuple[str, str, str, Build], ...] = (
    # V4家族旗舰Ultra版
    ("家族 系列",
     rf"{LEFT}(?:deepseek[\s-]?)?(v[345](?:\.\d)?)(?:家族|系列)[\u4e00-\u9fff]{{0,4}}(pro|flash|ultra|mini|lite|max)版",
     "model", lambda m: f"DeepSeek {m[1].upper()} {m[2].capitalize()}"),
    ("deepseek 深度求索",
     rf"(?:深度求索|deepseek)[\s-]?(v\d(?:\.\d)?|r\d){_VARIANT}(?:-\d{{4}})?{RIGHT}", "model", _deepseek),
    ("ocr prover math coder",
     rf"{LEFT}deepseek(?:'s)?[\s-]?(?:[^\d。，,.;:：\n]{{1,14}}?(?<![a-z-]))?"
     rf"(math|prover|coder|ocr)[\s-]?(v?\d(?:\.\d)?){RIGHT}", "model",
     lambda m: f"DeepSeek-{m[1].upper() if m[1] == 'ocr' else m[1].title()}-{m[2].upper()}"),
    ("v3 v4 v5 r1 r2", rf"{LEFT}(?<![a-z]-)(v[345](?:\.\d)?|r[12]){_VARIANT}(?:-\d{{4}})?{RIGHT}", "model", _deepseek),
    ("opus sonnet haiku", rf"{LEFT}(?:claude[\s-]?)?(opus|sonnet"
     rf"|haiku)[\s-]?(\d(?:\.\d)?){RIGHT}", "model", lambda m: f"Claude {m[1].title()} {m[2]}"),
    ("gpt", rf"{LEFT}gpt[\s-]?(\d(?:\.\d)?)(?:[\s-](mini|nano|pro|codex))?{RIGHT}", "model", _gpt),
    ("gpt-oss", rf"{LEFT}gpt-oss-([2-9]){RIGHT}(?!-\d|\s\d+b)", "model", lambda m: f"gpt-oss-{m[1]}"),
    ("gpt-oss", rf"{LEFT}gpt-oss[\s-]((?:\d[\s-])?\d+b){RIGHT}", "model",
     lambda m: f"gpt-oss-{m[1].replace(' ', '-')}"),
    ("gemini",
     rf"{LEFT}gemini[\s-]?(\d(?:\.\d)?){_SIZED_VARIANT}{RIGHT}", "model", _spaced("Gemini ")),
    ("kimi", rf"{LEFT}kimi[\s-](linear|omni|audio|vl|dev)(?:[\s-](\d(?:\.\d)?))?{RIGHT}(?![%.,]\d|-?b\b)", "model",
     lambda m: f"Kimi {_cased(m[1])}" + (f" {m[2]}" if m[2] else "")),
    ("kimi k2 k3", rf"{LEFT}(?:kimi[\s-]?(?=k\d)|(?=k[23]))(k\d(?:\.\d)?){_SIZED_VARIANT}{RIGHT}", "model",
     _spaced("Kimi ")),
    ("qwen",
     rf"{LEFT}qwen[\s-]?(\d(?:\.\d)?){_SIZED_VARIANT}{RIGHT}", "model", _hyphened("Qwen")),
    ("glm", rf"{LEFT}glm[\s-]?(\d(?:\.\d)?v?){_SIZED_VARIANT}{RIGHT}", "model", _hyphened("GLM-")),
    ("grok", rf"{LEFT}grok[\s-]?(\d(?:\.\d+)?){_SIZED_VARIANT}{RIGHT}", "model", _spaced("Grok ")),
    ("mistral",
     rf"{LEFT}mistral (large|medium|small) (\d(?:\.\d)?){RIGHT}", "model",
     lambda m: f"Mistral {m[1].title()} {m[2]}"),
    ("ernie 文心", rf"{LEFT}(?:ernie|文心)[\s-]?(\d(?:\.\d)?){_SIZED_VARIANT}{RIGHT}", "model",
     _spaced("ERNIE ")),
    ("doubao 豆包",
     rf"{LEFT}(?:doubao|豆包)(?:大模型)?[\s-]?(?:seed[\s-])?(\d\.\d){_SIZED_VARIANT}{RIGHT}", "model",
     _spaced("Doubao ")),
    ("mimo", rf"{LEFT}mimo[\s-](v\d(?:\.\d)?)(?:[\s-](pro|flash))?{RIGHT}", "model", _sized("MiMo")),
    ("minimax", rf"{LEFT}minimax[\s-]?(m\d(?:\.\d)?){_SIZED_VARIANT}{RIGHT}", "model",
     _spaced("MiniMax ")),
    ("gemma", rf"{LEFT}gemma[\s-]?(\d)(?:[\s-](\d+b))?{RIGHT}", "model", _sized("Gemma")),
    ("hunyuan 混元", rf"{LEFT}(?:hunyuan|混元)[\s-]?(\d(?:\.\d)?|t\d|turbos?){_SIZED_VARIANT}{RIGHT}",
     "model", lambda m: " ".join([f"Hunyuan {_cased(m[1])}", *_variants(m[2])])),
    ("longcat", rf"{LEFT}longcat[\s-](flash|\d(?:\.\d)?){RIGHT}", "model", _sized("LongCat")),
    ("nemotron", rf"{LEFT}nemotron[\s-]?(\d)(?:[\s-](super|ultra|nano))?{RIGHT}", "model", _sized("Nemotron")),
    ("step 阶跃", rf"{LEFT}step[\s-](\d(?:\.\d)?)(?:[\s-](flash|mini))?{RIGHT}{_SCORED_NEAR}", "model", _sized("Step")),
    ("ling- ring-", rf"{LEFT}(ling|ring)-(\d(?:\.\d)?(?:-1t)?|1t|flash|mini)(?:-(max|flash|mini|lite))?{RIGHT}",
     "model",
     lambda m: f"{m[1].title()}-{_cased(m[2])}" + (f"-{m[3].title()}" if m[3] else "")),
    ("o3 o4", rf"{LEFT}(o[34])(?:-(mini|pro))?{RIGHT}{_SCORED}", "model",
     lambda m: m[0].replace(" ", "-")),
    ("claude code", rf"{LEFT}claude code{RIGHT}", "model", says("Claude Code")),
    ("星火 spark", rf"(?:星火|{LEFT}spark)\s?(x\d(?:\.\d)?){RIGHT}", "model", _sized("Spark")),
    ("devstral magistral apertus teuken",
     rf"{LEFT}(devstral|magistral|apertus|teuken)(?: (\d+b|small|medium|\d(?:\.\d)?))?{RIGHT}",
     "model", lambda m: m[1].title() + (f" {_cased(m[2])}" if m[2] else "")),
    ("mythos", rf"{LEFT}(?:claude )?mythos{RIGHT}", "model", says("Claude Mythos")),
    ("pangu 盘古", r"(?:pangu|盘古)\s?pro\s?moe", "model", says("Pangu Pro MoE")),
    ("pangu 盘古",
     r"(?:pangu|盘古)\s?(?:ultra)?\s?moe(?:[\s-](\d(?:\.\d)?)"
     r"(?![a-z\d.%-]|\s?(?:%|x |times|trillion|cards|chips|[万亿卡张])))?",
     "model", lambda m: f"Pangu Ultra MoE {m[1]}" if m[1] else "Pangu Ultra MoE"),
    ("pangu 盘古", rf"(?:pangu|盘古)\s?(ultra|pro)\s?(\d(?:\.\d)?){RIGHT}", "model",
     lambda m: f"Pangu {m[1].title()} {m[2]}"),
    ("pangu 盘古",
     rf"(open)?(?:pangu|盘古)(?:大模型)?[\s-]?(\d(?:\.\d)?){_SIZED_VARIANT}{RIGHT}", "model",
     lambda m: " ".join([f"{'openPangu' if m[1] else 'Pangu'} {m[2]}", *_variants(m[3])])),
    ("llama", rf"{LEFT}llama\s?(\d(?:\.\d)?)(?:\s?-?(\d+b)|[\s-](maverick|scout|behemoth))?{RIGHT}", "workload",
     _sized("Llama")),
    # What MLPerf pretrains is also told by its size alone.
    ("405b", rf"{LEFT}405b{RIGHT}", "workload", says("Llama 3.1 405B")),
)  # fmt: skip
