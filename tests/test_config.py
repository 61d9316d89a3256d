from pathlib import Path

import pytest

from chatapp.config import Config, ConfigError, Rate


def test_without_settings_the_chat_is_open_on_loopback():
    config = Config.load({})

    assert (config.host, config.port, config.access) == ("127.0.0.1", 8080, "open")
    assert config.data == Path("data")


def test_the_command_line_goes_over_the_environment():
    config = Config.load({"CHATAPP_PORT": "9000", "CHATAPP_HOST": "::1"}, port="9001", host=None)

    assert (config.host, config.port) == ("::1", 9001)


def test_beyond_loopback_the_chat_is_for_members_unless_told_otherwise():
    assert Config.load({"CHATAPP_HOST": "0.0.0.0"}).access == "members"
    assert Config.load({"CHATAPP_HOST": "0.0.0.0", "CHATAPP_ACCESS": "open"}).access == "open"


def test_an_empty_variable_is_not_a_setting():
    assert Config.load({"CHATAPP_PORT": ""}).port == 8080


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("off", None),
        ("10 burst, 2 per second", Rate(10, 2.0)),
        ("5 burst, 0.5 per second", Rate(5, 0.5)),
    ],
)
def test_a_rate_is_a_burst_and_a_pace(text, rate):
    assert Config.load({"CHATAPP_MESSAGE_RATE": text}).message_rate == rate


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("CHATAPP_PORT", "http"),
        ("CHATAPP_PORT", "65536"),
        ("CHATAPP_PORT", "-1"),
        ("CHATAPP_ACCESS", "closed"),
        ("CHATAPP_DURABILITY", "none"),
        ("CHATAPP_TRANSPORTS", "websocket,pigeon"),
        ("CHATAPP_MESSAGE_RATE", "fast"),
        ("CHATAPP_MESSAGE_RATE", "0 burst, 1 per second"),
        ("CHATAPP_ORIGINS", "chat.example.org"),
        ("CHATAPP_SECRET_KEY", "short"),
        ("CHATAPP_CONNECTIONS", "many"),
    ],
)
def test_a_wrong_setting_is_one_line_that_names_it(name, text):
    with pytest.raises(ConfigError, match=name) as refusal:
        Config.load({name: text})

    assert "\n" not in str(refusal.value)
