"""What Perfetto's trace processor makes of trace files is what is in them. Called by `tests/perfetto`.

A file is compared with what SQL says of it: each event once, in its thread, with its times to the nanosecond and its
arguments; and all that belongs to a step within the slice of that step. Of the runs that are known by name, the steps,
their times and their outcomes are compared with what is written here.
"""

import argparse
import json
import os
import sys
from collections import Counter
from pathlib import Path

from perfetto.trace_processor import TraceProcessor, TraceProcessorConfig

MS = 1_000_000

# The run whose chart is in the README, in virtual time: start and length in ms, outcome, number of attempts, error.
PAGE = {
    "fetch_user": (0, 80, "ran", 1, None),
    "fetch_orders": (0, 120, "ran", 1, None),
    "fetch_preferences": (0, 170, "ran", 2, None),
    "score_credit": (0, 0, "hit", 0, None),
    "recommend": (120, 40, "softened", 1, "connection refused"),
    "compose_page": (170, 10, "ran", 1, None),
}

# The example `profile_page`, in real time: outcome, number of attempts, and the least of its length in ms, which is what the
# backends take.
MADE = {
    "fetch_user": ("ran", 1, 80),
    "fetch_orders": ("ran", 1, 120),
    "fetch_preferences": ("ran", 2, 120),
    "score_credit": ("ran", 1, 900),
    "recommend": ("softened", 1, 80),
    "compose_page": ("ran", 1, 0),
}
KEPT = MADE | {"score_credit": ("hit", 0, 0)}

# By thread and process, so that a slice that went elsewhere is missed.
SLICES = """
    SELECT slice.id, slice.parent_id, slice.depth, slice.ts, slice.dur, slice.name, slice.category, slice.arg_set_id,
           thread.tid, thread.name AS thread, process.pid, process.name AS process
    FROM slice
    JOIN thread_track ON slice.track_id = thread_track.id
    JOIN thread USING (utid)
    JOIN process USING (upid)
    ORDER BY slice.ts, slice.depth, slice.id
"""
ARGS = "SELECT arg_set_id, key, display_value AS value FROM args WHERE key GLOB 'args.*'"
# Whatever it did not understand, dropped, or put elsewhere.
COMPLAINTS = """
    SELECT name, value, severity FROM stats
    WHERE value > 0 AND (severity IN ('error', 'data_loss') OR name GLOB '*overlap*' OR name GLOB 'json_*failure*')
"""
# A child that is not within its parent, or not in its thread.
STRAYS = """
    SELECT child.name, child.ts, child.dur, parent.name AS parent
    FROM slice AS child JOIN slice AS parent ON child.parent_id = parent.id
    WHERE child.ts < parent.ts OR child.ts + child.dur > parent.ts + parent.dur
       OR child.track_id != parent.track_id OR child.depth != parent.depth + 1
"""


class Wrong(Exception):
    """What the trace processor says is not what is in the file."""


def expect(holds, *what):
    if not holds:
        raise Wrong(" ".join(str(it) for it in what))


def expect_same(found, expected):
    for name in sorted(found.keys() | expected.keys()):
        expect(found.get(name) == expected.get(name), name, "is", found.get(name), "and not", expected.get(name))


def nanos(micros):
    return round(micros * 1000)


def text(value):
    """As the trace processor shows it."""
    return json.dumps(value) if isinstance(value, bool) else str(value)


def in_file(path):
    """The events of a file as (thread, kind, name, start, length, arguments, what it is within)."""
    events = json.loads(path.read_text(encoding="utf-8"))["traceEvents"]
    threads = {it["tid"]: it["args"]["name"] for it in events if it["name"] == "thread_name"}
    [process] = [it["args"]["name"] for it in events if it["name"] == "process_name"]
    found = []
    step = None
    for event in events:
        if event["ph"] == "M":
            continue
        thread = (process, event["pid"], threads[event["tid"]], event["tid"])
        args = frozenset((f"args.{key}", text(value)) for key, value in event.get("args", {}).items())
        one = (thread, event["cat"], event["name"], nanos(event["ts"]), nanos(event.get("dur", 0)), args)
        # What belongs to a step follows it.
        if event["cat"] in ("execution", "step"):
            step = one
        found.append((one, step))
    return found


def in_processor(processor):
    args = {}
    for row in processor.query(ARGS):
        args.setdefault(row.arg_set_id, []).append((row.key, row.value))
    by_id = {}
    found = []
    for row in processor.query(SLICES):
        thread = (row.process, row.pid, row.thread, row.tid)
        mine = frozenset(args.get(row.arg_set_id, []))
        one = (thread, row.category, row.name, row.ts, row.dur, mine)
        if row.parent_id is None:
            expect(row.depth == 0, row.name, "is at depth", row.depth, "and has no parent")
        root = one if row.parent_id is None else by_id[row.parent_id][1]
        by_id[row.id] = (one, root)
        found.append((one, root))
    # Times count from the start of the execution.
    start = min((one[3] for one, _ in found), default=0)
    shift = lambda one: one[:3] + (one[3] - start,) + one[4:]
    return [(shift(one), shift(root)) for one, root in found]


def check(processor, path):
    told = [(row.severity, row.name, row.value) for row in processor.query(COMPLAINTS)]
    expect(not told, "the trace processor complains:", told)

    expected, found = Counter(in_file(path)), Counter(in_processor(processor))
    expect(expected, "there is nothing in it")
    missing, extra = expected - found, found - expected
    what = "; ".join([f"missing {it}" for it in missing] + [f"not in the file {it}" for it in extra])
    expect(not missing and not extra, what)
    [all_slices] = [row.n for row in processor.query("SELECT COUNT(*) AS n FROM slice")]
    expect(all_slices == found.total(), all_slices, "slices, of which", found.total(), "are in threads")
    strays = [(row.name, row.ts, row.dur, row.parent) for row in processor.query(STRAYS)]
    expect(not strays, "not within what is around it:", strays)

    [(execution, _)] = [it for it in found if it[0][1] == "execution"]
    expect(execution[3] == 0, "the execution starts at", execution[3])
    steps = steps_of(found)
    for step, attempts, delays in steps.values():
        check_step(step, attempts, delays, execution[4])
    check_known(path.stem, execution, steps)
    print(f"{path.name}: {found.total()} slices, {len(steps)} steps, {execution[4] / MS} ms")


def steps_of(found):
    """The steps by what they are, with their attempts and their delays in the order of time."""
    steps = {}
    for one, root in sorted(found, key=lambda it: it[0][3]):
        if one[1] == "step":
            steps.setdefault(one, (one, [], []))
    for one, root in sorted(found, key=lambda it: it[0][3]):
        if one[1] in ("attempt", "delay"):
            steps[root][1 if one[1] == "attempt" else 2].append(one)
    return steps


def check_step(step, attempts, delays, took):
    name, start, length, args = step[2], step[3], step[4], dict(step[5])
    expect(0 <= start and start + length <= took, name, "does not lie within the execution")
    expect(args.get("args.outcome"), name, "has no outcome")
    numbers = [int(it[2].removeprefix("attempt ")) for it in attempts]
    expect(all(a + 1 == b for a, b in zip(numbers, numbers[1:])), name, "has the attempts", numbers)
    expect(int(args.get("args.attempts", 0)) == len(numbers), name, "says another number of attempts:", args, numbers)
    pauses = []
    for before, after in zip(attempts, attempts[1:]):
        expect("args.error" in dict(before[5]), name, "was tried again though it did not fail")
        # One that takes no time at the end of its step is written a nanosecond earlier, to be within it.
        is_last_moment = after[4] == 0 and after[3] + 1 == start + length
        pauses.append((before[3] + before[4], after[3] + is_last_moment))
    pauses = [(start, end) for start, end in pauses if start < end]
    found = [(it[3], it[3] + it[4]) for it in delays]
    expect(found == pauses, name, "has delays", found, "and pauses between its attempts", pauses)


def check_known(run, execution, steps):
    steps = {step[2]: (step, attempts) for step, attempts, _ in steps.values()}
    if run == "page":
        expect(execution[2:5] == ("ProfileGraph::profile_page", 0, 180 * MS), execution)
        expect(dict(execution[5])["args.outcome"] == "resolved", execution)
        found = {}
        for name, (step, attempts) in steps.items():
            args = dict(step[5])
            times = (step[3] / MS, step[4] / MS)
            found[name] = (*times, args["args.outcome"], len(attempts), args.get("args.error"))
        expect_same(found, PAGE)
        path = {name for name, (step, _) in steps.items() if ("args.critical", "true") in step[5]}
        expect(path == {"fetch_preferences", "compose_page"}, "the critical path is", path)
    elif run in ("profile_page", "profile_page_made"):
        expected = KEPT if run == "profile_page" else MADE
        found = {name: (dict(it[5])["args.outcome"], len(attempts)) for name, (it, attempts) in steps.items()}
        expect_same(found, {name: it[:2] for name, it in expected.items()})
        for name, (_, _, least) in expected.items():
            expect(steps[name][0][4] >= least * MS, name, "took", steps[name][0][4], "ns")
        end = {name: it[3] + it[4] for name, (it, _) in steps.items()}
        expect(end["fetch_orders"] <= steps["recommend"][0][3], "recommend did not wait for the orders")
        last = steps["compose_page"][0][3]
        expect(all(end[it] <= last for it in end if it != "compose_page"), "compose_page did not wait for", end)


def main():
    parser = argparse.ArgumentParser(prog="tests/perfetto")
    parser.add_argument("--addr", metavar="HOST:PORT")
    parser.add_argument("files", metavar="FILE", nargs="+", type=Path)
    cli = parser.parse_args()
    config = TraceProcessorConfig(bin_path=os.environ.get("TRACE_PROCESSOR"))
    try:
        with TraceProcessor(addr=cli.addr, config=config) as processor:
            print(f"trace processor: {processor.http.status().human_readable_version}")
    except Exception as error:  # Of the network, of the system, or of the package.
        sys.exit(
            f"tests/perfetto: there is no trace processor: {error}\n"
            "Where it can't be downloaded, give its path: TRACE_PROCESSOR=/path/to/trace_processor_shell tests/perfetto,\n"
            "or the address of one that runs: trace_processor_shell --httpd, and tests/perfetto --addr 127.0.0.1:9001"
        )
    failed = 0
    for path in cli.files:
        try:
            if cli.addr:
                # It then forgets the file before, even one that it could not read.
                with TraceProcessor(addr=cli.addr) as processor:
                    processor.http.notify_eof()
            with TraceProcessor(trace=str(path), addr=cli.addr, config=config) as processor:
                check(processor, path)
        except Exception as error:
            failed += 1
            print(f"{path.name}: {error}", file=sys.stderr)
    if failed:
        sys.exit(f"tests/perfetto: {failed} of {len(cli.files)} files are not read as they are written")


if __name__ == "__main__":
    main()
