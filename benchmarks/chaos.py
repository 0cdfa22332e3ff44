"""Kills parts of a running service at random while it reads, then counts: python -m benchmarks.chaos --seconds 60.

Readers, the reconciler and Valkey get SIGKILL; every file must end done, with exactly one document and one entry.
Ends with status 1 when anything was lost, doubled or left undone.
"""

import argparse
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from core.db import open_engine, read_scope, session_factory, session_scope
from core.keys import load_keyring
from core.models import CandidateEntry, Document, SourceFile
from core.queue import Doorbell
from core.settings import Settings
from core.states import FileState
from core.storage import Storage
from core.valkey import connect
from tests import factories
from tests.service import Service

SAMPLES = Path(__file__).parents[1] / "fixtures" / "samples"
VICTIMS = ("worker read", "worker read", "worker reconcile", "valkey-server")
PATIENCE_SECONDS = 600.0


def main() -> int:
    """Run the trial and print its figures; returns the exit status."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--files", type=int, default=40, help="files to read")
    options.add_argument("--seconds", type=float, default=60.0, help="how long to kill")
    options.add_argument("--pause", type=float, default=4.0, help="mean seconds between two blows")
    options.add_argument("--seed", type=int, default=1)
    chosen = options.parse_args()
    draw = random.Random(chosen.seed)
    home = Path(tempfile.mkdtemp(prefix="xuefen-chaos-")) / "home"
    with Service(home, lease_seconds=4, max_attempts=50) as service:
        engine = open_engine(Settings(home=home), load_keyring(home))
        tables = session_factory(engine)
        start = time.monotonic()
        ids = upload(tables, home, chosen.files)
        blows = torment(service, tables, ids, draw, chosen)
        finish_by = time.monotonic() + PATIENCE_SECONDS
        while left_undone(tables, ids) and time.monotonic() < finish_by:
            time.sleep(0.2)
        seconds = time.monotonic() - start
        good = report(tables, ids, blows, seconds)
        engine.dispose()
    return 0 if good else 1


def upload(tables: sessionmaker[Session], home: Path, number: int) -> list[int]:
    """Put `number` distinct files into one batch, as an upload does."""
    settings = Settings(home=home)
    storage = Storage(settings.blobs, load_keyring(home))
    scans = [path.read_bytes() for path in sorted(SAMPLES.glob("diploma_*.jpg"))]
    with session_scope(tables) as session:
        into = factories.batch(session)
        contents = (with_comment(scans[place % len(scans)], place) for place in range(number))
        ids = [factories.file(session, storage, into, content=content).id for content in contents]
    bell = Doorbell(connect(settings))
    for file_id in ids:
        bell.ring(file_id)
    return ids


def with_comment(jpeg: bytes, number: int) -> bytes:
    """Return the picture with a comment in its header, so that its bytes are its own."""
    text = f"copy {number}".encode()
    return jpeg[:2] + b"\xff\xfe" + (len(text) + 2).to_bytes(2, "big") + text + jpeg[2:]


def torment(
    service: Service, tables: sessionmaker[Session], ids: list[int], draw: random.Random, chosen: argparse.Namespace
) -> Counter[str]:
    """Kill random parts until the time is over or nothing is left to read; returns the blows by part."""
    blows: Counter[str] = Counter()
    until = time.monotonic() + chosen.seconds
    while time.monotonic() < until and left_undone(tables, ids):
        time.sleep(draw.expovariate(1 / chosen.pause))
        victim = draw.choice(VICTIMS)
        found = service.processes(victim)
        if found:
            os.kill(draw.choice(found), signal.SIGKILL)
            blows[victim] += 1
    return blows


def left_undone(tables: sessionmaker[Session], ids: list[int]) -> int:
    """Return how many files are neither done nor failed."""
    open_states = (FileState.RECEIVED, FileState.QUEUED, FileState.RUNNING)
    with read_scope(tables) as session:
        undone = select(func.count(SourceFile.id)).where(SourceFile.id.in_(ids), SourceFile.state.in_(open_states))
        return session.scalar(undone) or 0


def report(tables: sessionmaker[Session], ids: list[int], blows: Counter[str], seconds: float) -> bool:
    """Print what became of the files; returns whether nothing was lost or doubled."""
    with read_scope(tables) as session:
        states = Counter(session.scalars(select(SourceFile.state).where(SourceFile.id.in_(ids))))
        tries = session.scalar(select(func.sum(SourceFile.fence)).where(SourceFile.id.in_(ids))) or 0
        documents = Counter(session.scalars(select(Document.file_id)))
        entries = Counter(session.scalars(select(CandidateEntry.document_id)))
    doubled = sum(count > 1 for count in (*documents.values(), *entries.values()))
    lost = len(ids) - len(documents)
    print(f"files {len(ids)} · {dict(states)} · {seconds:.0f} s · claims {tries}")
    print(f"kill -9: {sum(blows.values())} {dict(blows)}")
    print(f"documents {sum(documents.values())} · entries {sum(entries.values())} · lost {lost} · doubled {doubled}")
    return states == {FileState.DONE: len(ids)} and not lost and not doubled


if __name__ == "__main__":
    sys.exit(main())
