"""Issues, pull requests with their reviews, discussions, and the comments on them."""

from chatapp.features.incoming_webhooks.formats.forge import said, title_of, words
from chatapp.features.incoming_webhooks.formats.github.sentences import brackets, sentence
from chatapp.features.incoming_webhooks.formats.payload import PayloadPart
from chatapp.features.incoming_webhooks.formats.writing import code, joined, link

_DONE = {
    "opened": "opened",
    "closed": "closed",
    "reopened": "reopened",
    "deleted": "deleted",
    "transferred": "transferred",
    "pinned": "pinned",
    "locked": "locked",
    "ready_for_review": "made ready for review",
    "converted_to_draft": "made a draft of",
    "assigned": "assigned",
    "unassigned": "unassigned",
    "review_requested": "asked for a review of",
    "milestoned": "set the milestone of",
    "labeled": "labelled",
    "unlabeled": "removed a label of",
    "edited": "edited",
    "synchronize": "pushed to",
    "synchronized": "pushed to",
    "created": "started",
    "answered": "answered",
}


def issue(part: PayloadPart, action: str) -> str:
    if action not in _DONE:
        return ""
    first = sentence(part, _DONE[action], _titled(part, "issue", "issue"), _detail(part, action))
    return joined(first, said(part.part("issue").text("body")) if action == "opened" else "")


def pull_request(part: PayloadPart, action: str) -> str:
    if action not in _DONE:
        return ""
    request = part.part("pull_request")
    is_merged = action == "closed" and request.flag("merged")
    verb = "🎉 merged" if is_merged else _DONE[action]
    branches = f"({code(request.part('head').text('ref'))} → {code(_base(request))})"
    is_about_code = action in ("opened", "reopened", "synchronize", "synchronized") or is_merged
    first = sentence(
        part,
        verb,
        _titled(part, "pull_request", "pull request"),
        branches if is_about_code and _base(request) else _detail(part, action),
    )
    return joined(first, said(request.text("body")) if action == "opened" else "")


def issue_comment(part: PayloadPart, action: str) -> str:
    if action != "created":
        return ""
    kind = "pull request" if part.flag("is_pull") or part.part("issue").part("pull_request") else ""
    return joined(
        sentence(part, _commented(part), "on", _titled(part, "issue", kind or "issue")),
        said(part.part("comment").text("body")),
    )


def review(part: PayloadPart, action: str) -> str:
    review = part.part("review")
    verb = {
        "approved": "✅ approved",
        "changes_requested": "✋ asked for changes in",
        "commented": "commented on",
    }.get(review.text("state").lower())
    if action != "submitted" or verb is None:
        return ""
    where = _titled(part, "pull_request", "pull request")
    return joined(sentence(part, verb, where), said(review.text("body")))


def review_comment(part: PayloadPart, action: str) -> str:
    if action != "created":
        return ""
    comment = part.part("comment")
    path = code(comment.text("path"))
    where = words("on", _titled(part, "pull_request", "pull request"), path and f"in {path}")
    return joined(sentence(part, _commented(part), where), said(comment.text("body")))


def discussion(part: PayloadPart, action: str) -> str:
    if action not in _DONE:
        return ""
    first = sentence(part, _DONE[action], _titled(part, "discussion", "discussion"))
    body = part.part("discussion").text("body")
    return joined(first, said(body) if action == "created" else "")


def discussion_comment(part: PayloadPart, action: str) -> str:
    if action != "created":
        return ""
    where = _titled(part, "discussion", "discussion")
    return joined(
        sentence(part, _commented(part), "on", where), said(part.part("comment").text("body"))
    )


def _titled(part: PayloadPart, name: str, kind: str) -> str:
    of = part.part(name)
    number = of.text("number")
    return title_of(kind, number and f"#{number}", of.text("title"), of.text("html_url"))


def _detail(part: PayloadPart, action: str) -> str:
    """Whom or what it concerns."""
    if action in ("assigned", "unassigned"):
        return brackets(part.part("assignee").text("login"))
    if action in ("labeled", "unlabeled"):
        return brackets(part.part("label").text("name"))
    if action == "review_requested":
        reviewer, team = part.part("requested_reviewer"), part.part("requested_team")
        return brackets(reviewer.text("login") or team.text("name"))
    return ""


def _base(request: PayloadPart) -> str:
    return request.part("base").text("ref")


def _commented(part: PayloadPart) -> str:
    return link("commented", part.part("comment").text("html_url"))
