"""Fixtures: the server for the whole run, and client drivers that end with their test."""

import contextlib
import itertools
import json
import os
import secrets
import urllib.request

import pytest

from drivers import Driver
from server import Foreign, Hearth


@contextlib.contextmanager
def serving(tmp_path_factory, **settings: str):
    """A server that runs meanwhile, with these variables set."""
    url, binary = os.environ.get("HEARTH_URL"), os.environ.get("HEARTH_BIN")
    if not url and not binary:
        pytest.exit("set HEARTH_BIN to the server's binary, or HEARTH_URL to a running server", returncode=2)
    server = Foreign(url) if url else Hearth(binary, tmp_path_factory.mktemp("server"), settings)
    server.start()
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    with serving(tmp_path_factory) as server:
        yield server


@pytest.fixture
def start(tmp_path):
    """A function that starts a client by its name."""
    drivers = []
    numbers = itertools.count(1)

    def start(name: str) -> Driver:
        driver = Driver(name, tmp_path / f"{next(numbers)}-{name}.log")
        drivers.append(driver)
        driver.password = secrets.token_urlsafe(16)
        return driver

    yield start
    for driver in drivers:
        driver.close()


@pytest.fixture
def sign_up(server, start):
    """A function that starts a client by its name, registers a new user with it and begins to sync."""

    def sign_up(name: str) -> Driver:
        driver = start(name)
        driver.sign_up(server.url, f"user-{secrets.token_hex(6)}", driver.password)
        driver.call("start_sync")
        return driver

    return sign_up


@pytest.fixture
def sign_in(server, start):
    """A function that starts a client by its name, signs in with it to an account made elsewhere and begins to sync."""

    def sign_in(name: str) -> Driver:
        driver = start(name)
        user_id = register(server.url, f"user-{secrets.token_hex(6)}", driver.password)
        driver.sign_in(server.url, user_id, driver.password)
        driver.call("start_sync")
        return driver

    return sign_in


def register(url: str, username: str, password: str) -> str:
    """Makes an account without any client and without a device, and returns the user's id."""
    account = {"username": username, "password": password, "inhibit_login": True, "auth": {"type": "m.login.dummy"}}
    request = urllib.request.Request(f"{url}/_matrix/client/v3/register", data=json.dumps(account).encode())
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)["user_id"]
