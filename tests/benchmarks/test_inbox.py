from __future__ import annotations

from benchmarks.inbox import Times, summary


def test_each_message_counts_from_its_request_to_its_place() -> None:
    begun = {str(n): float(n) for n in range(1, 101)}
    came = {seq: at + 0.001 * at for seq, at in begun.items()}
    times = Times(begun, came, {"1": 1.25}, [10.0, 20.0])
    found = summary(times)
    assert found["event at the transcript"] == {"count": 100, "p50": 50, "p95": 95, "longest": 100}
    assert found["in the browser's transcript"]["p95"] == 250
    assert found["event at an inbox"]["longest"] == 20


def test_messages_of_before_do_not_count() -> None:
    assert Times({"2": 2.0}, {"1": 1.0, "2": 2.5}).took({"1": 1.0, "2": 2.5}) == [500.0]
