#!/usr/bin/env python3
"""Loads trace files into Perfetto's own trace processor, and checks that all that is in them arrives.

    pip install perfetto
    tests/perfetto/check.py docket/tests/traces/page.json

The package downloads the trace processor, a binary, when it is first used, so this is no part of `tests/run`; what can be
checked without it, the form of each event and the nesting of slices, is a test in `docket/tests/seeing/perfetto.rs`.
"""

import json
import sys

from perfetto.trace_processor import TraceProcessor


def check(path):
    with open(path, encoding="utf-8") as file:
        events = json.load(file)["traceEvents"]
    slices = [event for event in events if event["ph"] in ("X", "i")]
    with TraceProcessor(trace=path) as processor:
        rows = processor.query("SELECT name, ts, dur FROM slice ORDER BY ts, name")
        found = sorted((row.name, row.ts, max(row.dur, 0)) for row in rows)
        start = min(ts for _, ts, _ in found)
        found = sorted((name, ts - start, dur) for name, ts, dur in found)
        nanos = lambda micros: round(micros * 1000)
        expected = sorted(
            (event["name"], nanos(event["ts"]), nanos(event.get("dur", 0))) for event in slices
        )
        assert found == expected, f"{path}: {found} != {expected}"
        threads = {event["args"]["name"] for event in events if event["name"] == "thread_name"}
        names = {row.name for row in processor.query("SELECT name FROM thread") if row.name}
        assert threads <= names, f"{path}: {threads} are not all among {names}"
        errors = processor.query(
            "SELECT name, value FROM stats WHERE severity IN ('error', 'data_loss') AND value > 0"
        )
        told = [(row.name, row.value) for row in errors]
        assert not told, f"{path}: {told}"
    print(f"{path}: {len(slices)} slices in {len(threads)} threads")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    for path in sys.argv[1:]:
        check(path)
