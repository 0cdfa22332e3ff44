"""The state machines of a file and of a candidate entry: states and allowed transitions. Pure."""

from enum import StrEnum


class FileState(StrEnum):
    """Where a stored file stands in the reading pipeline."""

    RECEIVED = "received"
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class EntryState(StrEnum):
    """Where a candidate entry stands with the people who decide."""

    IN_REVIEW = "in_review"
    RETURNED = "returned"
    REJECTED = "rejected"
    APPROVED = "approved"


class Action(StrEnum):
    """What a person can do with a candidate entry."""

    APPROVE = "approve"
    RETURN = "return"
    REJECT = "reject"
    CORRECT = "correct"


FILE_TRANSITIONS: dict[FileState, frozenset[FileState]] = {
    FileState.RECEIVED: frozenset({FileState.QUEUED, FileState.RUNNING}),
    FileState.QUEUED: frozenset({FileState.RUNNING, FileState.FAILED}),
    FileState.RUNNING: frozenset({FileState.QUEUED, FileState.RUNNING, FileState.DONE, FileState.FAILED}),
    FileState.DONE: frozenset(),
    FileState.FAILED: frozenset({FileState.QUEUED}),
}

# approve keeps an entry in review until its last level; review/decide.py knows the levels.
ENTRY_TRANSITIONS: dict[EntryState, dict[Action, frozenset[EntryState]]] = {
    EntryState.IN_REVIEW: {
        Action.APPROVE: frozenset({EntryState.IN_REVIEW, EntryState.APPROVED}),
        Action.RETURN: frozenset({EntryState.RETURNED}),
        Action.REJECT: frozenset({EntryState.REJECTED}),
        Action.CORRECT: frozenset({EntryState.IN_REVIEW}),
    },
    EntryState.RETURNED: {
        Action.CORRECT: frozenset({EntryState.IN_REVIEW}),
        Action.REJECT: frozenset({EntryState.REJECTED}),
    },
    EntryState.REJECTED: {},
    EntryState.APPROVED: {},
}


def entry_allows(state: EntryState, action: Action) -> bool:
    """Return whether `action` can be taken on an entry in `state`."""
    return action in ENTRY_TRANSITIONS[state]
