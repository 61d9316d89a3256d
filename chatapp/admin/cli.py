"""`chatapp audit`: who did what, from the command line."""

import json

import click

from chatapp.parts.command_line import ask, data_option

DEFAULT_LIMIT = 100
MAX_LIMIT = 100_000


@click.command("audit")
@click.option("--who", default="", metavar="NAME", help="Only what this person did.")
@click.option("--what", default="", metavar="ACT", help="Only such acts: login, ban, role …")
@click.option("--day", default="", metavar="YYYY-MM-DD", help="Only on this day (UTC).")
@click.option(
    "--limit",
    type=click.IntRange(1, MAX_LIMIT),
    default=DEFAULT_LIMIT,
    show_default=True,
    help="The newest so many.",
)
@click.option("--json", "as_json", is_flag=True, help="The records as they lie on disk.")
@data_option
def audit(*, who: str, what: str, day: str, limit: int, as_json: bool, data: str | None) -> None:
    """Every sign-in and every act of an admin, oldest first."""
    lines = ask(data, "audit", who=who, what=what, day=day, limit=limit)
    if as_json:
        for line in lines:
            click.echo(line)
        return
    for record in map(json.loads, lines):
        details = json.loads(record.get("text") or "{}")
        told = ", ".join(f"{name}: {value}" for name, value in details.items())
        time = record["at"][:19].replace("T", " ")
        click.echo(f"{time}  {record['sender']:16}  {record['room']:14}  {told}")
