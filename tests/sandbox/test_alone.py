"""The folder of the sandbox works without the rest of the project."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from tvspiders import sandbox

PROGRAM = """
from urllib.request import Request, urlopen
from tvspiders.sandbox import SandboxConfig, running
with running(SandboxConfig(things=100)) as sandbox:
    request = Request(sandbox.url + "/users/me", headers={"Authorization": "Bearer anything"})
    print(urlopen(request).status)
"""


def test_its_folder_alone_serves_the_api(tmp_path):
    package = tmp_path / "tvspiders"
    shutil.copytree(Path(sandbox.__file__).parent, package / "sandbox")
    (package / "__init__.py").touch()

    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60
    )

    assert ended.stdout == "200\n", ended.stderr
