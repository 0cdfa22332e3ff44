"""Whose a name or date is by the words beside it: an officer's, or of another event than the paper's. Pure."""

import re
from collections.abc import Iterator

from core.vocabulary import FieldName
from ocr.found import Found, apart
from ocr.layout import DocumentText
from ocr.runs import folded
from ocr.types import Box

OFFICER_REACH = 8.0
_OFFICER = re.compile(
    r"(?:主讲|授课|任课|主持|指导|课程)(?:教师|老师|人)?:?$|(?:讲师|负责人|校长|院长|\(院\)长|\(校\)长|主席|主任|(?:经办|证明|联系|记录|登记|填[写表]|制[表证]|复核|发证|签发)人|审核人?|团队|法人):?$|(?<!参训)教师:$"
)
# Words before a date that is not the paper's own: when it was printed or looked up, how long it holds, what began.
_OTHER_DATE = re.compile(
    r"(?:打印|查询|复印|影印|下载|导出|申请|更新|有效|截[至止图]|工作|入职|入学|报名|报到|访问|登录|核验|扫描|拍摄|上传|注册|开课|开班|开始|样式|许可证?|出生)"
    r"(?:[日时]?[期间]|年月|[于自至到:])*$"
)
_OFFICER_LABEL = re.compile(
    r"(?:课程)?(?:(?:主讲|授课|任课|指导)(?:教师|老师|人)?|讲师|负责人|教学团队|(?:经办|证明|联系|审核|记录|登记|填[写表]|制[表证]|复核|发证|签发)人|[校院局]长|班?主任):?"
)
# What stands under the name of one who signs: 学堂在线 总裁, and no colon, which would ask for a name itself.
_OFFICE_BELOW = re.compile(
    r"[^:,。]{0,16}(?:总裁|[校院局馆]长|主任|主席|董事长|总经理|负责人|教授|讲师|(?:主讲|授课|任课)(?:教师|老师|人)|CEO|创始人|(?i:president|director|dean|professor|instructor|lecturer|chancellor|ceo))"
)
_LECTURES = re.compile(r"(?:老师|教授|副教授|讲师|同志)?(?:主讲|讲授|授课|主持|负责|开设)")
# A label's value stands this many heights below it at most.
BELOW_LABEL = 2.0


def of_another(document: DocumentText, found: Found) -> bool:
    """Return whether a name is an officer's, or an issue date tells when something else was."""
    if found.name is FieldName.ISSUE_DATE:
        return any(_OTHER_DATE.search(words) for words in _words_before(document, found))
    return found.name is FieldName.HOLDER_NAME and of_officer(document, found)


def of_officer(document: DocumentText, found: Found) -> bool:
    """Return whether a name stands right of an officer's label, below one, or before a word for lecturing."""
    box = found.span.box
    for line in document.lines:
        if document.pages[line.page].number != found.span.page:
            continue
        if apart(line.box, box):
            if _OFFICER_LABEL.fullmatch(line.run.text) and _just_below(line.box, box):
                return True
            if _OFFICE_BELOW.fullmatch(line.run.text) and _just_below(box, line.box) and _alone(document, found):
                return True
            continue
        name_at = line.run.text.find(found.value)
        if line.box.left <= box.left <= line.box.right and name_at >= 0:
            if _OFFICER.search(line.run.text[:name_at]) or _LECTURES.match(line.run.text, name_at + len(found.value)):
                return True
        elif 0 <= box.left - line.box.right < OFFICER_REACH * line.em and _OFFICER.search(line.run.text):
            return True
    return False


def _words_before(document: DocumentText, found: Found) -> Iterator[str]:
    """Yield what stands before a candidate on its own line, and what ends a little left of it on its row."""
    box = found.span.box
    for line in document.lines:
        if document.pages[line.page].number != found.span.page or apart(line.box, box):
            continue
        at = line.run.text.find(folded(found.span.text))
        if line.box.left <= box.left <= line.box.right and at >= 0:
            yield line.run.text[:at]
        elif 0 <= box.left - line.box.right < OFFICER_REACH * line.em:
            yield line.run.text


def _alone(document: DocumentText, found: Found) -> bool:
    """Return whether a name is all that its line says."""
    return any(
        line.run.text == folded(found.span.text) and not apart(line.box, found.span.box)
        for line in document.lines
        if document.pages[line.page].number == found.span.page
    )


def _just_below(label: Box, value: Box) -> bool:
    gap = value.top - label.bottom
    return 0 <= gap < BELOW_LABEL * label.height and value.left < label.right and label.left < value.right
