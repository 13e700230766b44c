#!/usr/bin/env bash
# TensorBoard 2.21.0: its two readers take back different steps of a run that was restarted.
#
# Guessed: a second event file that begins with SessionLog START at step 4 makes every reader forget what the first file
#   has of step 4 and later, in all tags; without that record nothing is forgotten.
# Seen:    the Python reader (EventAccumulator, --load_fast=false) does so. The data server, which is the default for
#   local directories, ignores the record: per tag, a step that comes again removes the steps from it on. So a tag that
#   the second file does not write keeps its old end there, and without the record the Python reader shows steps twice
#   where the data server does not. The same directory is another picture, by the flag.
# Source:  tensorboard 2.21.0, tensorboard-data-server 0.7.2 (PyPI), Python 3.11 or newer, linux-x86_64.
#
# Exit code 0: as described. 1: it has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" -q install tensorboard==2.21.0 tensorboard-data-server==0.7.2 'setuptools<81'
cat > "$work/readers.py" <<'PY'
import json, os, socket, subprocess, sys, tempfile, time, urllib.parse, urllib.request
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.compat.proto.event_pb2 import Event, SessionLog
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.record_writer import RecordWriter


def write(path, events):
    with open(path, "wb") as f:
        out = RecordWriter(f)
        out.write(Event(wall_time=1, file_version="brain.Event:2").SerializeToString())
        for e in events:
            out.write(e.SerializeToString())


def scalars(step, *tags):
    return Event(wall_time=step, step=step, summary=Summary(value=[Summary.Value(tag=t, simple_value=step) for t in tags]))


root = tempfile.mkdtemp(dir=os.path.dirname(os.path.abspath(__file__)))
for run, restart in (("with-record", True), ("without", False)):
    d = os.path.join(root, run)
    os.mkdir(d)
    write(d + "/events.out.tfevents.1000000001.a", [scalars(s, "a", "b") for s in range(1, 8)])
    start = [Event(wall_time=4, step=4, session_log=SessionLog(status=SessionLog.START))] if restart else []
    write(d + "/events.out.tfevents.1000000002.a", start + [scalars(s, "a") for s in (4, 5)])

seen = {}
for run in ("with-record", "without"):
    acc = EventAccumulator(os.path.join(root, run)).Reload()
    seen["slow", run] = {t: [e.step for e in acc.Scalars(t)] for t in ("a", "b")}
with socket.socket() as s:
    s.bind(("127.0.0.1", 0))
    port = s.getsockname()[1]
server = subprocess.Popen([sys.executable, "-m", "tensorboard.main", "--logdir", root, "--port", str(port),
                           "--host", "127.0.0.1", "--load_fast=true"], stderr=subprocess.DEVNULL)
try:
    base = f"http://127.0.0.1:{port}/data/plugin/scalars/"
    for _ in range(300):
        try:
            if len(json.load(urllib.request.urlopen(base + "tags"))) == 2:
                break
        except OSError:
            pass
        time.sleep(0.5)
    time.sleep(5)
    for run in ("with-record", "without"):
        seen["fast", run] = {}
        for t in ("a", "b"):
            q = urllib.parse.urlencode({"run": run, "tag": t})
            seen["fast", run][t] = [r[1] for r in json.load(urllib.request.urlopen(base + "scalars?" + q))]
finally:
    server.terminate()
    server.wait()
for key, value in seen.items():
    print(*key, value)
whole = list(range(1, 8))
expected = {
    ("slow", "with-record"): {"a": [1, 2, 3, 4, 5], "b": [1, 2, 3]},
    ("slow", "without"): {"a": whole + [4, 5], "b": whole},
    ("fast", "with-record"): {"a": [1, 2, 3, 4, 5], "b": whole},
    ("fast", "without"): {"a": [1, 2, 3, 4, 5], "b": whole},
}
sys.exit(0 if seen == expected else 1)
PY
"$work/venv/bin/python" "$work/readers.py" 2>/dev/null
# slow with-record {'a': [1, 2, 3, 4, 5], 'b': [1, 2, 3]}
# slow without {'a': [1, 2, 3, 4, 5, 6, 7, 4, 5], 'b': [1, 2, 3, 4, 5, 6, 7]}
# fast with-record {'a': [1, 2, 3, 4, 5], 'b': [1, 2, 3, 4, 5, 6, 7]}
# fast without {'a': [1, 2, 3, 4, 5], 'b': [1, 2, 3, 4, 5, 6, 7]}
