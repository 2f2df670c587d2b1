"""The server as `docker compose` runs it. The engine and the image are there already; `cargo xtask compose-test` saw to that."""

import json
import os
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

START_TIMEOUT_S = 60
COMMAND_TIMEOUT_S = 180
PAUSE_S = 0.2


class Composed:
    """The service of docker-compose.yml on a loopback port, with its volume; further files change it."""

    def __init__(self, *files: Path):
        self.command = json.loads(os.environ["HEARTH_COMPOSE"])
        # `docker compose`, or a program of its own.
        self.program = self.command[: self.command.index("--project-name")]
        for file in files:
            self.command += ["--file", str(file)]
        self.url = f"http://localhost:{os.environ['HEARTH_PORT']}"

    def start(self) -> None:
        self.compose("up", "--detach", "--no-build")
        deadline = time.monotonic() + START_TIMEOUT_S
        while not self.answers():
            if time.monotonic() > deadline:
                raise AssertionError("the service did not answer:\n" + self.compose("logs"))
            time.sleep(PAUSE_S)

    def answers(self) -> bool:
        try:
            urllib.request.urlopen(f"{self.url}/_matrix/client/versions", timeout=5).close()
            return True
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False

    def down(self) -> None:
        """Removes the containers and the network; the volume stays."""
        self.compose("down")

    def container(self) -> dict:
        """What the engine says of the running container."""
        identity = self.compose("ps", "--quiet", "hearth").strip()
        described = subprocess.run(
            ["docker", "inspect", identity], capture_output=True, text=True, check=True, timeout=COMMAND_TIMEOUT_S
        )
        return json.loads(described.stdout)[0]

    def inside(self, *command: str) -> subprocess.CompletedProcess:
        """Runs a command in the container, as an admin does; it may fail."""
        return subprocess.run(
            [*self.command, "exec", "--no-TTY", "hearth", *command],
            capture_output=True,
            text=True,
            timeout=COMMAND_TIMEOUT_S,
            stdin=subprocess.DEVNULL,
        )

    def compose(self, *arguments: str) -> str:
        done = subprocess.run(
            [*self.command, *arguments], capture_output=True, text=True, timeout=COMMAND_TIMEOUT_S, stdin=subprocess.DEVNULL
        )
        assert done.returncode == 0, f"{arguments}: {done.stdout}\n{done.stderr}"
        return done.stdout
