from pathlib import Path

import pytest

from chatapp import config
from chatapp.config import Config, ConfigError, format_rate
from chatapp.domain.rates import Rate


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


@pytest.mark.parametrize(
    ("text", "rate", "said"),
    [
        ("20 burst, 20 per hour", Rate(20, 20 / 3600), "20 burst, 20 per hour"),
        ("5 burst, 30 per minute", Rate(5, 0.5), "5 burst, 0.5 per second"),
        ("10 burst, 2 per second", Rate(10, 2.0), "10 burst, 2 per second"),
        ("off", None, "off"),
    ],
)
def test_a_rate_is_read_in_the_unit_that_suits_it(text, rate, said):
    config = Config.load({"CHATAPP_ROOM_RATE": text})

    assert config.room_rate == rate
    assert format_rate(config.room_rate) == said


@pytest.mark.parametrize(
    ("text", "size"), [("off", 0), ("25 MB", 25 << 20), ("10GB", 10 << 30), ("1536 kb", 1536 << 10)]
)
def test_a_size_has_a_unit(text, size):
    assert config.size("It", text) == size
    assert config.size("It", config.format_size(size)) == size


@pytest.mark.parametrize("text", ["", "0", "25", "0 MB", "-1 MB", "999999 GB", "1.5 MB", "25 MiB"])
def test_another_size_is_refused(text):
    with pytest.raises(ConfigError, match="25 MB"):
        config.size("It", text)


def test_who_lifts_the_rate_of_messages_lifts_that_of_new_rooms_unless_told_otherwise():
    assert Config.load({"CHATAPP_MESSAGE_RATE": "off"}).room_rate is None
    both = {"CHATAPP_MESSAGE_RATE": "off", "CHATAPP_ROOM_RATE": "2 burst, 2 per hour"}
    assert Config.load(both).room_rate == Rate(2, 2 / 3600)
