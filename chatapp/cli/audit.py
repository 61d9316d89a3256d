"""`chatapp audit`: prints the audit log."""

import json

import click

from chatapp.cli.remote import ask, data_option
from chatapp.domain.visible import visible
from chatapp.standard_streams import printable_json

DEFAULT_LIMIT = 100
MAX_LIMIT = 100_000


@click.command("audit")
@click.option("--who", default="", metavar="NAME", help="Only actions of this person.")
@click.option("--what", default="", metavar="ACT", help="Only this action: login, ban, role …")
@click.option("--day", default="", metavar="YYYY-MM-DD", help="Only on this day (UTC).")
@click.option(
    "--limit",
    type=click.IntRange(1, MAX_LIMIT),
    default=DEFAULT_LIMIT,
    show_default=True,
    help="How many of the newest.",
)
@click.option("--json", "as_json", is_flag=True, help="The records as they are on disk.")
@data_option
def audit(*, who: str, what: str, day: str, limit: int, as_json: bool, data: str | None) -> None:
    """Print sign-ins and actions of admins, oldest first."""
    lines = ask(data, "audit", who=who, what=what, day=day, limit=limit)
    if not lines:
        click.echo("Nothing of that is in the audit log.", err=True)
    if as_json:
        for line in lines:
            click.echo(printable_json(line))
        return
    for record in map(json.loads, lines):
        details = json.loads(record.get("text") or "{}")
        told = ", ".join(f"{name}: {value}" for name, value in details.items())
        time = record["at"][:19].replace("T", " ")
        click.echo(visible(f"{time}  {record['sender']:16}  {record['room']:14}  {told}"))
