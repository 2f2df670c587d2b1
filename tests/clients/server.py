"""The server under test: the real Hearth binary as a child process, or a foreign server that already runs."""

import os
import shutil
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

READY = "listening on "
START_TIMEOUT_S = 20
STOP_TIMEOUT_S = 20
COMMAND_TIMEOUT_S = 120


class Hearth:
    """`$HEARTH_BIN serve` on a loopback port of its own and a data folder of the caller's. `more` are variables of its settings."""

    def __init__(self, binary: str, folder: Path, more: dict[str, str]):
        self.binary = binary
        self.more = more
        self.folder = folder
        self.output = folder / "server.log"
        self.listen = "127.0.0.1:0"
        self.url = ""
        self.process: subprocess.Popen | None = None

    def start(self) -> None:
        settings = {
            "HEARTH_SERVER_NAME": "localhost",
            "HEARTH_REGISTRATION": "open",
            "HEARTH_RATE_LIMITS": "off",
            "HEARTH_STUN_LISTEN": "127.0.0.1:0",
        }
        command = [self.binary, "serve", "--listen", self.listen, "--data", str(self.folder / "data")]
        log = self.output.open("ab")
        self.process = subprocess.Popen(
            command, env=os.environ | settings | self.more, cwd=self.folder, stdout=subprocess.PIPE, stderr=log, text=True
        )
        ready = threading.Event()
        threading.Thread(target=self._read_output, args=(self.process, log, ready), daemon=True).start()
        if not ready.wait(START_TIMEOUT_S) or self.process.poll() is not None:
            self.stop()
            raise AssertionError(f"the server did not get ready:\n{self.output.read_text()}")
        # A restart must come back where the clients look for it.
        self.listen = self.url.removeprefix("http://")

    def _read_output(self, process: subprocess.Popen, log, ready: threading.Event) -> None:
        with log:
            for line in process.stdout:
                log.write(line.encode())
                log.flush()
                if READY in line and not ready.is_set():
                    self.url = line.split(READY, 1)[1].split()[0].rstrip("/")
                    ready.set()
        ready.set()

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                raise AssertionError("the server did not stop on SIGTERM") from None

    def restart(self) -> None:
        self.stop()
        self.start()

    def crash(self) -> None:
        """Kills the process whatever it does, and starts it again on the same data."""
        self.process.kill()
        self.process.wait()
        self.start()


    def back_up(self, place: str) -> None:
        """Makes a backup in a folder or bucket while the server runs."""
        self._run("backup", place)

    def restore(self, place: str) -> None:
        """Goes back to the newest backup: a new data folder takes the place of the old one."""
        self.stop()
        shutil.rmtree(self.folder / "data")
        self._run("restore", place)
        self.start()

    def _run(self, *arguments: str) -> None:
        command = [self.binary, *arguments, "--data", str(self.folder / "data")]
        subprocess.run(command, check=True, timeout=COMMAND_TIMEOUT_S)


class Foreign:
    """A server somebody else runs, for trying the clients themselves. It cannot be restarted from here."""

    def __init__(self, url: str):
        self.url = url.rstrip("/")

    def start(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT_S
        while True:
            try:
                urllib.request.urlopen(f"{self.url}/_matrix/client/versions", timeout=5).close()
                return
            except urllib.error.URLError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)

    def restart(self) -> None:
        """Does nothing: what follows in the test holds without a restart too."""

    def crash(self) -> None:
        """Does nothing, for the same reason."""

    def back_up(self, place: str) -> None:
        """Does nothing: whoever runs the server does it."""

    def restore(self, place: str) -> None:
        """Does nothing: what follows in the test holds without it too."""

    def stop(self) -> None:
        """Leaves the server running for its owner."""
