"""Files of several pages into documents: covers and backs with their certificate, certificates apart."""

import pytest

from core.vocabulary import DocType, FieldName
from ocr.documents import read_documents
from ocr.splitting import split_pages
from ocr.types import PageText
from tests.pages import CERTIFICATE, DIPLOMA, even_page

DEGREE = (
    "学士学位证书",
    "叶知秋，女，1996年9月1日生。在南屏师范大学英语专业修业四年，业已毕业，",
    "经审核符合《中华人民共和国学位条例》的规定，授予文学学士学位。",
    "南屏师范大学",
    "2018年6月28日",
)
MOOC = (
    "中国大学MOOC",
    "认证证书",
    "孙晓萌",
    "于2019年2月至6月完成了由海东师范大学开设的",
    "《教师如何做研究》课程学习",
    "共计36学时，总成绩92分，成绩优秀，特发此证。",
    "2019年6月28日",
)
OUTSIDE = ("普通高等学校", "毕业证书", "中华人民共和国教育部监制")
DEGREE_OUTSIDE = ("学位证书",)
TRAINING_OUTSIDE = ("培训结业证书", "江口市教育局")
DIPLOMA_BACK = ("注意事项", "一、本证书遗失不补，请妥善保管。", "二、涂改无效。", "查询网址：http://www.chsi.com.cn")
TRAINING_BACK = (
    "说明",
    "1．本证书由江口市教育局统一印制。",
    "2．本证书作为教师完成继续教育培训任务的凭证，涂改无效。",
    "登记编号：JK20190088123",
)
PERSON = ("姓名：林若溪", "性别：女", "证书编号：JK2019008", "（照片）")
LEARNED = (
    "培训证书",
    "于2019年7月1日至7月10日参加江口市骨干教师高级研修班学习，",
    "共计60学时，经考核合格，准予结业。",
    "江口市教育局",
    "2019年7月12日",
)
NOTICE = (
    "江口市教育局",
    "关于举办2019年骨干教师培训的通知",
    "各县区教体局，市直各学校：",
    "经研究，决定于2019年4月8日至12日举办骨干教师培训，共30学时。",
    "2019年4月1日",
)
INVOICE = ("云海增值税普通发票", "发票代码：099001800104", "培训费 3000.00", "价税合计（大写）叁仟圆整")
BLANK: tuple[str, ...] = ()


def paged(*texts: tuple[str, ...]) -> list[PageText]:
    return [even_page(lines, number) for number, lines in enumerate(texts, 1)]


def another(lines: tuple[str, ...], old: str, new: str) -> tuple[str, ...]:
    return tuple(line.replace(old, new) for line in lines)


@pytest.mark.parametrize(
    ("texts", "groups"),
    [
        ((OUTSIDE, DIPLOMA), [[1, 2]]),
        ((DIPLOMA, OUTSIDE), [[1, 2]]),
        ((OUTSIDE, DIPLOMA, DIPLOMA_BACK), [[1, 2, 3]]),
        ((OUTSIDE, DIPLOMA, OUTSIDE, another(DIPLOMA, "周子涵", "林清风")), [[1, 2], [3, 4]]),
        ((OUTSIDE, ("毕业证书",), DIPLOMA), [[1, 2, 3]]),
        ((OUTSIDE, DIPLOMA, DEGREE_OUTSIDE, DEGREE), [[1, 2], [3, 4]]),
        ((CERTIFICATE, OUTSIDE, DIPLOMA), [[1], [2, 3]]),
        ((TRAINING_OUTSIDE, CERTIFICATE, TRAINING_BACK), [[1, 2, 3]]),
        ((CERTIFICATE, TRAINING_BACK, another(CERTIFICATE, "林若溪", "何田田"), TRAINING_BACK), [[1, 2], [3, 4]]),
        ((TRAINING_BACK, CERTIFICATE), [[1, 2]]),
        ((PERSON, LEARNED), [[1, 2]]),
        ((LEARNED, PERSON), [[1, 2]]),
        ((DIPLOMA, DEGREE), [[1], [2]]),
        ((MOOC, MOOC), [[1], [2]]),
        ((OUTSIDE, MOOC), [[1], [2]]),
        ((CERTIFICATE, BLANK, another(CERTIFICATE, "林若溪", "何田田")), [[1], [3]]),
        ((CERTIFICATE, NOTICE, INVOICE), [[1], [2], [3]]),
    ],
)
def test_pages_make_up_documents(texts: tuple[tuple[str, ...], ...], groups: list[list[int]]) -> None:
    assert [[page.number for page in group] for group in split_pages(paged(*texts))] == groups


def test_a_cover_alone_names_no_one() -> None:
    for lines, kind in ((OUTSIDE, DocType.DIPLOMA), (TRAINING_OUTSIDE, DocType.TRAINING_CERTIFICATE)):
        (cover,) = read_documents(paged(lines))
        assert (cover.doc_type, cover.notes) == (kind, ("cover_only",))
        assert set(cover.fields) <= {FieldName.ISSUER, FieldName.STUDY_FORM}


def test_two_sides_of_a_folded_certificate_are_read_as_one() -> None:
    (document,) = read_documents(paged(PERSON, LEARNED))
    values = {name.value: field.value for name, field in document.fields.items()}
    assert (values["holder_name"], values["hours"], values["certificate_no"]) == ("林若溪", "60", "JK2019008")


def test_a_back_adds_its_number_and_no_one_elses_facts() -> None:
    (document,) = read_documents(paged(CERTIFICATE, TRAINING_BACK))
    values = {name.value: field.value for name, field in document.fields.items()}
    assert (values["holder_name"], values["certificate_no"]) == ("林若溪", "JK20190088123")
    assert document.fields[FieldName.CERTIFICATE_NO].page == 2
