"""The index of the spool behaves like a sorted dictionary."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agents.segments import Position
from agents.spool_index import IN_MEMORY, Entry, SpoolIndex

entries = st.builds(
    Entry,
    seq=st.integers(1, 30),
    position=st.one_of(
        st.just(IN_MEMORY), st.builds(Position, st.integers(1, 5), st.integers(0, 1 << 24))
    ),
    has_events=st.booleans(),
    made_at=st.floats(0, 1e10),
    made_uptime=st.floats(0, 1e8),
)


@given(st.lists(st.one_of(entries, st.integers(1, 30))))
def test_index_holds_what_a_dictionary_would(operations: list[Entry | int]) -> None:
    """Put and remove in any order leave the same entries, and the same answers about them."""
    index, expected = SpoolIndex(), dict[int, Entry]()
    for operation in operations:
        if isinstance(operation, Entry):
            index.put(operation)
            expected[operation.seq] = operation
        else:
            index.remove(operation)
            expected.pop(operation, None)

    held = [expected[seq] for seq in sorted(expected)]
    assert len(index) == len(held)
    assert [index.get(seq) for seq in range(1, 31)] == [expected.get(n) for n in range(1, 31)]
    assert (index.first(), index.last()) == ((held[0], held[-1]) if held else (None, None))
    assert index.plain_count == sum(not entry.has_events for entry in held)
    assert index.in_segment(3) == [entry for entry in held if entry.position.segment == 3]
    on_disk = [entry.position for entry in held if entry.position != IN_MEMORY]
    assert index.lowest_position() == min(on_disk, default=None)
