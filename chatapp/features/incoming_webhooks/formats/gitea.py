"""Events of Gitea and Forgejo, whose payloads are mostly those of GitHub.

https://docs.gitea.com/usage/webhooks, https://forgejo.org/docs/latest/user/webhooks/
"""

from chatapp.features.incoming_webhooks.formats.converted import Converted
from chatapp.features.incoming_webhooks.formats.forge import (
    headline,
    said,
    title_of,
)
from chatapp.features.incoming_webhooks.formats.github import (
    automation,
    code,
    conversations,
    repositories,
)
from chatapp.features.incoming_webhooks.formats.github.sentences import Reader, converted
from chatapp.features.incoming_webhooks.formats.payload import PayloadPart, Unknown
from chatapp.features.incoming_webhooks.formats.writing import (
    joined,
    link,
)


def gitea(payload: object, event: str) -> Converted:
    """`event` is the header `X-Gitea-Event-Type`, or `X-Gitea-Event`."""
    unknown = Unknown()
    return converted(PayloadPart(payload, "", unknown), event, EVENTS, unknown)


def _review(verb: str) -> Reader:
    """A review of a pull request; its text is in `review.content`."""

    def reader(part: PayloadPart, _action: str) -> str:
        sender, request = part.part("sender"), part.part("pull_request")
        who = link(sender.text("login") or sender.text("username"), sender.text("html_url"))
        where = title_of(
            "pull request",
            f"#{request.text('number')}",
            request.text("title"),
            request.text("html_url"),
        )
        first = headline(part.part("repository"), who or "Somebody", verb, where)
        return joined(first, said(part.part("review").text("content")))

    return reader


def _wiki(part: PayloadPart, action: str) -> str:
    sender = part.part("sender")
    who = link(sender.text("login") or sender.text("username"), sender.text("html_url"))
    page = link(part.text("page"), "")
    return headline(part.part("repository"), who or "Somebody", action, f"the wiki page {page}")


EVENTS: dict[str, Reader] = {
    "push": code.push,
    "create": code.created,
    "delete": code.deleted,
    "fork": code.forked,
    "issues": conversations.issue,
    "issue_assign": conversations.issue,
    "issue_label": conversations.issue,
    "issue_milestone": conversations.issue,
    "issue_comment": conversations.issue_comment,
    "pull_request": conversations.pull_request,
    "pull_request_assign": conversations.pull_request,
    "pull_request_label": conversations.pull_request,
    "pull_request_milestone": conversations.pull_request,
    "pull_request_sync": conversations.pull_request,
    "pull_request_review_request": conversations.pull_request,
    "pull_request_comment": conversations.issue_comment,
    "pull_request_review_approved": _review("✅ approved"),
    "pull_request_review_rejected": _review("✋ asked for changes in"),
    "pull_request_review_comment": _review("commented on"),
    "pull_request_approved": _review("✅ approved"),
    "pull_request_rejected": _review("✋ asked for changes in"),
    "release": automation.release,
    "repository": repositories.repository,
    "status": automation.status,
    "workflow_run": automation.run("workflow_run", "workflow"),
    "workflow_job": automation.run("workflow_job", "job"),
    "wiki": _wiki,
}
