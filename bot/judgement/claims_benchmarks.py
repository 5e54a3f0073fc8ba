"""Names of benchmarks as patterns over folded text: pieces, pattern, how it is written, unit of its bare numbers."""

import re

_AA_INDEX = "Artificial Analysis Intelligence Index"
BENCHMARKS: tuple[tuple[str, str, str, str], ...] = (
    ("rebench", r"(?:swe-?)?rebench", "SWE-rebench", "%"),
    ("swe", r"swe-?\s?bench[\s-]pro", "SWE-bench Pro", "%"),
    ("swe", r"swe-?\s?bench[\s-]multilingual", "SWE-bench Multilingual", "%"),
    ("swe", r"swe-?\s?bench(?:[\s-]verified)?", "SWE-bench Verified", "%"),
    ("terminal", r"terminal-?\s?bench[\s-]hard(?![a-z])", "Terminal-Bench Hard", "%"),
    ("terminal", r"terminal-?\s?bench(?:\s?[2-9](?:\.\d)?(?!\.?\d|%))?", "", "%"),
    ("swe-v swev", r"swe-?v(?:erified)?(?![a-z])", "SWE-bench Verified", "%"),
    ("tb2 tb-2", r"tb-?2(?:\.0)?(?![\w.])", "Terminal-Bench 2.0", "%"),
    ("lcb", r"lcb(?:[\s-]?v\d)?(?![a-z])", "LiveCodeBench", "points"),
    ("epoch eci", r"epoch(?:'s)? capabilit(?:y|ies) index|eci(?![a-z])", "Epoch Capabilities Index",
     "points"),
    ("finance", r"finance agent(?: bench(?:mark)?)?", "Finance Agent", "%"),
    ("vals", r"vals (?:ai )?index", "Vals Index", "%"),
    ("livebench", r"livebench", "LiveBench", "points"),
    ("gpqa", r"gpqa[\s-](?:diamond|d(?![a-z]))", "GPQA Diamond", "points"),
    ("gpqa", r"gpqa", "GPQA", "points"),
    ("mmlu", r"mmlu[\s-]pro", "MMLU-Pro", "points"),
    ("mmlu", r"(?<!m)mmlu(?![a-z-])", "MMLU", "points"),
    ("mmmu", r"mmmu[\s-]pro", "MMMU-Pro", "points"),
    ("mmmu", r"mmmu", "MMMU", "points"),
    ("docvqa", r"docvqa", "DocVQA", "points"),
    ("single-core 单核",
     r"(?<=\d )single-core|(?:single-core|单核)(?=.{0,12}\d{4}|.{0,8}\d,\d{3}| (?:score|points)"
     r"|(?: (?:score|came|comes|result) \D{1,12})?\d{3})",
     "Geekbench single-core", "points"),
    ("multi-core 多核",
     r"(?<=\d )multi-core|(?:multi-core|多核)(?=.{0,12}\d{4}|.{0,8}\d,\d{3}| (?:score|points)"
     r"|(?: (?:score|came|comes|result) \D{1,12})?\d{3})",
     "Geekbench multi-core", "points"),
    ("hmmt", r"hmmt(?:\s?(?:20)?2\d(?![\d.%]))?", "HMMT", "points"),
    ("simpleqa", r"(?:chinese[\s-]simpleqa|中文simpleqa)", "Chinese SimpleQA", "%"),
    ("aider", r"aider(?:[\s-]polyglot)?", "Aider Polyglot", "%"),
    ("bfcl", r"(?<![a-z])bfcl(?:[\s-]?v\d)?", "BFCL", "%"),
    ("gsm8k ifeval scicode gdpval cybench cybergym longbench atlas toolathlon putnambench healthbench",
     r"(?<![a-z])(?:gsm8k|ifeval|scicode|gdpval|cybench|cybergym|longbench"
     r"|longbench v2|mcp-?atlas|toolathlon|putnambench|healthbench)(?![a-z])", "", "%"),
    ("livecodebench", r"livecodebench(?:\s?v\d)?", "LiveCodeBench", "points"),
    ("aime", r"aime(?![a-z])(?:\s?(?:20)\d\d)?", "AIME", "points"),
    ("humaneval", r"humaneval", "HumanEval", "%"),
    ("humanity hle", r"(?:humanity's last exam|(?<![a-z])hle) \(?with tools\)?", "HLE with tools", "%"),
    ("humanity hle", r"(?:humanity's last exam|(?<![a-z])hle(?![a-z]))", "HLE", "%"),
    ("frontiermath", r"frontiermath(?:,? tiers? (?:\d(?: ?- ?\d)?))?", "", "%"),
    ("codeforces", r"codeforces(?:\s?(?:rating|评分|分数))?", "Codeforces rating", "points"),
    ("aa", r"aa(?:'s)?\s?(?:intelligence |智能)?(?:index|指数)", _AA_INDEX, "points"),
    ("aa", r"(?<=\d on )aa(?![a-z\d'-]| batter| cell)", _AA_INDEX, "points"),
    ("aa", r"(?<![a-z\d-])aa(?= (?:has|puts|gives|rates|scores|ranks) )", _AA_INDEX, "points"),
    ("coding 编程指数", r"(?:(?:aa|artificial analysis)(?:'s)? )?(?:coding index|编程指数)",
     "Artificial Analysis Coding Index", "points"),
    ("artificial intelligence 智能指数", r"(?:artificial analysis(?:'s)?\s?(?:intelligence index"
     r"|智能指数|index|指数)|intelligence index|智能指数)", _AA_INDEX, "points"),
    ("artificial",
     r"artificial analysis(?!\s?(?:measured|found|said|says|reports?|clocks?|实测|测得))", _AA_INDEX, "points"),
    ("omniscience", r"(?:aa-)?omniscience", "AA-Omniscience", "%"),
    ("browsecomp", r"browsecomp", "BrowseComp", "%"),
    ("simpleqa", r"simpleqa", "SimpleQA", "%"),
    ("mrcr", r"mrcr(?:\s?\d-needle)?", "MRCR", "%"),
    ("minif2f", r"minif2f(?:-test)?", "MiniF2F", "%"),
    ("omnidocbench", r"omnidocbench(?: v\d(?:\.\d)?(?![\d%])| \d\.\d(?=[:：]))?", "", "points"),
    ("math-500", r"math-500", "MATH-500", "%"),
    ("arc-agi", r"arc-agi(?:-\d)?", "", "%"),
    ("osworld", r"osworld(?:-verified)?", "OSWorld", "%"),
    ("2-bench", r"(?:tau|τ)\^?2-bench", "τ²-Bench", "%"),
    ("tau-bench τ-bench", r"(?:tau|τ)-bench", "tau-bench", "%"),
    ("eval", r"(?:c-eval|ceval)", "C-Eval", "points"),
    ("vibe", r"vibe code bench(?:mark)?", "Vibe Code Benchmark", "%"),
    ("arena", r"code arena", "Code Arena score", "points"),
    ("webdev 网页开发竞技场", r"(?:webdev arena|网页开发竞技场)", "WebDev Arena score", "points"),
    ("arena", r"text arena", "Text Arena score", "points"),
    ("arena", r"(?:lm\s?arena|chatbot arena)", "LMArena score", "points"),
    ("arena", r"(?<![a-z])arena (?:score|elo|rating)s?(?![a-z])", "Arena score", "points"),
    ("specfp", r"specfp\s?2006", "SPECfp2006", "points"),
    ("2017", r"spec\s?int\s?2017", "SPECint2017", "points"),
    ("2017", r"spec\s?fp\s?2017", "SPECfp2017", "points"),
    ("coremark", r"coremark/mhz", "CoreMark", "CoreMark/MHz"),
    ("coremark", r"coremark", "CoreMark", "points"),
    ("specrate", r"specrate\s?2017_fp(?:_base)?(?![a-z0-9])", "SPECrate2017_fp_base", "points"),
    ("ruler", r"(?<![a-z])ruler(?= (?:drops|scores?|at|falls|stays|is|\d)|:|得分)", "RULER", "%"),
    ("specrate", r"specrate(?:\s?2017(?:_int_base)?)?(?![a-z0-9])", "SPECrate2017_int_base", "points"),
    ("2006", r"spec\s?int\s?2006", "SPECint2006", "points"),
    ("ifbench critpt", r"ifbench|critpt", "", "%"),
    ("harmbench", r"harmbench", "HarmBench", "%"),
    # The measure, not the firm.
    ("perplexity",
     r"perplexity(?= (?:goes|went|rises|rose|drops|dropped|falls|fell|jumps|jumped|climbs|improves|worsens) "
     r"(?:from|to) \d| (?:of|at) \d)", "perplexity", "points"),
    ("recall", r"(?:needle|top-k) recall(?: at \d+[km])?", "", "%"),
    # One without a row of its own: FineBench, port-bench.
    ("bench", r"(?!work|back|geek|test|park|mac)[a-z][a-z\d]{1,14}-?bench(?![a-z])", "", "%"),
    ("mfu", r"(?<![a-z])mfu(?![a-z])", "MFU", "%"),
)  # fmt: skip


_SPELLED = {
    name.casefold().replace("-", ""): name
    for name in (
        "GSM8K", "IFEval", "IFBench", "CritPt", "SciCode", "GDPval", "Cybench", "CyberGym", "LongBench",
        "LongBench v2", "MCP-Atlas", "Toolathlon", "PutnamBench", "HealthBench",
    )
}  # fmt: skip
#: Benchmarks whose year or size is part of their name.
_DATED = re.compile(r"(aime)\s?((?:20)\d\d)|(mrcr)\s?(\d-needle)|(livecodebench)\s?(v\d)")


_CASED = (
    ("frontiermath", "FrontierMath"),
    ("arc-agi", "ARC-AGI"),
    (" tier", " Tier"),
    ("omnidoc", "OmniDoc"),
    ("bench", "Bench"),
)


def called(match: re.Match[str], name: str) -> str:
    """How a found benchmark is written; ``name`` of its row is empty where that depends on what was found."""
    if not name and match[0].startswith("terminal"):
        release = re.search(r"\d(?:\.\d)?$", match[0])
        return f"Terminal-Bench {float(release[0]) if release else 2.0}"
    dated = _DATED.fullmatch(match[0])
    if dated:
        return (
            f"AIME {dated[2]}"
            if dated[1]
            else f"MRCR {dated[4]}"
            if dated[3]
            else f"LiveCodeBench {dated[6]}"
        )
    if name or match[0].replace("-", "") in _SPELLED:
        return name or _SPELLED[match[0].replace("-", "")]
    label = match[0]
    if label.startswith("needle"):
        return re.sub(r"\d[km]", lambda size: size[0].upper(), label)
    for folded, written in _CASED:
        label = label.replace(folded, written)
    return label[0].upper() + label[1:]
