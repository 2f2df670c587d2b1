"""Fixtures: the server for the whole run, and client drivers that end with their test."""

import itertools
import os
import secrets

import pytest

from drivers import Driver
from server import Foreign, Hearth


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    url, binary = os.environ.get("HEARTH_URL"), os.environ.get("HEARTH_BIN")
    if not url and not binary:
        pytest.exit("set HEARTH_BIN to the server's binary, or HEARTH_URL to a running server", returncode=2)
    server = Foreign(url) if url else Hearth(binary, tmp_path_factory.mktemp("server"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def sign_up(server, tmp_path):
    """A function that starts a client by its name, registers a new user with it and begins to sync."""
    drivers = []
    numbers = itertools.count(1)

    def sign_up(name: str) -> Driver:
        driver = Driver(name, tmp_path / f"{next(numbers)}-{name}.log")
        drivers.append(driver)
        driver.password = secrets.token_urlsafe(16)
        driver.sign_up(server.url, f"user-{secrets.token_hex(6)}", driver.password)
        driver.call("start_sync")
        return driver

    yield sign_up
    for driver in drivers:
        driver.close()
