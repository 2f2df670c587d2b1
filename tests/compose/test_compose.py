"""Sign up, talk, `down`, `up`: all there. Two encrypting clients that nobody here wrote do the talking."""

import secrets
import time

import pytest

from composed import Composed
from drivers import Driver

CLIENT = "matrix-nio"
HEALTHY_TIMEOUT_S = 60


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
