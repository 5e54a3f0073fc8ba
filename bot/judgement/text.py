"""Folds and cuts text in several scripts into comparable words. Knows nothing of topics or stories."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

# The traditional characters that headlines of this field use most. Enough for names and verbs to meet
# their simplified forms; not a full conversion (OpenCC would add 9 MB for little more).
_TRADITIONAL = (
    "們們個個來來這這為為與與對對發發會會國國說說時時產產業業東東開開關關門門問問間間閘閘"
    "華华為为達达輝辉騰腾昇昇顆颗發发佈布開开關关國国產产業业對对華华擬拟禁禁許许可可證证晶晶體体圓圆電电腦脑"
    "軟软硬硬記记憶忆儲储存存預预計计將将與与會会議议員员總总統统審审批批準准規规則则際际據据稱称傳传聞闻漲涨"
    "價价貨货單单訂订銷销售售營营收收億亿萬万號号報报導导應应機机構构構构術术張张錢钱買买賣卖頭头條条"
    "實实體体驗验測测試试評评較较極极優优勢势權权專专門门問问題题間间隊队師师團团聯联盟盟雲云端端資资訊讯"
    "網网絡络線线連连續续繼继續续結结終终經经濟济貿贸易易戰战爭争擊击禦御領领導导層层長长東东車车輛辆輪轮"
    "飛飞馬马驅驱動动務务勞劳劃划剛刚創创別别製制複复雜杂離离難难電电靜静頂顶項项預预頻频顯显類类風风飯饭"
    "點点黨党齊齐龍龙龜龟齡龄歐欧歲岁歷历決决況况沒没準准滿满漢汉濫滥灣湾無无爾尔狀状獨独獲获現现環环當当"
    "療疗盡尽監监眾众礎础禮礼種种積积穩稳競竞筆笔節节範范簡简簽签紅红級级納纳紙纸細细組组給给絕绝統统維维"
    "練练緊紧縮缩繪绘義义習习聲声職职聽听腦脑舊旧藝艺葉叶處处虧亏術术衛卫裝装補补見见視视覺觉觀观認认誤误"
    "讓让護护變变讀读豐丰負负財财責责貴贵費费賽赛贏赢趕赶趨趋躍跃轉转農农這这進进運运過过達达違违遠远適适"
    "選选還还邊边鄰邻醫医釋释針针鐘钟鐵铁鑑鉴長长陣阵陸陆陽阳隨随險险雙双雖虽韓韩響响頁页順顺須须額额願愿"
    "驚惊體体鬥斗魚鱼鮮鲜麗丽麼么龐庞奪夺奮奋婦妇學学寫写寬宽審审將将尋寻屆届島岛嶺岭幣币幫帮幾几庫库廠厂"
    "廣广廳厅張张強强彈弹後后從从復复徵征憑凭懷怀態态戲戏戶户掃扫揮挥換换擁拥擇择擔担據据擴扩擺摆攜携攝摄"
    "敗败敵敌數数斷断於于舉举喬乔喚唤單单嗎吗嘗尝團团園园圍围圖图執执報报場场塊块壓压壞坏壽寿夢梦夾夹"
)
#: Characters that have a commoner form, which stands for both.
FOLDED = (
    {a: b for a, b in zip(_TRADITIONAL[::2], _TRADITIONAL[1::2], strict=True) if a != b}
    | dict.fromkeys("’‘ʼ`´", "'")
    | dict.fromkeys("‐‑‒–—―−", "-")
)
_FOLDED_CHARACTER = re.compile(f"[{''.join(FOLDED)}]")
_COMBINING = re.compile(r"[\u0300-\u036f]")
#: Anything but what surely has no such mark: ASCII and Latin signs, punctuation, Chinese, kana, Korean, full widths.
_MAY_BE_MARKED = re.compile(r"[^\u0000-\u00bf\u2000-\u20ff\u2e80-\ua4cf\uac00-\ud7a3\uf900-\uffff]")
#: A run of Latin letters and digits, or of Chinese characters, or of kana.
WORD = re.compile(r"[a-z0-9]+(?:[.'&+][a-z0-9]+)*|[\u3400-\u9fff]+|[\u3041-\u30ff]+")
_HAN = re.compile(r"[\u3400-\u9fff]")
_KANA = re.compile(r"[\u3041-\u30fa\u30fc-\u30ff]")


def fold(text: str) -> str:
    """Lower case, one form of each character: no accents, full widths, curly quotes; simplified Chinese."""
    return text.lower() if text.isascii() else _fold(text)


@lru_cache(maxsize=64)  # the texts of one item are folded by each part of judgement
def _fold(text: str) -> str:
    lowered = unicodedata.normalize("NFKC", text).lower()
    # str.translate asks its table for each character; few are in it.
    folded = _FOLDED_CHARACTER.sub(lambda found: FOLDED[found[0]], lowered)
    if folded.isascii() or not _MAY_BE_MARKED.search(folded):
        return folded
    # Only Latin loses its marks: in kana the voiced-sound mark makes another letter.
    return unicodedata.normalize("NFC", _COMBINING.sub("", unicodedata.normalize("NFD", folded)))


def joined(title: str, summary: str) -> str:
    """Title and summary as one text. Whoever looks through both makes it so, since what was found in it is kept."""
    return f"{title}\n{summary}" if summary else title


def overlaps(start: int, end: int, spans: Iterable[tuple[int, int]]) -> bool:
    """Whether something that stands there shares a character with one of the spans."""
    return any(at < end and start < stop for at, stop in spans)


def script_of(text: str) -> str:
    """``ja`` where kana are found, else ``zh`` where Chinese characters are, else ``latin``."""
    if text.isascii() or not _HAN.search(text):
        return "ja" if _KANA.search(text) else "latin"
    return "ja" if _KANA.search(text) else "zh"


@lru_cache(maxsize=32768)
def stem(word: str) -> str:
    """A light English stem: plural, past and -ing endings go. Wrong on rare words, the same way each time."""
    if len(word) < 4 or not word.isalpha():
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes")):
        word = word[:-2]
    elif word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    for ending in ("ing", "ed"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            word = word[: -len(ending)]
            if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "lsz":
                word = word[:-1]
            break
    return word[:-1] if word.endswith("e") and len(word) > 4 else word


STOP_WORDS = frozenset(
    """a about above after again against all also am an and any are aren as at be because been before being below
    between both but by can cannot could did do does doing don down during each else ever every few for from further
    get gets getting got had has have having he her here hers him his how i if in into is isn it its itself just
    let like ll may me might more most much must my near no nor not now of off on once one only or other our out over
    own per re s said same say says she should so some such t than that the their them then there these they this those
    through to too under until up upon us ve very via was we were what when where which while who whom why will with
    would yet you your report reports reported reportedly exclusive update updated breaking news source sources people
    familiar according told tells today year years month week day new first two three latest next last make makes made
    take takes see set still know need want way back think look show shows use used using inc ltd corp co percent
    million billion trillion bn mn two one item items
    der die das den dem des ein eine einen und oder von vom zum zur mit fur auf im ist nicht wird bei aus nach sich
    wie uber als auch le la les un une et du dans pour sur avec est au aux par ses son sa ce cette qui que en
    el los las y por con una se al lo del de a aupres chez depuis deux ans d l soll sollen kann konnen durch
    gegen ohne bis unter zwischen haben sind werden wurde wurden ihr ihre seine seinen neue neuer neues
    neuen mehr nur noch bericht laut dass beim vor sein kein keine nouveau nouvelle nouveaux nouvelles apres
    avant sans plus pas ne il elle ils ont sont leur leurs entre contre selon dont comme nos vos tout tous mais
    ou donc premier premiere""".split()  # noqa: SIM905 - a list literal would be a page long
)
STOP_WORDS_ZH = frozenset(
    """消息 外媒 独家 今日 公司 一个 可以 以及 进行 表示 目前 已经 我们 他们 相关 方面 其中 通过 成为 没有 记者 据悉
    获悉 报道 快讯 传闻 网传 最新 重磅 突发 为何 如何 什么 哪些 怎么 这些 不是 就是 还是 可能 将于 将会 正式 宣布
    此前 之后 之前 今年 去年 明年 近日 昨日 明日 月日 其他 有望 开始 继续 之一 包括 其""".split()  # noqa: SIM905
)
