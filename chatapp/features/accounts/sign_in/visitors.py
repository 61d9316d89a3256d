"""Who sends an HTTP request: a program by its token or its guest's key, a page by its session."""

from flask import request, session

from chatapp.domain.model import Person
from chatapp.domain.rights import check_scope
from chatapp.domain.scopes import Scope
from chatapp.features.accounts.manager import AccountManager
from chatapp.web import authorization
from chatapp.web.authorization import BearerToken, GuestSecret
from chatapp.web.csrf import SAFE_METHODS


def visitor(accounts: AccountManager) -> Person | None:
    """The person of the current request; None if there is none.

    Raises `Unauthorized` for a secret that is not valid, and `NotAllowed` for a token without the
    scope for this method. The same secret is the same person as over Socket.IO.
    """
    match authorization.shown():
        case BearerToken(secret):
            person = accounts.bearer(secret)
            check_scope(person, _needed())
            return person
        case GuestSecret(name, key):
            return accounts.guest(name, key)
        case None:
            return accounts.person_of(session)


def _needed() -> Scope:
    """The scope for the current request."""
    if request.method in SAFE_METHODS:
        return "read"
    return "files" if request.path.startswith("/api/v1/files") else "write"
