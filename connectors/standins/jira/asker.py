"""Dates in JQL, which mean what the profile of the asking person makes of them."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from connectors.standins.jira.catalogue import Person
from connectors.standins.jira.jql import Call, JqlError
from connectors.standins.jira.view import zone_of
from connectors.standins.jira.world import World

PERIOD: Final = re.compile(r"[-+]?(?:\d+[wdhm]\s*)+")
UNITS: Final = {"w": 7 * 24 * 60, "d": 24 * 60, "h": 60, "m": 1}
TIME_FORMS: Final = ("%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M", "%Y-%m-%d", "%Y/%m/%d")


@dataclass(frozen=True)
class Asker:
    """Whose query it is: dates are read in this person's time zone."""

    world: World
    person: Person

    def instant(self, field: str, value: str | Call) -> int:
        """A date, date-time or period of a query as milliseconds since the epoch. Raises JqlError."""
        now = self.world.control.now().astimezone(zone_of(self.person.zone))
        if isinstance(value, Call):
            return int(_of_function(value, now).timestamp() * 1000)
        if PERIOD.fullmatch(value):
            sign = -1 if value.startswith("-") else 1
            minutes = sum(int(number) * UNITS[unit] for number, unit in re.findall(r"(\d+)([wdhm])", value))
            return int((now + sign * timedelta(minutes=minutes)).timestamp() * 1000)
        for form in TIME_FORMS:
            try:
                moment = datetime.strptime(value, form).replace(tzinfo=now.tzinfo)
            except ValueError:
                continue
            return int(moment.timestamp() * 1000)
        raise JqlError(
            f"Date value '{value}' for field '{field}' is invalid. Valid formats include: 'yyyy/MM/dd HH:mm', "
            "'yyyy-MM-dd HH:mm', 'yyyy/MM/dd', 'yyyy-MM-dd', or a period format e.g. '-5d', '4w 2d'."
        )

    def day(self, field: str, value: str | Call) -> str:
        """The same as a date."""
        moment = datetime.fromtimestamp(self.instant(field, value) / 1000, zone_of(self.person.zone))
        return moment.date().isoformat()


def _of_function(call: Call, now: datetime) -> datetime:
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    match call.name:
        case "now":
            return now
        case "startofday":
            return midnight
        case "endofday":
            return midnight + timedelta(days=1, milliseconds=-1)
        case "startofweek":
            return midnight - timedelta(days=(now.weekday() + 1) % 7)
    raise JqlError(f"Unable to find JQL function '{call.name}()'.")
