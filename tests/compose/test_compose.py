"""Sign up, talk, `down`, `up`: all there. Two encrypting clients that nobody here wrote do the talking."""

import json
import os
import re
import secrets
import shutil
import socket
import ssl
import subprocess
import textwrap
import time
import urllib.request
import zlib
from pathlib import Path

import pytest

from composed import Composed
from drivers import Driver

CLIENT = "matrix-nio"
HEALTHY_TIMEOUT_S = 60
MAX_IMAGE_BYTES = 60_000_000
ROOT = Path(__file__).parents[2]


@pytest.fixture
def server():
    server = Composed()
    server.start()
    yield server
    server.down()


@pytest.fixture
def people(server, tmp_path):
    """Two people who have signed up and sync."""
    drivers = []
    for number in range(2):
        driver = Driver(CLIENT, tmp_path / f"{number}.log")
        drivers.append(driver)
        driver.password = secrets.token_urlsafe(16)
        driver.sign_up(server.url, f"user-{secrets.token_hex(6)}", driver.password)
        driver.call("start_sync")
    yield drivers
    for driver in drivers:
        driver.close()


def say(sender, receiver, room_id: str, body: str) -> tuple[str, str, bool]:
    """Sends and waits until it stands decrypted at the receiver."""
    sender.call("send", room_id=room_id, body=body)
    assert receiver.wait("wait_message", room_id=room_id, body=body)["encrypted"]
    return (sender.user_id, body, True)


def history(client, room_id: str) -> list[tuple[str, str, bool]]:
    messages = client.call("history", room_id=room_id)["messages"]
    return [(message["sender"], message["body"], message["encrypted"]) for message in messages]


def test_a_conversation_survives_down_and_up(server, people):
    alice, bob = people
    room_id = alice.call("create_dm", user_id=bob.user_id)["room_id"]
    bob.wait("join", room_id=room_id)
    for client, other in ((alice, bob), (bob, alice)):
        client.wait("wait_joined", room_id=room_id, user_id=other.user_id)
    said = [say(alice, bob, room_id, "hello"), say(bob, alice, room_id, "hello yourself")]

    server.down()
    assert not server.answers()
    server.start()

    assert history(alice, room_id) == said
    assert history(bob, room_id) == said
    said.append(say(alice, bob, room_id, "still there?"))
    assert history(bob, room_id) == said


def test_the_container_is_healthy_and_runs_without_rights(server):
    deadline = time.monotonic() + HEALTHY_TIMEOUT_S
    while (status := server.container()["State"]["Health"]["Status"]) != "healthy":
        assert status == "starting" and time.monotonic() < deadline, f"the container is {status}"
        time.sleep(1)
    described = server.container()
    assert described["Config"]["User"] == "hearth"
    assert [mount["Destination"] for mount in described["Mounts"]] == ["/data"]
    assert not described["HostConfig"]["Privileged"]


def test_nothing_but_the_volume_is_written_to_and_no_right_is_left(server):
    refused = server.inside("sh", "-c", "touch /usr/local/bin/mine")
    assert refused.returncode != 0 and "Read-only file system" in refused.stderr, refused
    status = dict(line.split(":\t", 1) for line in server.inside("cat", "/proc/1/status").stdout.splitlines() if ":\t" in line)
    rights = {name: int(status[name], 16) for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")}
    assert not any(rights.values()), rights
    assert status["NoNewPrivs"] == "1"


def test_https_at_home_needs_no_right_either(tmp_path, monkeypatch):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    # The ports of the file itself may be somebody else's on this machine.
    ports = tmp_path / "ports.yml"
    ports.write_text(f"services:\n  hearth:\n    ports: !override\n      - '127.0.0.1:{port}:443'\n      - '127.0.0.1:{os.environ['HEARTH_PORT']}:8008'\n")
    monkeypatch.setenv("HEARTH_LAN", "localhost")
    server = Composed(ROOT / "docker-compose.lan.yml", ports)
    try:
        server.start()
        # Of a root that the server has just made; that browsers come to trust it is tried elsewhere.
        unknown = ssl._create_unverified_context()
        with urllib.request.urlopen(f"https://localhost:{port}/health", timeout=10, context=unknown) as answer:
            assert answer.status == 200
    finally:
        server.compose("down", "--volumes")


@pytest.mark.parametrize("page", ["install.md", "https.md"])
def test_what_the_pages_have_typed_is_what_compose_reads(page, tmp_path):
    program = Composed().program
    files = re.findall(r"<<'END'\n(.*?)\n *END", (ROOT / "docs/operations" / page).read_text(), re.DOTALL)
    typed = [textwrap.dedent(file) for file in files if "COMPOSE_FILE" in file]
    assert len(typed) == 2, typed
    # The folder's files and what is typed, and nothing that this test was started with.
    for file in ROOT.glob("docker-compose*.yml"):
        shutil.copy(file, tmp_path)
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("HEARTH_", "COMPOSE_"))}
    for file in typed:
        (tmp_path / ".env").write_text(file)
        read = subprocess.run([*program, "config", "--format", "json"], cwd=tmp_path, env=clean, capture_output=True, text=True)
        assert read.returncode == 0, read.stderr
        service = json.loads(read.stdout)["services"]["hearth"]
        outside = {port["published"] for port in service["ports"] if port.get("host_ip", "0.0.0.0") == "0.0.0.0"}
        assert outside == {"443", "80", "3478"}, service["ports"]
        assert service["environment"].get("HEARTH_DOMAIN") == "chat.example.org" or service["environment"].get("HEARTH_LAN") == "nas.local,192.168.1.20"
        assert service["environment"]["HEARTH_REGISTRATION"] == "invite"
        assert service["read_only"] and service["cap_drop"] == ["ALL"]


def test_what_admins_do_in_the_container_works(server):
    for command in (["user", "list"], ["invite", "new"], ["backup", "/data/backups"], ["log", "verify"], ["config", "check"]):
        done = server.inside("hearth", *command)
        assert done.returncode == 0, f"{command}: {done.stdout}\n{done.stderr}"
    # What it finds depends on the machine; that it looks does not.
    report = server.inside("hearth", "doctor")
    assert "log" in report.stdout and "Read-only file system" not in report.stdout + report.stderr, report


def test_the_image_is_small():
    compressed = 0
    packer = zlib.compressobj(6)
    with subprocess.Popen(["docker", "save", os.environ["HEARTH_IMAGE"]], stdout=subprocess.PIPE) as saved:
        while piece := saved.stdout.read(1 << 20):
            compressed += len(packer.compress(piece))
    assert saved.returncode == 0
    compressed += len(packer.flush())
    print(f"the image has {compressed / 1e6:.1f} MB, compressed")
    assert compressed <= MAX_IMAGE_BYTES
