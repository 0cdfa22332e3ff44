"""Calibrated confidence: curves never fall, doubt stays doubt, and the file of curves is checked."""

from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Invalid
from core.vocabulary import DocType, FieldName
from ocr.calibration import CAPS, CURVES, Calibration, Curve, calibrated, curves, load_curves
from ocr.types import Box, DocumentReading, FieldValue, SignInRow
from verification.loader import load_pack

BELIEFS = [step / 200 for step in range(201)]
PLACE = Box(0.1, 0.1, 0.2, 0.2)
FLAT = Curve(((0.0, 0.97),))


def reading(belief: float, name: FieldName = FieldName.HOURS) -> DocumentReading:
    return DocumentReading(
        pages=(1,),
        doc_type=DocType.MOOC_CERTIFICATE,
        type_confidence=belief,
        fields={name: FieldValue("36", belief, 1, PLACE, "ocr", "36")},
        rows=(SignInRow(1, "张三", "", "", ("签名",), False, belief, 1, PLACE),),
    )


def test_a_curve_is_straight_between_its_knots_and_flat_outside() -> None:
    curve = Curve(((0.2, 0.1), (0.6, 0.5), (0.8, 0.9)))
    assert [round(curve.at(belief), 6) for belief in (0.0, 0.2, 0.4, 0.7, 0.8, 1.0)] == [0.1, 0.1, 0.3, 0.7, 0.9, 0.9]


@pytest.mark.parametrize("name", FieldName)
def test_a_likelier_value_is_never_shown_as_less_sure(name: FieldName) -> None:
    shown = [calibrated(reading(belief, name)).fields[name].confidence for belief in BELIEFS]
    assert shown == sorted(shown)
    assert 0 <= shown[0] <= shown[-1] <= 1


def test_rows_and_kinds_rise_too() -> None:
    every = [calibrated(reading(belief)) for belief in BELIEFS]
    for shown in ([one.rows[0].confidence for one in every], [one.type_confidence for one in every]):
        assert shown == sorted(shown)


@given(belief=st.floats(0, 1), name=st.sampled_from(FieldName))
def test_what_is_doubted_stays_doubted_even_under_curves_that_saw_no_error(belief: float, name: FieldName) -> None:
    rosy = Calibration(pooled=FLAT, doc_type=FLAT, row=FLAT, fields={})
    shown = rosy.document(reading(belief, name)).fields[name].confidence
    for doubt, cap in CAPS:
        assert belief > doubt or shown <= cap


def test_a_contradicted_field_stays_below_every_threshold_of_the_pack() -> None:
    thresholds = load_pack("xinxiang-2016-2020").policy.thresholds
    doubt, cap = CAPS[0]
    for name in FieldName:
        shown = calibrated(reading(doubt, name)).fields[name].confidence
        assert shown <= cap < thresholds.for_field(name)


def test_a_signature_in_doubt_stays_below_the_threshold_of_rows() -> None:
    rosy = Calibration(pooled=FLAT, doc_type=FLAT, row=FLAT, fields={})
    assert rosy.document(reading(0.5)).rows[0].confidence < load_pack("xinxiang-2016-2020").policy.thresholds.row


def test_values_and_places_are_left_alone() -> None:
    before = reading(0.9)
    after = calibrated(before)
    plain = replace(after.fields[FieldName.HOURS], confidence=0.9)
    assert plain == before.fields[FieldName.HOURS]
    assert replace(after.rows[0], confidence=0.9, ink=1.0) == before.rows[0]


def test_the_file_of_curves_is_whole() -> None:
    assert curves().pooled.at(0.99) > 0.9
    assert curves().doc_type.at(0.99) > 0.9


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("pooled", [[0.1, 0.5], [0.2, 0.4]]),
        ("pooled", [[0.2, 0.4], [0.1, 0.5]]),
        ("pooled", [[0.1, 1.5]]),
        ("pooled", []),
        ("pooled", "x"),
        ("fields", {"shoe_size": [[0.1, 0.5]]}),
        ("fields", []),
        ("other", 1),
    ],
)
def test_a_damaged_file_is_refused(tmp_path: Path, key: str, value: object) -> None:
    data = yaml.safe_load(CURVES.read_text(encoding="utf-8"))
    data[key] = value
    path = tmp_path / "calibration.yaml"
    path.write_text(yaml.safe_dump(data), encoding="utf-8")
    with pytest.raises(Invalid) as caught:
        load_curves(path)
    assert caught.value.code == "calibration_invalid"
