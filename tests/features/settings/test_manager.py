"""What counts, where the environment, an admin and the defaults say different things."""

import pytest

from chatapp.config import Config
from chatapp.domain.errors import BadName, BadPayload, ChatError, NotAllowed, ReadOnly
from chatapp.domain.model import Person
from chatapp.domain.rates import Rate
from chatapp.features.settings.manager import SettingsManager
from chatapp.features.settings.model import NAMES, Settings, read, written
from chatapp.tables.directory import Directory
from tests.support.accounts import MemoryDirectory, Notes

ADMIN = Person(name="Boss", id="boss", role="admin")
OWNER = Person(name="Olga", id="olga", role="owner")


class FullNotes(list):
    def __call__(self, actor, action, **details):
        self.append((actor, action, details))


@pytest.fixture
def notes():
    return FullNotes()


@pytest.fixture
def settings(notes):
    return SettingsManager(Config(), MemoryDirectory(), notes)


def test_nothing_said_is_the_default(settings):
    assert settings.now == Settings()
    assert settings.fixed == frozenset()


def test_who_needs_a_setting_is_told_at_once_and_at_every_change(settings):
    told = []
    settings.on_change(lambda now: told.append(now.max_text_bytes))

    settings.change(ADMIN, {"max_text_bytes": "500"})
    settings.change(ADMIN, {"max_text_bytes": "500"})

    assert told == [16384, 500]


def test_a_change_is_noted_with_what_was_and_what_is(settings, notes):
    settings.change(ADMIN, {"message_rate": "3 burst, 0.5 per second", "name": "Chat"})

    assert notes == [
        (
            "Boss",
            "setting",
            {
                "name": "message_rate",
                "old": "10 burst, 2 per second",
                "new": "3 burst, 0.5 per second",
            },
        )
    ]
    assert settings.now.message_rate == Rate(3, 0.5)


def test_whether_members_are_told_what_admins_read_is_for_the_owner_to_say(settings):
    with pytest.raises(NotAllowed, match="Only owners"):
        settings.change(ADMIN, {"viewings": "on"})

    assert settings.change(OWNER, {"viewings": "on"}).result().viewings == "on"


def test_what_was_changed_is_so_after_a_restart(tmp_path):
    wanted = {
        "name": "Harbour",
        "welcome": "Hello\nthere",
        "access": "members",
        "room_makers": "admins",
        "emoji_makers": "nobody",
        "max_text_bytes": "200",
        "message_rate": "off",
        "room_rate": "5 burst, 5 per hour",
        "connections": "0",
        "connections_per_address": "7",
        "viewings": "on",
        "previews": "on",
        "max_file_bytes": "100 MB",
        "person_file_bytes": "5 GB",
        "all_file_bytes": "off",
        "guest_files": "off",
        "retention_days": "30",
        "web_rooms": "on",
    }
    assert set(wanted) == set(NAMES)
    directory = Directory.open(tmp_path / "directory")
    SettingsManager(Config(), directory, Notes()).change(OWNER, wanted)
    directory.close()

    directory = Directory.open(tmp_path / "directory")
    again = SettingsManager(Config(), directory, Notes())
    directory.close()

    assert again.texts() == wanted
    assert again.now.message_rate is None


def test_two_admins_who_change_different_settings_both_have_their_way(settings):
    first = settings.change(ADMIN, {"name": "Harbour"})
    second = settings.change(ADMIN, {"max_text_bytes": "300"})

    assert (first.done, second.done) == (True, True)
    assert (settings.now.name, settings.now.max_text_bytes) == ("Harbour", 300)


def test_changes_that_are_on_their_way_to_the_disk_do_not_undo_each_other():
    directory = MemoryDirectory()
    settings = SettingsManager(Config(), directory, Notes())
    directory.slow = True
    settings.change(ADMIN, {"name": "Harbour"})
    settings.change(ADMIN, {"welcome": "Ahoy"})

    directory.settle()

    assert (settings.now.name, settings.now.welcome) == ("Harbour", "Ahoy")


def test_a_change_that_the_disk_refuses_is_taken_back():
    directory = MemoryDirectory()
    settings = SettingsManager(Config(), directory, Notes())
    told = []
    settings.on_change(lambda now: told.append(now.name))
    directory.slow = True

    changed = settings.change(ADMIN, {"name": "Harbour", "welcome": "Ahoy"})
    assert settings.now.name == "Harbour"
    directory.refuse()

    assert settings.now == Settings()
    assert told == ["Chat", "Harbour", "Chat"]
    with pytest.raises(ReadOnly):
        changed.result()


def test_the_environment_has_the_last_word(notes):
    directory = MemoryDirectory()
    SettingsManager(Config(), directory, notes).change(ADMIN, {"message_rate": "off"})
    config = Config.load({"CHATAPP_MESSAGE_RATE": "4 burst, 1 per second"})

    fixed = SettingsManager(config, directory, notes)

    assert fixed.now.message_rate == Rate(4, 1.0)
    with pytest.raises(NotAllowed, match="CHATAPP_MESSAGE_RATE"):
        fixed.change(ADMIN, {"message_rate": "off"})
    assert fixed.change(ADMIN, {"message_rate": "4 burst, 1 per second"}).done
    assert fixed.change(ADMIN, {"name": "Harbour"}).result().name == "Harbour"


@pytest.mark.parametrize("beyond", [{"CHATAPP_HOST": "0.0.0.0"}, {"CHATAPP_PROXIES": "1"}])
def test_the_console_opens_no_server_that_others_can_reach(beyond):
    directory = MemoryDirectory()
    SettingsManager(Config(), directory, Notes()).change(ADMIN, {"access": "members"})
    SettingsManager(Config(), directory, Notes()).change(ADMIN, {"access": "open"})

    exposed = SettingsManager(Config.load({**beyond, "CHATAPP_DATA": "d"}), directory, Notes())
    was = exposed.now.access
    if was == "open":
        exposed.change(ADMIN, {"access": "members"})

    with pytest.raises(NotAllowed, match="CHATAPP_ACCESS=open"):
        exposed.change(ADMIN, {"access": "open"})
    assert exposed.now.access == "members"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("name", ""),
        ("name", "x" * 41),
        ("name", "two\nlines"),
        ("welcome", "x" * 501),
        ("welcome", "a\u202eb"),
        ("access", "closed"),
        ("access", ""),
        ("room_makers", "guests"),
        ("emoji_makers", "everyone"),
        ("max_text_bytes", "99"),
        ("max_text_bytes", "16385"),
        ("max_text_bytes", "1e3"),
        ("message_rate", "fast"),
        ("message_rate", "0 burst, 1 per second"),
        ("connections", "-1"),
        ("connections_per_address", "many"),
    ],
)
def test_what_a_setting_cannot_be_is_said_and_changes_nothing(settings, notes, name, text):
    with pytest.raises(ChatError) as refusal:
        settings.change(ADMIN, {"welcome": "Ahoy", name: text})

    assert refusal.value.message.endswith(".")
    assert settings.now == Settings()
    assert notes == []


def test_a_setting_of_another_version_is_passed_over(caplog):
    directory = MemoryDirectory()
    directory.table("settings", str).put("max_text_bytes", "9999999")
    directory.table("settings", str).put("colour", "blue")
    directory.table("settings", str).put("name", "Harbour")

    settings = SettingsManager(Config(), directory, Notes())

    assert settings.now == Settings(name="Harbour")
    assert "9999999" in caplog.text


@pytest.mark.parametrize("name", NAMES)
def test_every_setting_is_read_as_it_is_written(name):
    text = written(name, Settings())

    assert read(name, text) == getattr(Settings(), name)


def test_a_name_is_kept_as_names_are():
    assert read("name", "  The   Harbour ") == "The Harbour"
    with pytest.raises(BadName):
        read("name", "a\u200b")
    with pytest.raises(BadPayload):
        read("access", "OPEN")
