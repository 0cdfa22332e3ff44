"""Rosters: teachers of a school from a spreadsheet."""

from pathlib import Path
from tempfile import TemporaryDirectory

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool

from api.deps import PortsDep, authorise, identify
from api.numbers import row_id
from api.ports import Ports
from api.receive import Received, ReceiveLimits, receive
from api.schemas.batches import RosterOut, roster_out
from core.access import Viewer
from core.db import read_scope, session_scope
from core.errors import Invalid
from core.settings import MIB
from intake.roster_service import import_roster

router = APIRouter(prefix="/rosters", tags=["rosters"])

LIMITS = ReceiveLimits(file_bytes=20 * MIB, all_bytes=20 * MIB, files=1)
FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["school_id", "file"],
                    "properties": {
                        "school_id": {"type": "integer"},
                        "file": {"type": "string", "format": "binary"},
                    },
                }
            }
        },
    }
}


@router.post("", openapi_extra=FORM)
async def create(request: Request, ports: PortsDep) -> RosterOut:
    """Import an XLSX or CSV roster: good rows are taken, the others listed with row, column and reason."""
    viewer = await run_in_threadpool(_person, request, ports)
    with TemporaryDirectory(dir=ports.scratch) as folder:
        received = await receive(request, Path(folder), LIMITS)
        return await run_in_threadpool(_import, ports, viewer, received)


def _person(request: Request, ports: Ports) -> Viewer:
    with read_scope(ports.maker) as session:
        return authorise(identify(session, ports, request), request, None).viewer


def _import(ports: Ports, viewer: Viewer, received: Received) -> RosterOut:
    school_id = row_id(received.fields.get("school_id", ""), "school_id")
    if not received.files:
        raise Invalid("field_missing", "The field {field} is missing or malformed.", field="file")
    with session_scope(ports.maker) as session:
        done = import_roster(session, ports.keyring, viewer, school_id=school_id, path=received.files[0][1])
        return roster_out(done)
