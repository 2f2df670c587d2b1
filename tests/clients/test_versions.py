"""Every client talks in rooms of the version that the server makes by default, and of the newest one (decision 63)."""

import json
import urllib.parse

import pytest

from conftest import serving
from talk import get, open_dm, read, say

DEFAULT, NEWEST = "11", "12"

# Who begins the conversation, and who is invited to it: each client once at least.
PAIRS = [
    ("matrix-sdk", "matrix-js-sdk"),
    ("matrix-js-sdk-sliding", "matrix-nio"),
    ("matrix-bot-sdk", "mautrix"),
    ("matrix-commander", "matrix-sdk"),
]


@pytest.fixture(scope="module", params=[None, NEWEST])
def server(request, tmp_path_factory):
    settings = {"HEARTH_ROOM_VERSION": request.param} if request.param else {}
    with serving(tmp_path_factory, **settings) as server:
        server.version = request.param or DEFAULT
        yield server


@pytest.mark.parametrize("first, second", PAIRS)
def test_talk_in_rooms_of_either_version(server, sign_in, first, second):
    alice, bob = sign_in(first), sign_in(second)
    room_id = open_dm(alice, bob)
    create = f"{server.url}/_matrix/client/v3/rooms/{urllib.parse.quote(room_id)}/state/m.room.create"
    assert json.loads(get(create, alice.session["access_token"])[1])["room_version"] == server.version
    assert (":" in room_id) == (server.version != NEWEST)
    say(server, alice, bob, room_id, "here")
    say(server, bob, alice, room_id, "and back")
    said = [(alice.user_id, "here", True), (bob.user_id, "and back", True)]
    assert (read(alice, room_id), read(bob, room_id)) == (said, said)
