"""Events of Gitea and Forgejo, whose payloads are mostly those of GitHub.

https://docs.gitea.com/usage/webhooks, https://forgejo.org/docs/latest/user/webhooks/
"""

from chatapp.features.incoming_webhooks.formats import github
from chatapp.features.incoming_webhooks.formats.converted import Converted
from chatapp.features.incoming_webhooks.formats.forge import (
    headline,
    said,
    title_of,
)
from chatapp.features.incoming_webhooks.formats.github import Reader, converted
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
    "push": github.push,
    "create": github.created,
    "delete": github.deleted,
    "fork": github.forked,
    "issues": github.issue,
    "issue_assign": github.issue,
    "issue_label": github.issue,
    "issue_milestone": github.issue,
    "issue_comment": github.issue_comment,
    "pull_request": github.pull_request,
    "pull_request_assign": github.pull_request,
    "pull_request_label": github.pull_request,
    "pull_request_milestone": github.pull_request,
    "pull_request_sync": github.pull_request,
    "pull_request_review_request": github.pull_request,
    "pull_request_comment": github.issue_comment,
    "pull_request_review_approved": _review("✅ approved"),
    "pull_request_review_rejected": _review("✋ asked for changes in"),
    "pull_request_review_comment": _review("commented on"),
    "pull_request_approved": _review("✅ approved"),
    "pull_request_rejected": _review("✋ asked for changes in"),
    "release": github.release,
    "repository": github.repository,
    "status": github.status,
    "workflow_run": github.EVENTS["workflow_run"],
    "workflow_job": github.EVENTS["workflow_job"],
    "wiki": _wiki,
}
