"""The flood of the tests, for as long as there is time."""

from flood import Flood
from flood_images import ALL_KINDS
from process_memory import growth, resident_megabytes
from torture.session import Session

# MB by which the last quarter of the run may exceed the first. Loading and freeing models
# repeatedly fragments the heap by that much in the first minutes.
_TOLERANCE = 60.0


def attack_with_flood(session: Session) -> None:
    """Run rounds of the flood; every good image of every round must be processed."""
    tally = session.tally
    flood = Flood(session.graph, session.picture, seed=tally.seed)
    node = flood.start()
    memory: list[float] = []
    try:
        while session.goes_on or flood.rounds < 3 * ALL_KINDS:
            tally.sent += len(flood.cameras)
            flood.next_round()
            tally.answered += len(flood.cameras)
            tally.longest_delay = max(tally.longest_delay, flood.last_delay)
            tally.done['round'] = flood.rounds
            tally.done['change of state'] = flood.transitions
            if flood.rounds > 2 * ALL_KINDS:
                memory.append(resident_megabytes(node.process_id))
    except AssertionError as error:
        tally.crashes += node.has_ended
        tally.fail(f'round {flood.rounds}: {str(error)[:300]}')
    if memory:
        tally.note_memory(memory[0], max(memory), memory[-1])
        if growth(memory) > _TOLERANCE:
            tally.fail(
                f'memory grew by {growth(memory):.0f} MB from the first to the last quarter'
            )
    if not node.has_ended and node.end():
        tally.fail('the node did not end with exit code 0 after SIGINT')
    tally.tracebacks += node.output.count('Traceback')
    if tally.tracebacks:
        tally.fail('the node printed a traceback')
