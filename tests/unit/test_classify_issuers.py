"""What kind an issuer is by its name; unknown rather than wrong."""

import pytest

from ocr.issuers import issuer_kind, issuer_kinds


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("云海省教育厅", "education_authority"),
        ("江口市教育局", "education_authority"),
        ("江口县教育体育局", "education_authority"),
        ("江口市教育局教研室", "education_authority"),
        ("江口市基础教育教学研究室", "education_authority"),
        ("云海省电化教育馆", "education_authority"),
        ("云海省高等教育自学考试委员会", "education_authority"),
        ("中华人民共和国教育部教师工作司", "education_authority"),
        ("云岭大学", "university"),
        ("云岭师范学院", "university"),
        ("云岭师范大学教育学院", "university"),
        ("江口县第二中学", "school"),
        ("江口市实验小学", "school"),
        ("云岭大学附属中学", "school"),
        ("东江教育科技有限公司", "company"),
        ("江口市教育局（东江）科技有限公司", "company"),
        ("启明培训学校", "company"),
        ("云海省教育学会", "company"),
        ("江口市人力资源和社会保障局", "human_resources"),
        ("云海省专业技术人员继续教育基地", "human_resources"),
        ("中国大学MOOC", "mooc_platform"),
        ("江口县教师进修学校", "unknown"),
        ("江口市教师发展中心", "unknown"),
        ("某某办公室", "unknown"),
        ("", "unknown"),
    ],
)
def test_tells_issuers_apart(name: str, kind: str) -> None:
    assert issuer_kind(name) == kind


def test_several_issuers_keep_their_order() -> None:
    assert issuer_kinds("江口市教育局、云岭大学") == ("education_authority", "university")
