"""Packs are loaded strictly: what is wrong is refused with file, line, key."""

from collections.abc import Callable
from pathlib import Path

import pytest

from core.errors import Invalid, NotFound
from core.i18n import error_text
from verification.loader import PACKS_DIR, list_packs, load_pack

XINXIANG = "xinxiang-2016-2020"
GOOD = (PACKS_DIR / XINXIANG / "pack.yaml").read_text(encoding="utf-8")


def load(tmp_path: Path, text: str, name: str = XINXIANG) -> None:
    folder = tmp_path / name
    folder.mkdir()
    (folder / "pack.yaml").write_text(text, encoding="utf-8")
    load_pack(name, tmp_path)


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


def swap(old: str, new: str) -> Callable[[str], str]:
    def change(text: str) -> str:
        assert old in text
        return text.replace(old, new, 1)

    return change


def test_the_pack_is_found_with_the_hash_of_its_bytes(tmp_path: Path) -> None:
    assert XINXIANG in list_packs()
    first = load_pack(XINXIANG).sha256
    folder = tmp_path / XINXIANG
    folder.mkdir()
    (folder / "pack.yaml").write_text(GOOD + "# a remark\n", encoding="utf-8")
    assert load_pack(XINXIANG, tmp_path).sha256 != first


def test_a_pack_that_is_not_there_is_not_found() -> None:
    with pytest.raises(NotFound) as caught:
        load_pack("../secrets")
    assert caught.value.code == "pack_not_found"


@pytest.mark.parametrize(
    ("change", "code", "where", "key"),
    [
        (swap("levels: [", "levels: [school]\nlevels: ["), "pack_duplicate_key", "levels: [school, county", "levels"),
        (swap("levels: [", "colour: red\nlevels: ["), "pack_unknown_key", "colour", "colour"),
        (swap("    require: type_certain\n", ""), "pack_missing_key", "- id: reading.type_certain", "rules.0.require"),
        (swap("    clause: 五\n", ""), "pack_missing_key", "- id: reading.type_certain", "rules.0.clause"),
        (swap("severity: review", "severity: warn"), "pack_bad_value", "severity: warn", "rules.0.severity"),
        (swap("require: type_certain", "require: tipe"), "pack_unknown_fact", "require: tipe", "rules.0.require"),
        (
            swap("require: type_certain", "require: old(score)"),
            "pack_unknown_function",
            "require: old",
            "rules.0.require",
        ),
        (
            swap("require: type_certain", "require: score >="),
            "pack_bad_expression",
            "require: score",
            "rules.0.require",
        ),
        (swap("figure: hours", "figure: ours"), "pack_unknown_fact", "figure: ours", "routes.1.figure"),
        (swap("（{holder_name}）", "（{who}）"), "pack_unknown_fact", "（{who}）", "messages.fail.zh"),
        (
            swap("id: reading.consistent", "id: reading.type_certain"),
            "pack_bad_value",
            "id: reading.type_certain\n    title:\n      zh: 材料内容",
            "rules.1.id",
        ),
        (
            swap("notice: registration_2019", "notice: letter"),
            "pack_bad_value",
            "notice: letter",
            "attestations.0.notice",
        ),
        (swap("category: project\n", "category: games\n"), "pack_bad_value", "category: games", "routes.3.category"),
        (
            swap("attestation: account_checked", "attestation: seen"),
            "pack_bad_value",
            "attestation: seen",
            "demands.0.attestation",
        ),
        (swap("default: 0.85", "default: 80"), "pack_bad_value", "default: 80", "thresholds.default"),
        (swap("default: 0.85", 'default: "0.8"'), "pack_bad_value", "default: ", "thresholds.default"),
        (swap("end: 2020-12-31}\neff", "end: 2015-12-31}\neff"), "pack_bad_value", "cycle:", "cycle"),
        (swap("levels: [school,", "levels: [village,"), "pack_bad_value", "levels:", "levels.0"),
        (swap("schema: 1", "schema: 2"), "pack_bad_value", "schema: 2", "schema"),
        (swap("documents: [diploma]", "documents: []"), "pack_bad_value", "documents: []", "documents"),
        (swap("id: xinxiang-2016-2020", "id: elsewhere"), "pack_bad_value", "id: elsewhere", "id"),
        (swap("levels: [", "levels: {["), "pack_bad_yaml", "levels: {[", ""),
    ],
)
def test_a_broken_pack_is_refused_with_file_line_and_key(
    tmp_path: Path, change: Callable[[str], str], code: str, where: str, key: str
) -> None:
    text = change(GOOD)
    with pytest.raises(Invalid) as caught:
        load(tmp_path, text)
    error = caught.value
    assert error.code == code
    assert error.facts["file"] == "xinxiang-2016-2020/pack.yaml"
    if code != "pack_bad_yaml":
        assert error.facts["line"] == line_of(text, where)
        assert str(error.facts["key"]).endswith(key)
    for language in ("zh", "en"):
        assert "xinxiang-2016-2020/pack.yaml" in error_text(error, language)


def test_the_second_of_two_equal_keys_is_named_by_its_line(tmp_path: Path) -> None:
    with pytest.raises(Invalid) as caught:
        load(tmp_path, "schema: 1\nid: a\nid: b\n")
    assert caught.value.facts["line"] == 3
