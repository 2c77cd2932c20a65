"""What the agent makes of any text is a label that the collector takes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.report import Report, Sample, label_value, pack
from collector.wire import read


@given(st.text(max_size=300))
def test_label_of_any_text_is_accepted(text: str) -> None:
    """A mount point with any name costs no report: one refused label would refuse them all."""
    sample = Sample("node_filesystem_avail_bytes", {"mountpoint": label_value(text)}, 1.0, 1.7e9)

    read(pack(Report("a-1", "b", 1, 1, "", 1.7e9, [sample])))


@pytest.mark.parametrize(
    ("one", "other"), [("x" * 200 + "a", "x" * 200 + "b"), ("a\nb", "a\rb"), ("\udce9", "\udcea")]
)
def test_label_keeps_different_texts_apart(one: str, other: str) -> None:
    """Two mounts never become one series."""
    assert label_value(one) != label_value(other)


def test_label_leaves_an_ordinary_text_alone() -> None:
    """Vietnamese names are ordinary."""
    assert label_value("/srv/Văn bản điều hành") == "/srv/Văn bản điều hành"
