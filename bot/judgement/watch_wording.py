"""Acts that a text tells in no fixed words: something stands between their parts. Pure, over folded text."""

import re
from collections.abc import Container

from bot.judgement.watch_cues import mood

#: What is only thought of, or threatened with, has not been taken back.
_TAKING_BACK = r"(?:rescind|revok|withdraw|repeal|scrap|pull|cancel|restor|reinstat)"
ONLY_THOUGHT_OF = re.compile(
    r"\b(?:consider|mull|weigh|threaten|plan|prepar|draft|discuss|urg|ask|want|may|might|could|would|should|likely"
    rf"|den(?:y|ies|ied))\w*\b[^.;]{{0,40}}\b{_TAKING_BACK}"
    r"|\b(?:restor|reinstat)(?:e|ing)\b[^.;]{0,60}"
    r"\b(?:could|may|might|would|is expected|is due|within (?:days|weeks))\b"
    r"|(?:考虑|拟|计划|酝酿|威胁|讨论|准备|起草|或将|或|可能|呼吁|要求|敦促|否认|无意|不会)[^，。；]{0,8}"
    r"(?:撤销|撤回|废除|废止|取消|恢复)"
)
#: 推定拒绝 is a manner of reviewing; what a ban has brought about is told after it; a law forbids by itself.
NO_NEW_BAN = re.compile(
    r"推定拒绝|(?:因|受|由于|针对)[^，。；]{0,10}禁令|禁令(?:余波|影响|后|之后|以来|下|重启|恢复|回归|重来)"
    r"|\b(?:constitution|law|statute|treaty) forbids"
    r"|\b(?:could|may|might|would) (?:\w+ )?be (?:\w+ )?(?:blocked|banned|barred|halted|stopped)\b"
    r"|\b(?:halted|stopped|blocked) by (?:a |the )?(?:lack|shortage|weak|slow)"
    r"|(?:或|可能|恐|担心)[^，。；]{0,6}(?:被禁|叫停|禁止)"
)
#: Who takes a position adopts no law.
ONLY_A_POSITION = re.compile(
    r"\b(?:adopt|approv|pass)\w* (?:[\w'-]+ ){0,4}"
    r"(?:position|stance|report|opinion|mandate|amendments|general approach)\b"
    r"|通过[^，。；]{0,12}(?:立场|报告|意见|修正案)"
)
FINAL_TO_COME = re.compile(
    r"\bfinal (?:[\w-]+ ){0,6}(?:due|expected|likely|looms|nears|weeks away|in the works)\b"
    r"|(?:最终|正式)[^，。；]{0,10}(?:将于|有望|预计|即将)"
)
#: Licences that were given are stopped: "licences to export H200 to China are suspended".
_LICENCES_STOPPED = re.compile(
    r"\blicen[cs]es?\b[^.;]{0,90}\b(?:are|is|were|have been|has been) (?:suspended|revoked|cancelled|canceled|void)\b"
    r"|\b(?:suspend|revok|void|cancel)\w*\s(?:[\w'-]+ ){0,4}licen[cs]es?\b|(?:暂停|吊销|中止)[^，。；]{0,14}许可"
    r"|\b(?:restor|reinstat)\w* (?:[\w'-]+ ){0,5}presumption of denial|恢复[^，。；]{0,12}推定拒绝"
    r"|\b(?:us|u\.s\.?|washington|commerce|trump|america) [^.;]{0,20}\b(?:shuts?|slams?|closes?|closed) the door on\b"
)
_TIME = (
    r"(?:early |late |mid-?)?(?:january|february|march|april|may|june|july|august|september|october|november|december"
    r"|spring|summer|autumn|fall|winter|q[1-4]|the (?:first|second|third|fourth) quarter|20\d\d)(?: 20\d\d)?"
)
_DAY = r"(?:\d{1,2} )?"
#: A stay is prolonged without the word: "further suspension", "stays in abeyance through May".
SUSPENSION_GOES_ON = re.compile(
    r"\bfurther suspension\b|\b(?:suspension|pause|stay|freeze)\b[^.;]{0,50}"
    r"\b(?:continued|prolonged|renewed)\b"
    r"|\b(?:stay|remain|keep|kept)\w* (?:[\w'%-]+ ){0,4}(?:suspended|in abeyance|on ice|on hold|paused|frozen|stayed)\b"
    r"[^.;]{0,30}\b(?:through|until|till|for (?:another|a further|one more)|to)\b"
    r"|\banother year of (?:suspension|the (?:pause|stay))|(?:继续|再|再次|再度)(?:暂停|中止|搁置)"
)
#: A date gives way to another: "moves deliveries from February to the summer".
_MOVED_ON = re.compile(
    rf"\b(?:mov|shift|slid|push|slip)\w*\b(?! up\b)(?! forward)[^.;]{{0,60}}\bfrom {_TIME} (?:to|into) (?:the )?{_TIME}"
    r"|\b(?:push|mov|postpon|shift)\w*\b[^.;]{0,50}\b(?:vote|approach|decision|adoption)\b[^.;]{0,20}\b(?:off|into|to|back)\b"
    r"|\b(?:vote|approach|decision|adoption|deliver(?:y|ies))\b[^.;]{0,40}\bmoved (?:back )?(?:to|into)\b"
    r"|\b(?:move[sd]?|push(?:es|ed)?|shift(?:s|ed)?|bump(?:s|ed)?) (?!(?:up|forward) )"
    rf"(?:(?!from )[\w'.-]+ ){{0,6}}(?:in)?to (?:the )?{_DAY}{_TIME}"
    r"|(?:改期|改|挪|移|调整)(?:到|至)(?:明年|后年|\d{1,2}月|年底|[一二三四]季度)"
    r"|\b(?:paus|halt|suspend)\w* (?:[\w'.-]+ ){0,4}(?:deliver(?:y|ies)|shipments?|shipping)\b"
    r"|(?:暂停|中止|停止)[^，。；]{0,12}(?:交付|出货|供货|发货)"
    r"|[从由][^，。；]{1,8}(?:改|挪|移|调整)(?:到|至|为)(?:明年|后年|[^，。；]{0,4}(?:月|季度|季|年))"
)
_VOTED = r"(?:以[^，。；委]{1,16}|全票|一致|高票|压倒性)(?:表决)?通过"
_PASSED_HOUSE = re.compile(
    rf"众(?:议)?院{_VOTED}|\bhouse (?:unanimously|overwhelmingly|narrowly) (?:passes|passed|approves|approved)\b"
    # "House clears Senate's chip-tracking bill"
    r"|\bhouse (?:clears|passes|approves|backs) (?:the )?senate(?:'s|-passed)\b"
)
_PASSED_SENATE = re.compile(
    rf"参(?:议)?院{_VOTED}|\bsenate (?:unanimously|overwhelmingly|narrowly) (?:passes|passed|approves|approved)\b"
    r"|\bsenate (?:clears|passes|approves|backs) (?:the )?house(?:'s|-passed)\b|\bclears (?:the )?senate\b(?!')"
)
_PRESENTED = re.compile(r"\bstellt (?:[\w.-]+ ){1,6}vor\b")
#: The patterns are slow; without one of these words none finds anything.
_SIGN = re.compile(
    r"licen|许可|推定拒绝|presumption of denial|the door"
    r"|\b(?:from|vote|approach|decision|adoption|deliver|move[sd]? )|[从由]"
    r"|\b(?:push|shift|bump|house|senate|stellt)|[参众](?:议)?院"
    r"|suspen|abeyance|\b(?:stay|remain|keep|kept|pause|halt)|[暂搁]|[中停]止|[改挪移整][到至]"
)
_WORDINGS = (
    ("rescinded", _LICENCES_STOPPED), ("extended", SUSPENSION_GOES_ON), ("delayed", _MOVED_ON),
    ("passed-senate", _PASSED_SENATE), ("passed-house", _PASSED_HOUSE), ("proposed", _PRESENTED),
)  # fmt: skip
_DENIED = re.compile(r"\bden(?:y|ies|ied|ying)\b|否认|辟谣|不实")
#: So near before such words stands what denies them.
_NEAR_BEFORE = 14


def may_tell_in_other_words(text: str) -> bool:
    return _SIGN.search(text) is not None


def told_in_other_words(states: Container[str], text: str) -> tuple[str, str] | None:
    """The first of ``states`` that the folded text tells of in no fixed words, and the words."""
    if not may_tell_in_other_words(text):
        return None
    for state, pattern in _WORDINGS:
        match = pattern.search(text) if state in states else None
        if match is None or ONLY_THOUGHT_OF.search(text):
            continue
        if state == "extended" and mood("suspension_over").find(text):
            continue
        before = text[max(0, match.start() - _NEAR_BEFORE) : match.start()]
        if not (_DENIED.search(before) or mood("negated").is_in_few(before)):
            return state, match[0]
    return None
