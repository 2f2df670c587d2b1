"""A server of buckets: moto, as a child process, with one empty bucket."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

START_TIMEOUT_S = 60
NAME = "household"
# Whoever has any name and key may do everything there.
SIGNED = "AWS4-HMAC-SHA256 Credential=household/20260101/us-east-1/s3/aws4_request"


class Bucket:
    def __init__(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self.address = f"s3://{NAME}/hearth"
        command = [sys.executable, "-m", "moto.server", "--host", "127.0.0.1", "--port", str(port)]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def __enter__(self):
        deadline = time.monotonic() + START_TIMEOUT_S
        make = urllib.request.Request(f"{self.url}/{NAME}", method="PUT", headers={"Authorization": SIGNED})
        while True:
            try:
                urllib.request.urlopen(make, timeout=5).close()
                break
            except urllib.error.URLError:
                if time.monotonic() > deadline:
                    self.process.kill()
                    raise
                time.sleep(0.2)
        settings = {"ENDPOINT": self.url, "ACCESS_KEY": "household", "SECRET_KEY": "a word"}
        os.environ.update({f"HEARTH_BACKUP_S3_{name}": value for name, value in settings.items()})
        return self

    def __exit__(self, *_):
        for name in [name for name in os.environ if name.startswith("HEARTH_BACKUP_S3_")]:
            del os.environ[name]
        self.process.kill()
        self.process.wait()
