import pytest

from chatapp.web.forms import local_path


@pytest.mark.parametrize("path", ["/", "/rooms/tea", "/admin/messages?day=2026-11-22&text=%C3%A9"])
def test_a_path_of_this_site_is_kept(path: str) -> None:
    assert local_path(path, "/home") == path


@pytest.mark.parametrize(
    "path", [None, "", "x", "//x", "/\\x", "/\t/x", "/a\\b", "http:/x", "/é", "/a b", "/\n"]
)
def test_anything_else_is_not(path: str | None) -> None:
    assert local_path(path, "/home") == "/home"
