"""Times on pages: in UTC from the server, in the reader's time zone once `<local-time>` has run.

The exact time in UTC is in the `title`, so it shows on hover. The script is js/admin/local-time.js.
"""

from markupsafe import Markup

_DAY, _CLOCK = 10, 11
"""The lengths of `2026-11-22` and of what precedes the clock in `2026-11-22T09:30:12.345Z`."""


def moment(at: str) -> Markup:
    """`{{ at | moment }}`: 2026-11-22 09:30 UTC; here 22 Nov, 10:30. `at` is as the log has it."""
    return _local(at, f"{at[:_DAY]} {at[_CLOCK:16]} UTC", "moment")


def day(at: str) -> Markup:
    """`{{ at | day }}`: 2026-11-22. A date without a clock is a day in UTC everywhere."""
    return _local(at, at[:_DAY], "day")


def clock(at: str) -> Markup:
    """`{{ at | clock }}`: 09:30 UTC."""
    return _local(at, f"{at[_CLOCK:16]} UTC", "clock")


def _local(at: str, shown: str, form: str) -> Markup:
    exact = f"{at[:_DAY]} {at[_CLOCK:19]} UTC" if len(at) > _DAY else f"{at} UTC"
    return Markup(
        '<local-time data-form="{}"><time datetime="{}" title="{}">{}</time></local-time>'
    ).format(form, at, exact, shown)
