"""Products that no table knows, by how a text names them: "unveils X100", "org/Model-7B", "the Cervell chip". Pure.

Asked only where a figure can be nothing but a rating or a score and no listed name could own it. A name has letters and
digits, or stands where only a product is named. Firms, people and outlets are named elsewhere; when in doubt none is.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot.judgement.claims_hosts import is_place
from bot.judgement.claims_names import RATE_CHIPS, Name
from bot.judgement.claims_roles import is_other, is_part
from bot.judgement.screen import Screen
from bot.judgement.text import fold, overlaps

#: Units and benchmarks of which a text on an unlisted product holds one.
_RATINGS = (
    "flops petaop teraop tops tb/s tbps tok/s toks/s tokens/s token/s 亿次 hbm geekbench swe- gpqa mmlu mmmu aime hle "
    "livecode terminal-bench browsecomp frontiermath arc-agi humaneval osworld specint specrate specfp coremark "
    "codeforces mlperf hpl pops fp8 fp4"
)
_SCREEN = Screen(
    [(*_RATINGS.split(), "tokens per", "tokens a s", "trillion op", "intelligence index", "humanity's last")]
)
#: The same as a figure; benchmarks are found as names.
_RATED = re.compile(
    r"\d\s?-?(?:dense |sparse )?(?:(?:fp|int)\d+ |bf16 )?"
    r"(?:[tpeg]?flop|[tpe]ops\b|tera|peta|exa|tb/s|tbps|toks?/s|tokens?(?:/s| per s| a s|/秒)|trillion op)"
    r"|亿次|每秒[^。]{0,12}(?:token|词元)|\d\s?[gt]b (?:of )?hbm|hbm[^。.]{0,12}\d\s?[gt]b"
)
_OPERATIONS = re.compile(r"\d\s?-?(?:tops|pops|[tp]flops)\b|\d亿次|\d万亿次")
_HARDWARE = re.compile(
    r"\b(?:chip|accelerator|processor|[cngtdl]pu|soc|asic|silicon|wafer|risc-v|supercomput|hbm|mainboard|fpga|photonic|rack)"
    r"|motherboard|芯片|处理器|加速卡|加速器|超算|智算卡|智算集群|智算中心|算力卡|显卡|开发板|超节点|整机",
    re.ASCII,
)
_MODEL = re.compile(
    r"\bmodels?\b|\bllms?\b|weights|open-source|multimodal|reasoning|模型|权重|开源|多模态|推理能力",
    re.ASCII,
)

_VARIANT = (
    r"(?:[ -](?:Pro|Max|Ultra|Flash|Mini|Nano|Lite|Plus|Turbo|Large|Medium|Small|Air|Coder|Thinking|Elite|Next"
    r"|SuperPod|SuperNode))?"
)
_NOT_ITS_NUMBER = (
    r"(?![\w.,%]*[\s-]?(?:[GT]B|[KMGTP]?W\b|[TPEG]?FLOP|[TPE]?OPS|%|nm\b|tok"
    r"|teraf|petaf|exaf|percent|points))"
)
#: "X100", "Rhea2", "Hailo-15H", "Ling-3.0"; "Qwen 4", "Exynos 2700".
_LETTERED = re.compile(
    r"(?<![\w.$€£¥#@/%+-])"
    r"((?:(?:[A-Z]{1,3}-[A-Z][a-z]+ |[A-Z][a-z]+-[A-Z] (?=[A-Z][a-z]+ \d)|[a-z]{3,8}(?=[A-Z]))?"
    r"[A-Z][A-Za-z]*-?(?:[A-Z]*-)?(?:(?<=-)[A-Z]{1,2})?\d{1,5}(?:\.\d)?[A-Za-z]{0,4}(?:-[A-Z\d][A-Za-z\d]*)*"
    rf"|[A-Z][A-Za-z]{{2,}} \d{{1,4}}(?:\.\d)?[A-Za-z]{{0,2}}{_NOT_ITS_NUMBER}){_VARIANT})(?![\w%])",
    re.ASCII,  # Chinese characters stand right beside a name
)
#: "Its Corvus C1": a letter and a digit with the name before it.
_OF_FAMILY = re.compile(r"\b(?:[Tt]he|[Ii]ts|[Tt]heir) ([A-Z][a-z]{3,} [A-Z]\d{1,2})(?![\w%])")
#: Lettered words that are no products: formats, memories, buses, nodes, dates, versions of software, phones, events.
_COMMON = re.compile(
    r"(?:mx|nv)?(?:fp|int|bf|tf|w)\d+|(?:lp)?ddr.*|gddr.*|hbm.*|pcie.*|usb.*|wi-?fi.*|cxl.*|rv\w+|armv?\d.*|n\d+[a-z]?"
    r"|a1[46]a?|1[48]a|q[1-4k].*|h[12]|fy.*|cve.*|covid.*|g\d+|ipv\d|mp\d|v\d.*|cat\d.*|web3|b2b|lga.*|am5|x86.*"
    r"|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]* .*|.* (?:19|20)\d\d|[a-z]+(?:2[0-9])"
    r"|(?:phase|chapter|section|article|rule|part|day|week|year|round|series|top|page|no|number|group|version|stage|tier"
    r"|level|class|gen|green|over|under|about|nearly|just|only|with|from|than|and|the|for|all|its|at|in|on|by|to|of|up"
    r"|hits|adds|gets|has|uses|packs|offers|delivers|reaches|claims|scores|runs|draws|sells|costs|raises|wins|beats"
    r"|what|how|why|when|where|who|which|can|will|could|might|first|some|around|roughly|more|each|every|between) ?\d.*"
    r"|(?:cuda|rocm|pytorch|linux|windows|macos|ios|android|harmonyos|ubuntu|python|vulkan|opencl|tensorrt|vllm|sglang"
    r"|mindspore|cann|kubernetes|cinebench|3dmark|geekbench|mlperf|node|java|rust|gcc|llvm|mesa|firefox|chrome|docker"
    r"|debian|fedora|triton|spark)\b.*"
    r"|(?:eur|usd|gbp|chf|cny|rmb|jpy|krw|twd|inr) ?\d.*"
    r"|(?:iphone|ipad|galaxy|pixel|mate|pura|nova|xiaomi|oneplus|redmi|honor|oppo|vivo|playstation|xbox|model|tesla)\b.*"
    r"|(?:s&p|nasdaq|dow|russell|ftse|dax|boeing|airbus|apollo|falcon|formula|chips|isc|sc|ces|gtc|mwc|computex|ieee"
    r"|iso)[ -]?\d.*"
)
_SHOWS = (
    r"(?:[Uu]nveil|[Tt]out|[Ll]aunch|[Aa]nnounc|[Ii]ntroduc|[Rr]eveal|[Dd]ebut|[Rr]eleas|[Ss]how|[Ss]hip|[Dd]etail|[Pp]resent"
    r"|[Oo]pen-sourc|[Tt]ape|[Ss]ampl|[Pp]ower|[Bb]enchmark|[Tt]est|[Rr]eview)(?:e?s|e?d|ing)?(?: off| up| out| on)?"
)
_THING = (
    r"(?i:chips?|accelerators?|processors?|[cngtd]pus?|socs?|asics?|silicon|tiles?|boards?|supercomputers?|chiplets?"
    r"|cards?|models?|llms?)\b"
)
_ITS_KIND = rf"(?= (?:[A-Z]+ |RISC-V |AI |[a-z-]+ ){{0,2}}{_THING})"
_PROPER = r"([A-Z][a-z]+(?:-?[A-Z][A-Za-z]*)?|[A-Z]{2,4}-[A-Z][a-z]+|[A-Z]{4,})"
#: A name without a digit only where what it stands beside says that it is a product.
_PLACED = re.compile(
    rf"\b{_SHOWS} (?:its |the |an? |new |first |own |next-gen(?:eration)? |[a-z]+-based )*{_PROPER}{_ITS_KIND}"
    # "Milk-V Pluto SBC review"
    rf"|\A([A-Z][a-z]+-[A-Z] [A-Z][a-z]+(?: \d)?)(?= (?i:sbc|board|dev kit|review|mini|im test))"
    # "Tapes out OC-Vega, its first RISC-V accelerator"
    rf"|\b{_SHOWS} {_PROPER}(?=, (?:its|the|an?) (?:[\w-]+ ){{0,4}}{_THING})"
    # The second: "Semidynamics' InferX, an all-RISC-V inference chip"
    rf"|(?:['’]s?|\b[Tt]he|\b[Ii]ts|\b[Ee]ach|\b[Ee]very) {_PROPER}(?:{_ITS_KIND}|(?=, an? (?:[\w-]+ ){{0,4}}{_THING}))"
    rf"|(?<!up )(?<!firm )(?<!company )(?<!maker )\b(?:called|named|dubbed|codenamed|code-named) [\"“'‘]?{_PROPER}"
    # At the head of the text: "Aneto accelerator: first silicon", "Veyra: RISC-V-Beschleuniger".
    rf"|\A{_PROPER}(?= (?i:chip|accelerator|processor|[cngtd]pu|soc|supercomputer|card)\b)"
    rf"|\A{_PROPER}:(?= (?:[\w-]+ ){{0,3}}?[\w-]*(?i:chip|accelerator|beschleuniger|processor|prozessor|board)\b)"
    r"|['’]s? ([A-Z][a-z]+(?:-?[A-Z][a-z]+)*(?i:chip|core)|[A-Z][a-z]+-[A-Z][a-z]+)\b"
    # Behind its maker at the head of the text, before its first rating.
    r"|\A[A-Z]\w+ ([A-Z]{4,})(?=: \d)"
    r"|(?:says|that|of|for) ([A-Z][a-z]+-(?:Quad|Duo|Max|Pro|Ultra|Mini|Core))\b"
    rf"|\b(?i:chip|accelerator|processor|supercomputer|model|part|card|board|device|product|silicon), (?:called )?"
    rf"{_PROPER}(?=,)"
    # "RISC-V-Beschleuniger Duero mit 1,4 Petaflops", "l'accélérateur Duero atteint"
    rf"|(?i:beschleuniger|prozessor|ki-chip|accélérateur|processeur|puce) {_PROPER}"
    r"(?= (?:mit|von|erreicht|liefert|schafft|kommt|soll|bietet|avec|atteint|offre|à|affiche)\b)"
    rf"|\b(?i:chip|accelerator|processor|supercomputer|model) {_PROPER}"
    r"(?= (?:reach|hit|claim|deliver|offer|get|scor|run|achiev|promis|manag|top|draw|pack|carr)\w*\b)"
    r"|「([A-Z][A-Za-z\d-]{3,})」"
    r"|(?:芯片|加速卡|处理器)([A-Z][A-Za-z]{3,})(?![A-Za-z\d])"
    r"|(?:发布|推出|亮相|曝光|名为|代号|开源)(?:了|为|新一代|自研|首款|全新|国产|[\u4e00-\u9fff]{0,4}?(?:芯片|模型))*"
    r"[「“《\" ]?([A-Z][A-Za-z-]{2,})(?![A-Za-z\d])"
    r"|(?:^|[\u4e00-\u9fff：:「“])([A-Z][a-z-]{2,})[」”]?"
    r"(?=(?:芯片|加速卡|处理器|大模型)?(?:发布|亮相|曝光|流片|量产|开源|问世))"
)
_NO_NAME = frozenset(
    """chinese european american russian japanese korean taiwanese indian british german french dutch spanish italian
    swiss swedish arm nvidia amd intel huawei google apple amazon microsoft meta openai anthropic deepseek samsung
    micron hynix qualcomm broadcom tsmc smic cambricon biren enflame baidu alibaba tencent bytedance xiaomi cerebras
    groq tenstorrent axelera vsora sipearl semidynamics openchip euclyd ventana sifive graphcore sambanova etched
    arduino imec bsc ascend mistral moonshot zhipu qwen kimi new first next open edge inference training data server
    cloud cluster memory custom quantum neural language reasoning vision datacenter desktop mobile embedded
    homegrown domestic latest rival leading upcoming flagship risc high low power multi single dual quad large small
    mini frontier vector tensor matrix analog digital optical photonic networking same other company startup
    artificial intelligence nand dram machine learning generative sovereign general agentic more most house senate
    commerce university institute lab labs team group researchers developers the a an this that these those our
    their his her your my why how what when where who which one two three four five six seven eight nine ten both
    some many few every each no not hot best top good bad big tiny giant great cheap fast faster slow secret mystery
    homemade smart modern future current second third fourth fifth last past early late full real true china europe
    japan korea india taiwan germany france britain america asia africa russia israel canada australia tokyo beijing
    shanghai shenzhen brussels berlin paris london barcelona munich dresden grenoble washington us eu uk brain
    neuromorphic computing computer gaming mining phone laptop automotive car industrial military space""".split()  # noqa: SIM905 - a page long as a literal
)
#: StarGrid智算集群
_CLUSTER = re.compile(r"(?<![A-Za-z\d.-])([A-Z][A-Za-z]{3,})(?=智算集群|智算中心|超算|算力集群|超级计算机)")
#: "org/Name" at the head of a title.
_REPOSITORY = re.compile(
    r"(?:^|\s)[\w.-]+/([A-Za-z][\w.-]*\d[\w.-]*?)(?:-(?:GGUF|FP8|INT8|INT4|AWQ|GPTQ|Instruct|Base|Chat|MLX))*(?=[\s:|,]|$)"
)
#: A memory is a product itself where its samples are what is told.
_MEMORY = re.compile(
    r"\b(HBM\d[A-Za-z]?)(?![A-Za-z\d])(?=.{0,60}(?:[Ss]ampl|[Pp]er [Ss]tack|单堆栈|样品|送样))"
    r"|(?:[Ss]ampl\w*|送样|[Ss]hips) ?(?:\d+-(?:layer|high|Hi) |\d+层)?(HBM\d[A-Za-z]?)(?![A-Za-z\d])"
)


_MAKER = re.compile(r"\b([A-Z]\w+)['’]s? (HBM\d[A-Za-z]?)\b")
#: The name of a supercomputer leads the title.
_SYSTEM = re.compile(r"\A([A-Z]\w+-AI|[A-Z]{4,})(?![\w-])")


def may_rate(text: str) -> bool:
    """Whether a folded text may have a figure that rates something, whatever its name; cheap."""
    return _SCREEN.any_possible(text)


def unlisted_in(title: str, summary: str, text: str, names: Sequence[Name]) -> list[Name]:
    """Names of products that no table knows, at each place of the folded ``text``. ``names``: those that are listed."""
    subjects = [name for name in names if name.kind in ("chip", "model")]
    of_system = "hpl" in text or "linpack" in text
    if not of_system and any(not is_other(name, text) and not is_part(name, text) for name in subjects):
        if "per stack" in text or "堆栈" in text:
            return _memories(title, text, names)
        return _hosted(title, text, names) if all(_is_at_home(name, text) for name in subjects) else []
    scored = any(name.kind == "benchmark" for name in names)
    if not scored and not subjects and not _RATED.search(text):
        return []
    # What MLPerf runs is a model of its own where another benchmark rates it.
    workloads = [replace(name, kind="model") for name in names if name.kind == "workload"]
    if workloads and "mlperf" not in text:
        return workloads
    hardware = _HARDWARE.search(text) is not None or any(name.kind == "chip" for name in subjects)
    if not hardware and not scored and not _MODEL.search(text):
        if not _OPERATIONS.search(text):
            return []
        hardware = True  # what else is rated in operations a second
    kind = "model" if (scored or not hardware) and not _is_chips(names) else "chip"
    if kind == "model" and hardware and not _MODEL.search(text) and _RATED.search(text):
        kind = "chip"
    taken = [(name.start, name.end) for name in names]
    if of_system:
        placed = [
            name for match in _SYSTEM.finditer(title) for name in _places(match[1], text, "chip", taken)
        ]
        if placed or subjects:
            return placed
    for source in (title, summary):
        found = list(dict.fromkeys(_candidates(source)))
        placed = [name for written in found for name in _places(written, text, kind, taken)]
        placed = [name for name in placed if not any(_holds(other, name) for other in placed)]
        # A memory that every maker has is told apart by its maker.
        maker = _MAKER.search(source)
        if maker:
            called = f"{maker[1]} {maker[2]}"
            placed = [replace(name, text=called) if name.text == maker[2] else name for name in placed]
        if any(not is_other(name, text) for name in placed):
            return placed
    return []


def _memories(title: str, text: str, names: Sequence[Name]) -> list[Name]:
    """A maker's memory whose stacks are rated, though the title names the chip that it is for."""
    match = _MAKER.search(title)
    if match is None:
        return []
    taken = [(name.start, name.end) for name in names]
    return [replace(name, text=f"{match[1]} {match[2]}") for name in _places(match[2], text, "chip", taken)]


def _is_at_home(name: Name, text: str) -> bool:
    return name.text.startswith(("RTX", "RX")) and is_place(name, text)


def _hosted(title: str, text: str, names: Sequence[Name]) -> list[Name]:
    """A model that the title names by its repository, where the only card is one that it runs on at somebody's home."""
    match = _REPOSITORY.search(title)
    taken = [(name.start, name.end) for name in names]
    return list(_places(match[1], text, "model", taken)) if match else []


def _holds(other: Name, name: Name) -> bool:
    return other.start <= name.start and name.end <= other.end and len(other.text) > len(name.text)


def _is_chips(names: Sequence[Name]) -> bool:
    return any(name.kind == "benchmark" and name.text.startswith((*RATE_CHIPS, "HPL")) for name in names)


def _candidates(source: str) -> Iterator[str]:
    """Names as they are written in the text."""
    for match in _REPOSITORY.finditer(source):
        yield match[1]
    for match in _OF_FAMILY.finditer(source):
        if match[1].split()[0].lower() not in _NO_NAME:
            yield match[1]
    for match in _LETTERED.finditer(source):
        if not _COMMON.fullmatch(match[1].lower()):
            yield match[1]
    for match in _PLACED.finditer(source):
        written = next(group for group in match.groups() if group)
        if written.lower() not in _NO_NAME and not written.startswith(("In-", "Near-", "On-", "Off-")):
            yield written
    for match in _CLUSTER.finditer(source) if "算" in source else ():
        yield match[1]
    for match in _MEMORY.finditer(source) if "HBM" in source else ():
        yield match[1] or match[2]


def _places(written: str, text: str, kind: str, taken: Sequence[tuple[int, int]]) -> Iterator[Name]:
    folded = re.escape(fold(written))
    for match in re.finditer(rf"(?<![a-z\d.]){folded}(?![a-z\d])", text):
        if not overlaps(match.start(), match.end(), taken):
            yield Name(start=match.start(), end=match.end(), text=written, kind=kind)
