"""`xuefen worker`: the processes behind the web page; `xuefen up` starts them, or start them one by one."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

import typer
from sqlalchemy.orm import Session, sessionmaker

from core.db import open_engine, session_factory
from core.keys import Keyring, load_keyring
from core.logs import configure_logs
from core.queue import Doorbell
from core.settings import Settings
from core.storage import Storage
from core.valkey import connect
from ocr.service import open_reader
from workers.desk import Desk
from workers.reconciler import Reconciler
from workers.scratch import Scratch
from workers.worker import run

app = typer.Typer(
    no_args_is_help=True,
    help="识别进程与巡检进程，`xuefen up` 会自动启动。/ Readers and the reconciler; `xuefen up` starts them for you. "
    "Run as many readers as there are cores, and one reconciler.",
    epilog="例 / Examples:  xuefen worker read  ·  XUEFEN_REDIS_URL=redis://queue xuefen worker reconcile",
)


@app.command("read")
def read() -> None:
    """识别送来的文件 / Read files as they arrive, until a signal comes or XUEFEN_WORKER_MAX_JOBS are done.

    例 / Example:  XUEFEN_HOME=/srv/xuefen xuefen worker read
    """
    configure_logs()
    settings = Settings()
    connection = connect(settings, patient=True)
    with _database(settings) as (maker, keyring):
        scratch = Scratch(settings.home / "scratch" / "readers")
        reader = open_reader(settings, scratch.folder)
        try:
            storage = Storage(settings.blobs, keyring)
            run(Desk(settings, maker, storage, keyring, scratch, reader), connection)
        finally:
            reader.close()
            scratch.close()


@app.command("reconcile")
def reconcile() -> None:
    """找回丢失的任务、发布已核准的学分 / Ring again for lost files, publish approved entries, sweep what expired.

    例 / Example:  XUEFEN_HOME=/srv/xuefen xuefen worker reconcile
    """
    configure_logs()
    settings = Settings()
    with _database(settings) as (maker, _):
        reconciler = Reconciler(maker, Doorbell(connect(settings)), settings)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: reconciler.stop())
        reconciler.run()


@contextmanager
def _database(settings: Settings) -> Iterator[tuple[sessionmaker[Session], Keyring]]:
    """Lend sessions on the settings' database, and the keyring that opens its sealed columns."""
    keyring = load_keyring(settings.home)
    engine = open_engine(settings, keyring)
    try:
        yield session_factory(engine), keyring
    finally:
        engine.dispose()
