"""Keys come from the environment or the keyring, and show themselves to nobody."""

import pickle
import sys
from types import SimpleNamespace

import pytest

from ocarbon_magic.carbon.live import electricitymaps, entsoe, watttime
from ocarbon_magic.carbon.live.keys import Secret, secret_of
from ocarbon_magic.carbon.live.points import LiveError

SECRET = "k3y-of-the-user"


def keyring(monkeypatch, entries):
    def get_password(service, name):
        if isinstance(entries, BaseException):
            raise entries
        return entries.get((service, name))

    monkeypatch.setitem(sys.modules, "keyring", SimpleNamespace(get_password=get_password))


def test_a_secret_shows_itself_to_nobody():
    secret = Secret(SECRET)
    assert secret.reveal() == SECRET
    assert SECRET not in f"{secret} {secret!r}"
    with pytest.raises(TypeError):
        pickle.dumps(secret)


def test_the_environment_comes_first(monkeypatch):
    keyring(monkeypatch, {("ocarbon_magic", "entsoe"): "kept"})
    variables = ("OCARBON_ENTSOE_KEY", "ENTSOE_API_KEY")
    both = {"ENTSOE_API_KEY": "usual", "OCARBON_ENTSOE_KEY": " own\n"}
    assert secret_of(variables, "entsoe", both).reveal() == "own"
    assert secret_of(variables, "entsoe", {"ENTSOE_API_KEY": "usual"}).reveal() == "usual"
    assert secret_of(variables, "entsoe", {"OCARBON_ENTSOE_KEY": ""}).reveal() == "kept"
    assert secret_of(variables, "other", {}) is None


@pytest.mark.parametrize("error", [RuntimeError("locked"), OSError("no bus"), KeyError(SECRET)])
def test_a_keyring_that_stays_shut_has_no_key(monkeypatch, error):
    keyring(monkeypatch, error)
    assert secret_of(("X",), "entsoe", {}) is None


def test_the_real_keyring_is_asked_for_the_service(monkeypatch):
    import keyring.backend  # noqa: PLC0415 - the extra that this is about

    class Kept(keyring.backend.KeyringBackend):
        priority = 1

        def get_password(self, service, username):
            return f"{service}/{username}"

        def set_password(self, *_):
            raise NotImplementedError

        def delete_password(self, *_):
            raise NotImplementedError

    before = keyring.get_keyring()
    keyring.set_keyring(Kept())
    try:
        assert secret_of(("X",), "entsoe", {}).reveal() == "ocarbon_magic/entsoe"
    finally:
        keyring.set_keyring(before)


@pytest.mark.parametrize("module", [electricitymaps, entsoe, watttime])
def test_every_key_has_a_variable_and_an_entry(monkeypatch, module):
    keyring(monkeypatch, {})
    service = module.SERVICE
    for key in service.keys:
        for name in key.variables:
            monkeypatch.delenv(name, raising=False)
    with pytest.raises(LiveError) as caught:
        service.secrets()
    for key in service.keys:
        assert key.variables[0] in str(caught.value)
        assert f"keyring set ocarbon_magic {key.entry}" in str(caught.value)
        monkeypatch.setenv(key.variables[0], SECRET)
    assert [secret.reveal() for secret in service.secrets()] == [SECRET] * len(service.keys)
    assert SECRET not in repr(service.secrets())
