"""Events of GitHub. What an event has no sentence for, is named as unknown and not posted.

https://docs.github.com/en/webhooks/webhook-events-and-payloads
"""

from chatapp.features.incoming_webhooks.formats.converted import Converted
from chatapp.features.incoming_webhooks.formats.github.automation import (
    deployment_status,
    release,
    run,
    status,
)
from chatapp.features.incoming_webhooks.formats.github.code import (
    commit_comment,
    created,
    deleted,
    forked,
    push,
)
from chatapp.features.incoming_webhooks.formats.github.conversations import (
    discussion,
    discussion_comment,
    issue,
    issue_comment,
    pull_request,
    review,
    review_comment,
)
from chatapp.features.incoming_webhooks.formats.github.repositories import (
    alert,
    member,
    ping,
    public,
    repository,
    starred,
    team,
    wiki,
)
from chatapp.features.incoming_webhooks.formats.github.sentences import Reader, converted
from chatapp.features.incoming_webhooks.formats.payload import PayloadPart, Unknown


def github(payload: object, event: str) -> Converted:
    """`event` is the header `X-GitHub-Event`."""
    unknown = Unknown()
    return converted(PayloadPart(payload, "", unknown), event, EVENTS, unknown)


EVENTS: dict[str, Reader] = {
    "ping": ping,
    "push": push,
    "create": created,
    "delete": deleted,
    "fork": forked,
    "commit_comment": commit_comment,
    "issues": issue,
    "issue_comment": issue_comment,
    "pull_request": pull_request,
    "pull_request_review": review,
    "pull_request_review_comment": review_comment,
    "discussion": discussion,
    "discussion_comment": discussion_comment,
    "release": release,
    "workflow_run": run("workflow_run", "workflow"),
    "workflow_job": run("workflow_job", "job"),
    "check_run": run("check_run", "check"),
    "check_suite": run("check_suite", "checks of"),
    "status": status,
    "deployment_status": deployment_status,
    "dependabot_alert": alert("Dependabot alert", "repository"),
    "code_scanning_alert": alert("code scanning alert", "repository"),
    "secret_scanning_alert": alert("secret scanning alert", "repository"),
    "star": starred,
    "gollum": wiki,
    "member": member,
    "public": public,
    "repository": repository,
    "team_add": team,
}
