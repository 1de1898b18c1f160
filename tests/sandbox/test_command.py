import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.sandbox.client import fetch
from tests.support.load import promised

ROOT = Path(__file__).parents[2]
SCRIPT = """
import sys
from scrapy.cmdline import execute
from scrapy.settings import Settings
settings = Settings({"COMMANDS_MODULE": "tvspiders.commands"})
execute(sys.argv, settings)
"""


def start(*words):
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", SCRIPT, "sandbox", *words]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, cwd=ROOT
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_says_where_it_listens_and_ends_at_once(number):
    started = time.perf_counter()
    process = start("--things", "6000000", "--rate-stall", "0.5")
    line = process.stdout.readline()
    ready = time.perf_counter() - started
    url = line.removeprefix("sandbox listening on ").strip()
    statuses = set()
    for patience in (0.1, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2):  # half of them are never answered
        try:
            statuses.add(fetch(url, "/things/1", timeout=patience).status)
        except TimeoutError:
            statuses.add(0)
        if statuses == {0, 200}:
            break

    process.send_signal(number)
    rest, complaints = process.communicate(timeout=60)  # a stalled answer would take for ever

    assert line.startswith("sandbox listening on http://127.0.0.1:")
    assert (process.returncode, rest, complaints) == (0, "", "")
    assert ready < promised(30)  # 0.7 s on a free core
    assert statuses == {0, 200}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--things", "5"], "accepted: 100 to 6000000"),
        (["--nope"], "there is no option --nope; -h shows them"),
        (["--certfile", "no/such/file"], "no/such/file"),
    ],
)
def test_a_wrong_value_ends_it_with_one_clear_line(words, said):
    process = start(*words)
    out, err = process.communicate(timeout=60)

    assert process.returncode == 2
    assert out == ""
    assert err.count("\n") == 1
    assert err.startswith("tvspiders: ")
    assert said in err


def test_a_taken_port_is_told():
    first = start()
    port = first.stdout.readline().strip().rpartition(":")[2]
    second = start("--port", port)
    _, err = second.communicate(timeout=60)
    first.terminate()
    first.communicate(timeout=60)

    assert second.returncode == 2
    assert err.count("\n") == 1
    assert "address already in use" in err
