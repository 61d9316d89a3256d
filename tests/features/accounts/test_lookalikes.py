import pytest

from chatapp.text.confusables import Confusables, skeleton


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("ana", "ANA"),
        ("ana", "аnа"),  # Cyrillic
        ("Ben", "Веn"),  # Cyrillic
        ("Zoe", "Ζoe"),  # Greek
        ("Ian", "lan"),
        ("Olga", "0lga"),
        ("Modern", "Modem"),
        ("Ana Pérez", "AnaPe\u0301rez"),
        ("ana", "a\u200dna"),
        ("ana", "ａｎａ"),
    ],
)
def test_names_that_look_alike_have_one_skeleton(name: str, other: str) -> None:
    assert name != other
    assert skeleton(name) == skeleton(other)


@pytest.mark.parametrize(
    ("name", "other"), [("ana", "ane"), ("José", "Jose"), ("Мария", "Maria"), ("王芳", "王方")]
)
def test_names_that_people_tell_apart_have_two(name: str, other: str) -> None:
    assert skeleton(name) != skeleton(other)


def test_a_look_is_free_again_when_its_last_account_looks_otherwise() -> None:
    looks = Confusables()
    looks.know("ana", "ana", "Ana Pérez")
    looks.know("ben", "ben")

    assert looks.of("ANAPÉREZ") == {"ana"}
    looks.know("ana", "ana", "Annie")
    assert looks.of("Ana Pérez") == set()
    assert looks.of("Аnniе") == {"ana"}
    looks.know("ana")
    assert looks.of("ana") == looks.of("Annie") == set()
    assert looks.of("ben") == {"ben"}
