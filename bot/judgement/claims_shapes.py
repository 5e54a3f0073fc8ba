"""The shapes in which texts compare: patterns over a folded sentence with masked names. "60% of X", 是X的2.87倍."""

NUMBER = r"(\d[\d,]*(?:\.\d+)?)"
MASKED = r"\x00(\d+)\x00"  # a name, replaced by its number
_DET = (
    r"(?:the |an? |that of (?:the |an? )?|nvidia's |huawei's "
    r"|amd's |amd |nvidia |huawei |its predecessor,? |predecessor |"
    r"our |older |rival |first |original |first-generation |eight-way |dgx |hgx |英伟达的?|华为的?|amd的?|上一代|前代)*"
)
PER_CENT = r"\s?(?:%|percent|per cent|pct|prozent|pour cent)"
AROUND = (
    r"(?:about |some |around |roughly |nearly |up to |as much as |more than |over |almost |an average of )?"
)
_OF = r"(?:[\w-]+-way |peak |per-token \w+ of |what )?"
_AS = (
    r"(?:as [\w-]+ as |faster than |quicker than |higher than |better than |higher [\w\s]{0,20}than |"
    r"(?:the |its )?(?:(?:(?:dense )?(?:(?:nv)?fp\d+|bf16|int8)(?: (?!of ))?)?"
    r"(?:[a-z\s-]{0,28}?|[a-z][\w-]{3,20}) (?:of|than|over) )?"
    r"|more \w+ than |that of |of |over |what )?"
)
_BEATS = (
    r"\b(?:beat(?:s|ing)?|outperform(?:s|ed|ing)?|out-?decod(?:es|ed)|out-?r[au]ns?|tops?"
    r"|edges out|leads|ahead of|outpaces|exceeds|surpasses)"
)
_MORE = (
    r"(?:faster|higher [\w\s]{0,20}?|higher|better [\w\s]{0,12}?"
    r"|better|more(?: [\w\s]{0,20}?)?|quicker|stronger|ahead of|above)"
)
_SHARE = (
    r"(half|a third|two[- ]thirds|a quarter|three[- ]quarters|a fifth|(?:two|three|four)[- ]fifths|a tenth"
    r"|(?:three|six|seven|nine)[- ]tenths)"
)
_GOT = "what (?:i|we|they|you|one) (?:got|get|gets|saw|see|measured|had) (?:on|from|with|out of) "
_ON_ONE_THAN = (
    r"(?:faster|higher) (?:on|with|in) (?:the |an? )?"
    rf"(?=\x00\d+\x00[^.;,\x00]{{0,12}} than (?:on |with |in )?{_DET}{MASKED})"
)
COUNTS = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
FOIS = ("deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix")
MAL = ("doppelt", "dreimal", "viermal", "funfmal")
_COUNT = rf"(one[- ]and[- ]a[- ]half|two[- ]and[- ]a[- ]half|{'|'.join(COUNTS)})"
ZH_ABOUT = r"(?:约为?|大约|将近|接近|近|逾|超过?|高达|达到?)?"
_ZH_OVER = r"(?:比|快过|反超|超过|超越|超|高于|领先|优于|较)"
_ZH_WHAT = r"[\u4e00-\u9fff\w]{0,8}?"
_ZH_MORE = rf"(?:{_ZH_WHAT}(?:高出?|快了?|强|提升|提高|领先|增长|增加|上升))?{ZH_ABOUT}"
ZH_TENTH = "([一两二三四五六七八九])"
_ZH_ITS = rf"\s?[\u4e00-\u9fff\w]{{0,10}}?(?:仅|只|约|大约)?(?:为|相当于|达到?|是)?其的?\s?{ZH_ABOUT}\s?"
_ZH_TIMES = r"(\d[\d,]*(?:\.\d+)?|[一两二三四五六七八九十])"
#: "Climbs 50% over"
_GROWS = (
    r"\b(?:climb|rise|jump|grow|improve|increase|widen|rose|climbed|grew|jumped|risen|improved|increased)s? "
    rf"(?:by )?{AROUND}"
)
#: Pieces of which every match has at least one; the pattern; its shape: ``%``, ``x`` after the amount, ``by`` and ``z``
#: before it. Groups: amount and end of range, and the name.
SHAPES = (
    # 85 to 95 percent of an A100; 60% of H100 inference performance; 52 percent of an eight-way H200
    (
        "% percent pct prozent cent",
        rf"{NUMBER}(?:\s?(?:%|percent)?\s?(?:to|-|–|and)\s?{NUMBER})?{PER_CENT} of {_DET}{_OF}{_DET}{MASKED}",
        "%",
    ),
    (
        "% percent pct prozent cent",
        rf"{NUMBER}(?:\s?(?:to|-|–)\s?{NUMBER})?{PER_CENT} (?:of )?(?:the |that )?[\w\s-]{{0,32}}?of {_DET}{MASKED}",
        "%",
    ),
    ("% percent pct prozent cent", rf"{NUMBER}(){PER_CENT} as [\w-]+ as {_DET}{MASKED}", "%"),
    (
        "half third quarter fifth tenth",
        rf"\b{_SHARE}() (?:of )?the [\w\s]{{0,30}}?(?:of|that) {_DET}{MASKED}",
        "%",
    ),
    ("half third quarter fifth tenth", rf"\b{_SHARE}() as [\w-]+ as {_DET}{MASKED}", "%"),
    (
        "half third quarter fifth tenth",
        r"(?:(?:about|roughly|just|only|nearly|almost|around|(?:less|more) than|still|quite|even|to"
        r"|and|has|is|with|offers|delivers|at|reaches|gets|hits|manages|achieves) |(?<=-)|(?<=- )|(?<=, )|(?<=: ))"
        rf"{_SHARE}() (?:of )?(?:what )?{_DET}{MASKED}",
        "%",
    ),
    # "Half an H100 for a tenth of the watts"
    (
        "half third quarter fifth tenth",
        rf"(?:^|(?<=\n)|(?<=[\"“])){_SHARE}() (?:of )?{_DET}{MASKED}(?=[,.:;!\"”]| (?:for|at|on|in) )",
        "%",
    ),
    ("half third quarter fifth tenth", rf"\b{_SHARE}() (?:of )?{_GOT}{_DET}{MASKED}", "%"),
    # Prefill is a quarter faster on X than on Y
    ("faster higher", rf"{NUMBER}(){PER_CENT} {_ON_ONE_THAN}", "%"),
    ("faster higher", rf"\b{_SHARE}() {_ON_ONE_THAN}", "%"),
    # 60 % des performances du X; 60 Prozent der Leistung des X
    (
        "% pct prozent cent",
        rf"{NUMBER}(){PER_CENT} (?:de|des|der|du|von|einer|eines|einem|d'un|d'une)\s"
        rf"(?:[\w\s'-]{{1,28}}?(?:des|de|du|der|von|eines)\s)?(?:l'|la )?{_DET}{MASKED}",
        "%",
    ),
    # 1,4 fois le débit du X
    (
        "fois",
        rf"{NUMBER}() fois (?:le |la |les |l')?(?:[\w-]+ )?"
        r"(?:du |de la |de l'|des |de |d'un |d'une |plus \w+ que (?:le |la )?)"
        rf"{_DET}{MASKED}",
        "x",
    ),
    # deux fois plus rapide que X; doppelt so schnell wie X
    (
        "fois",
        rf"\b({'|'.join(FOIS)})() fois (?:plus \w+ que|(?:le |la |les |l')?[\w-]+ d[eu]) (?:le |la |les |l'|du |des )?"
        rf"{_DET}{MASKED}",
        "x",
    ),
    (
        "doppelt dreimal viermal funfmal dreifach",
        rf"\b({'|'.join(MAL)})() so \w+ wie (?:der |die |das |den |ein |eine )?"
        rf"{_DET}{MASKED}",
        "x",
    ),
    # Against the X the company was more modest: 15% faster
    (
        "gainst compared",
        rf"(?:^|(?<=[.;\n] ))\s*(?:against|compared (?:with|to)) {_DET}{MASKED},?[^.;\d\x00]{{1,48}}[:,]? "
        rf"{AROUND}{NUMBER}(){PER_CENT} {_MORE}(?![\w-])(?! than)",
        "by",
    ),
    # Against the X, the Y triples training throughput
    (
        "gainst compared over",
        rf"(?:^|(?<=[.;\n] ))\s*(?:against|compared (?:with|to)|over) {_DET}{MASKED},[^.;,]{{1,40}}? "
        rf"(doubles|triples|quadruples)() (?:the |its )?(?=[a-z])",
        "byx",
    ),
    # 28 % faster than; beats X by 23%
    (
        "% percent pct prozent cent",
        rf"{NUMBER}(){PER_CENT} (?:{_MORE} than|ahead of|above) {_DET}{MASKED}",
        "%",
    ),
    (
        "% percent pct prozent cent",
        rf"{_BEATS} {_DET}{MASKED}(?: in [\w\s]{{1,24}}?)? by {AROUND}{NUMBER}(){PER_CENT}",
        "by",
    ),
    (
        "by",
        rf"{_BEATS} {_DET}{MASKED}(?: in [\w\s]{{1,24}}?)? by a factor of {AROUND}(?:{NUMBER}|{_COUNT})",
        "byx",
    ),
    (
        "by",
        rf"{_BEATS} {_DET}{MASKED}(?: in [\w\s]{{1,24}}?)? by {AROUND}{NUMBER}()\s?(?:x|times)(?=[\s.,;]|$)",
        "byx",
    ),
    (
        "half third quarter fifth tenth",
        rf"{_BEATS} {_DET}{MASKED}(?: in [\w\s]{{1,24}}?)? by {AROUND}{_SHARE}()\b",
        "by",
    ),
    # equals 56 of X's racks; 相当于56台X
    (
        "equal equivalent worth",
        rf"(?:equals?|equalling|equivalent to|worth) {AROUND}(\d[\d,]*)() (?:of )?{_DET}{MASKED}",
        "x",
    ),
    ("相当于", rf"相当于\s?{ZH_ABOUT}\s?(\d+)()\s?(?:台|套|张|颗|块|个)\s?{_DET}{MASKED}", "x"),
    # +41% vs X; up 38% over X
    (
        "% percent pct prozent cent",
        rf"(?:\+|up |gains? (?:of )?|uplift of |improvement of |speed-?up of ){NUMBER}(){PER_CENT} "
        rf"(?:vs\.?|versus|over|on|against|compared (?:to|with)) {_DET}{MASKED}",
        "%",
    ),
    # climbs 50% over the X; improves 2.2x over X
    (
        "over on versus vs compared",
        rf"{_GROWS}{NUMBER}(){PER_CENT} (?:over|on|versus|vs\.?|compared (?:to|with)) {_DET}{MASKED}",
        "%",
    ),
    (
        "over on versus vs compared",
        rf"{_GROWS}{NUMBER}()\s?(?:x|×|times|-fold) (?:over|on|versus|vs\.?|compared (?:to|with)) {_DET}{MASKED}",
        "x",
    ),
    # 40% less latency to first token than X
    (
        "less fewer lower higher",
        rf"{NUMBER}(){PER_CENT} (?:less|fewer|lower|higher) (?!to )(?:[a-z-]+ ){{1,5}}than {_DET}{MASKED}",
        "%",
    ),
    # 与X相比，Y的解码吞吐高出15%
    (
        "相比",
        rf"(?:与|和|跟|同)\s?{_DET}{MASKED}\s?相比[,，][^,，。;；\d]{{0,8}}(?:\x00\d+\x00)?[^,，。;；\d]{{0,16}}?"
        rf"(?:高出?|快|提升|提高|领先|增加|多)了?{ZH_ABOUT}\s?{NUMBER}()\s?%",
        "z%",
    ),
    # 相比X，百万上下文下KV缓存降至50%
    (
        "缓存 cache",
        rf"(?:相比|较|与|比){_DET}{MASKED}(?:相比)?[,，][^,，。;；\x00]{{0,12}}?kv\s?(?:缓存|cache)"
        rf"(?:占用|大小)?(?:降至|降到|降低至|降低到|压至|压到|缩至|缩小到|仅为|只有){ZH_ABOUT}\s?{NUMBER}()\s?%",
        "z%",
    ),
    # needs 45% fewer FLOPs per token than X
    (
        "fewer less",
        rf"{NUMBER}(){PER_CENT} (?:fewer|less) (?:flops|compute|memory|kv cache)(?: per token)? than {_DET}{MASKED}",
        "%",
    ),
    # Compared with X, Y cuts the KV cache to 7%
    (
        "% percent pct prozent cent",
        rf"compared (?:with|to) {_DET}{MASKED}[^.;]*? (?:cuts|reduces|shrinks|lowers|brings) "
        rf"(?:the |its )?[\w\s-]{{2,28}}? to {AROUND}{NUMBER}(){PER_CENT}",
        "by",
    ),
    # a lead over X of 12%
    (
        "% percent pct prozent cent",
        rf"(?:lead|advantage|edge|gain) over {_DET}{MASKED} (?:is|was|of|at|to) {AROUND}{NUMBER}(){PER_CENT}",
        "by",
    ),
    # X vs Y: 2.9x faster in prefill
    (
        "x × times % percent",
        rf"(?<=\x00)\s(?:vs\.?|versus|against) {_DET}{MASKED}(?: \w+){{0,2}}\s?[:：,，-]\s?"
        rf"{AROUND}{NUMBER}()\s?(?:x|×|times) {_MORE}",
        "byx",
    ),
    # 2.8x the performance of; 1.2x the H20's; six times as powerful as; twice the performance of
    (
        "x × times -fold 倍",
        rf"{NUMBER}(?:\s?(?:to|-)\s?{NUMBER})?\s?(?:x|×|times|-fold|倍) {_AS}{_DET}{MASKED}",
        "x",
    ),
    (
        "times",
        rf"\b{_COUNT}()(?: to {'(?:' + '|'.join(COUNTS) + ')'})? times (?:as [\w-]+ as |faster than "
        rf"|(?:the )?[\w\s]{{0,28}}?(?:of|than) |the |(?=an? )|(?=\x00)){_DET}{MASKED}",
        "x",
    ),
    (
        "twice double triple quadruple",
        rf"\b(twice|double|doubles|triple|triples|quadruple|quadruples)() (?:as [\w-]+ as |{_GOT}"
        rf"|(?:the )?(?:[\w\s]{{0,28}}?of )?)?{_DET}{MASKED}",
        "x",
    ),
    # 是H20的2.87倍; 为H100的六成; 仅为V3.2的10%; 比H20高约23%; 快过H20两成; 较910B翻倍; H20の2.8倍
    (
        "倍",
        rf"{MASKED}(?:[^\x00\d，。]|(?:fp|bf|int)\d+){{0,10}}?(?:的|の)\s?{ZH_ABOUT}\s?{_ZH_TIMES}(?:倍?\s?(?:-|~|至|到)\s?{NUMBER})?\s?倍",
        "zx",
    ),
    ("%", rf"{MASKED}\s?(?:的|の)\s?{ZH_ABOUT}\s?{NUMBER}(?:%?\s?(?:-|~|至|到)\s?{NUMBER})?\s?%", "z%"),
    ("%", rf"{MASKED}[\u4e00-\u9fff]{{0,6}}(?:的|の)\s?{ZH_ABOUT}\s?{NUMBER}()\s?%", "z%"),
    ("成 割", rf"{MASKED}[\u4e00-\u9fff]{{0,6}}(?:的|の)\s?{ZH_ABOUT}\s?{ZH_TENTH}()(?:成|割)", "z%"),
    ("成", rf"(?:达到?|约?为|相当于|接近|约)\s?{_DET}{MASKED}\s?{ZH_ABOUT}\s?{ZH_TENTH}()成", "z%"),
    ("一半", rf"{MASKED}[\u4e00-\u9fff]{{0,6}}的?\s?(一半)()", "z%"),
    (
        "分之",
        rf"{MASKED}[\u4e00-\u9fff]{{0,6}}(?:的|の)\s?{ZH_ABOUT}\s?([二三四五六七八九十]分之[一二三四五六七八九])()",
        "z%",
    ),
    ("%", rf"相对于?\s?{MASKED}\s?的(?:优势|领先|提升)(?:幅度)?(?:约?为|是|达)?\s?{NUMBER}()\s?%", "z%"),
    # 不及X，仅为其85%
    ("其", rf"{MASKED}[^\x00。;；]{{0,12}}?[,，]{_ZH_ITS}{NUMBER}()\s?%", "z%"),
    ("其", rf"{MASKED}[^\x00。;；]{{0,12}}?[,，]{_ZH_ITS}{ZH_TENTH}()成", "z%"),
    ("其", rf"{MASKED}[^\x00。;；]{{0,12}}?[,，]{_ZH_ITS}{_ZH_TIMES}()\s?倍", "zx"),
    ("倍", rf"比\s?{_DET}{MASKED}\s?{_ZH_WHAT}(?:高出?|快了?|强){ZH_ABOUT}\s?{_ZH_TIMES}()\s?倍", "zx"),
    # 较910C提升1.9倍, 提升至1.9倍
    (
        "倍",
        rf"(?:比|较|相比)\s?{_DET}{MASKED}\s?{_ZH_WHAT}(?:提升|提高)(?:了|到|至)?{ZH_ABOUT}\s?{_ZH_TIMES}()\s?倍",
        "zx",
    ),
    ("%", rf"{_ZH_OVER}\s?{_DET}{MASKED}\s?{_ZH_MORE}\s?{NUMBER}()\s?%", "z%"),
    ("成", rf"{_ZH_OVER}\s?{_DET}{MASKED}\s?{_ZH_MORE}\s?{ZH_TENTH}()成", "z%"),
    (
        "翻 倍",
        rf"(?:较|比|相比)\s?{_DET}{MASKED}[^\x00\d，。]{{0,8}}?(翻一?倍|翻一?番|提升一倍|快一倍|高一倍)()",
        "zx",
    ),
)
