"""People at work in the two systems, past our own code: the same words for both, so that a test runs in each direction.

Values are those of the mapping in `desk`: title, details, status (todo, in_progress, done), due, assignee (a short
name), labels, effort.
"""

from typing import Any, Protocol

import httpx

PATH = {
    ("To Do", "In Progress"): "11", ("In Progress", "In Review"): "21", ("In Review", "Done"): "31",
    ("Done", "To Do"): "41", ("In Progress", "To Do"): "51",
}  # fmt: skip
JIRA_STATUS = {"todo": "To Do", "in_progress": "In Progress", "done": "Done"}
ASANA_SECTION = {"todo": "Backlog", "in_progress": "Doing", "done": "Done"}
JIRA_KEY = {"title": "summary", "details": "description", "due": "duedate", "labels": "labels",
            "effort": "customfield_10031", "severity": "customfield_10032"}  # fmt: skip
ASANA_KEY = {"title": "name", "details": "notes", "due": "due_on"}
MARKER = "sl-"
"""How the label begins that our connector leaves in an issue that it made."""
PEOPLE = ("ana", "bo", "wei", "bot")


class Desk(Protocol):
    """One project of one system, with Ana at it."""

    side: str
    http: httpx.Client

    def listed(self) -> list[tuple[str, str]]:
        """Title and id of every record."""

    def create(self, title: str, **values: Any) -> str:
        """Create a record; its id."""

    def edit(self, id_: str, **values: Any) -> None:
        """Set values."""

    def read(self, id_: str) -> dict[str, Any]:
        """The values now. Raises KeyError where the record is gone."""

    def delete(self, id_: str) -> None:
        """Delete it."""

    def comment(self, id_: str, text: str) -> str:
        """Add a comment; its id."""

    def recomment(self, id_: str, comment: str, text: str) -> None:
        """Edit a comment."""

    def uncomment(self, id_: str, comment: str) -> None:
        """Delete a comment."""

    def comments(self, id_: str) -> list[str]:
        """The texts, oldest first."""

    def attach(self, id_: str, name: str, content: bytes) -> None:
        """Add a file."""

    def files(self, id_: str) -> list[tuple[str, int]]:
        """Names and sizes."""


class JiraDesk:
    """A Jira project, by version 2 of its API (texts are wiki markup)."""

    def __init__(self, url: str, project: str = "ENG", side: str = "eng") -> None:
        self.side, self.project = side, project
        self.http = httpx.Client(base_url=f"{url}/rest/api/2", auth=("ana@acme.example", "ana-token"), timeout=20)
        self.accounts = {
            name: httpx.get(f"{url}/rest/api/2/myself", auth=(f"{name}@acme.example", f"{name}-token")).json()[
                "accountId"
            ]
            for name in PEOPLE
        }

    def _call(self, method: str, path: str, **more: Any) -> Any:
        answer = self.http.request(method, path, **more)
        if answer.status_code == 404:
            raise KeyError(path)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def listed(self) -> list[tuple[str, str]]:
        query = {"jql": f"project = {self.project}", "fields": ["summary"], "maxResults": 5000}
        found = self._call("POST", "/search/jql", json=query)["issues"]
        return [(issue["fields"]["summary"], issue["id"]) for issue in found]

    def create(self, title: str, **values: Any) -> str:
        place = {"project": {"key": self.project}, "issuetype": {"name": "Task"}}
        status = values.pop("status", None)
        made = self._call("POST", "/issue", json={"fields": {**place, **self._native({"title": title, **values})}})
        if status:
            self.edit(made["id"], status=status)
        return str(made["id"])

    def edit(self, id_: str, **values: Any) -> None:
        status = values.pop("status", None)
        if values:
            self._call("PUT", f"/issue/{id_}", json={"fields": self._native(values)})
        hops = {"todo": ["To Do"], "in_progress": ["In Progress"], "done": ["In Progress", "In Review", "Done"]}
        for target in hops.get(status, []):
            self._move(id_, target)

    def _move(self, id_: str, target: str) -> None:
        now = self._call("GET", f"/issue/{id_}")["fields"]["status"]["name"]
        if (now, target) in PATH:
            body: dict[str, Any] = {"transition": {"id": PATH[now, target]}}
            if target == "Done" and self.project == "ENG":
                body["fields"] = {"resolution": {"name": "Done"}}
            self._call("POST", f"/issue/{id_}/transitions", json=body)

    def _native(self, values: dict[str, Any]) -> dict[str, Any]:
        native = {JIRA_KEY[name]: value for name, value in values.items() if name in JIRA_KEY}
        if values.get("severity"):
            native["customfield_10032"] = {"value": values["severity"]}
        if "assignee" in values:
            native["assignee"] = {"accountId": self.accounts[values["assignee"]]} if values["assignee"] else None
        return native

    def read(self, id_: str) -> dict[str, Any]:
        fields = self._call("GET", f"/issue/{id_}")["fields"]
        values = {name: fields[key] for name, key in JIRA_KEY.items()}
        status = "in_progress" if fields["status"]["name"] == "In Review" else None
        status = status or {native: name for name, native in JIRA_STATUS.items()}.get(fields["status"]["name"])
        person = fields["assignee"] and fields["assignee"]["emailAddress"].partition("@")[0]
        severity = values["severity"] and values["severity"]["value"]
        labels = sorted(label for label in values["labels"] if not label.startswith(MARKER))
        return {**values, "labels": labels, "status": status, "assignee": person, "severity": severity}

    def delete(self, id_: str) -> None:
        self._call("DELETE", f"/issue/{id_}")

    def comment(self, id_: str, text: str) -> str:
        return str(self._call("POST", f"/issue/{id_}/comment", json={"body": text})["id"])

    def recomment(self, id_: str, comment: str, text: str) -> None:
        self._call("PUT", f"/issue/{id_}/comment/{comment}", json={"body": text})

    def uncomment(self, id_: str, comment: str) -> None:
        self._call("DELETE", f"/issue/{id_}/comment/{comment}")

    def comments(self, id_: str) -> list[str]:
        return [comment["body"] for comment in self._call("GET", f"/issue/{id_}/comment")["comments"]]

    def attach(self, id_: str, name: str, content: bytes) -> None:
        headers = {"X-Atlassian-Token": "no-check"}
        self._call("POST", f"/issue/{id_}/attachments", files={"file": (name, content)}, headers=headers)

    def files(self, id_: str) -> list[tuple[str, int]]:
        found = self._call("GET", f"/issue/{id_}")["fields"]["attachment"]
        return [(file["filename"], file["size"]) for file in found]


class AsanaDesk:
    """An Asana project with the sections and custom fields that the mapping names."""

    def __init__(self, url: str, project: str = "1204001", side: str = "mkt") -> None:
        self.side, self.project = side, project
        self.http = httpx.Client(base_url=f"{url}/api/1.0", headers={"Authorization": "Bearer ana-token"}, timeout=20)
        self.sections = {s["name"]: s["gid"] for s in self._call("GET", f"/projects/{project}/sections")}
        settings = self._call("GET", f"/projects/{project}/custom_field_settings")
        self.fields = {item["custom_field"]["name"]: item["custom_field"] for item in settings}
        self.people = {
            user["email"].partition("@")[0]: user["gid"]
            for user in self._call("GET", "/users", params={"opt_fields": "email", "workspace": "1200001"})
        }

    def _call(self, method: str, path: str, data: Any = None, **more: Any) -> Any:
        if data is not None:
            more["json"] = {"data": data}
        answer = self.http.request(method, path, **more)
        if answer.status_code == 404:
            raise KeyError(path)
        assert answer.is_success, answer.text
        return answer.json()["data"]

    def listed(self) -> list[tuple[str, str]]:
        tasks = self._call("GET", f"/projects/{self.project}/tasks", params={"opt_fields": "name", "limit": 100})
        return [(task["name"], task["gid"]) for task in tasks]

    def create(self, title: str, **values: Any) -> str:
        section = self.sections[ASANA_SECTION[values.pop("status", "todo")]]
        place = {"memberships": [{"project": self.project, "section": section}]}
        labels = values.pop("labels", ())
        made = self._call("POST", "/tasks", {**place, **self._native({"title": title, **values})})
        self._tag(made["gid"], labels)
        return str(made["gid"])

    def edit(self, id_: str, **values: Any) -> None:
        if "status" in values:
            section = self.sections[ASANA_SECTION[values.pop("status")]]
            self._call("POST", f"/sections/{section}/addTask", {"task": id_})
        self._tag(id_, values.pop("labels", None))
        if values:
            self._call("PUT", f"/tasks/{id_}", self._native(values))

    def _tag(self, id_: str, labels: Any) -> None:
        if labels is None:
            return
        tags = {tag["name"]: tag["gid"] for tag in self._call("GET", "/tags", params={"workspace": "1200001"})}
        there = {tag["name"]: tag["gid"] for tag in self._call("GET", f"/tasks/{id_}/tags")}
        for name in set(labels) - there.keys():
            gid = tags.get(name) or self._call("POST", "/tags", {"name": name, "workspace": "1200001"})["gid"]
            self._call("POST", f"/tasks/{id_}/addTag", {"tag": gid})
        for name in there.keys() - set(labels):
            self._call("POST", f"/tasks/{id_}/removeTag", {"tag": there[name]})

    def _native(self, values: dict[str, Any]) -> dict[str, Any]:
        native = {ASANA_KEY[name]: value for name, value in values.items() if name in ASANA_KEY}
        custom = {}
        if "effort" in values:
            custom[self.fields["Effort"]["gid"]] = values["effort"]
        if "severity" in values:
            options = {option["name"]: option["gid"] for option in self.fields["Severity"]["enum_options"]}
            custom[self.fields["Severity"]["gid"]] = options[values["severity"]]
        if custom:
            native["custom_fields"] = custom
        if "assignee" in values:
            native["assignee"] = self.people[values["assignee"]] if values["assignee"] else None
        return native

    def read(self, id_: str) -> dict[str, Any]:
        wanted = "name,notes,due_on,assignee.email,memberships.section.name,tags.name,custom_fields"
        task = self._call("GET", f"/tasks/{id_}", params={"opt_fields": wanted})
        section = task["memberships"][0]["section"]["name"] if task["memberships"] else None
        custom = {field["name"]: field for field in task["custom_fields"]}
        return {
            **{name: task[key] for name, key in ASANA_KEY.items()},
            "status": {native: name for name, native in ASANA_SECTION.items()}.get(section or ""),
            "assignee": task["assignee"] and task["assignee"]["email"].partition("@")[0],
            "labels": sorted(tag["name"] for tag in task["tags"]),
            "effort": custom["Effort"]["number_value"] if "Effort" in custom else None,
            "severity": custom["Severity"]["display_value"] if "Severity" in custom else None,
        }

    def delete(self, id_: str) -> None:
        self._call("DELETE", f"/tasks/{id_}")

    def _stories(self, id_: str) -> list[Any]:
        fields = {"opt_fields": "type,text,resource_subtype"}
        return [s for s in self._call("GET", f"/tasks/{id_}/stories", params=fields) if s["type"] == "comment"]

    def comment(self, id_: str, text: str) -> str:
        return str(self._call("POST", f"/tasks/{id_}/stories", {"text": text})["gid"])

    def recomment(self, id_: str, comment: str, text: str) -> None:
        self._call("PUT", f"/stories/{comment}", {"text": text})

    def uncomment(self, id_: str, comment: str) -> None:
        self._call("DELETE", f"/stories/{comment}")

    def comments(self, id_: str) -> list[str]:
        return [story["text"] for story in self._stories(id_)]

    def attach(self, id_: str, name: str, content: bytes) -> None:
        answer = self.http.post("/attachments", data={"parent": id_}, files={"file": (name, content)})
        assert answer.is_success, answer.text

    def files(self, id_: str) -> list[tuple[str, int]]:
        found = self._call("GET", "/attachments", params={"parent": id_, "opt_fields": "name,size"})
        return [(file["name"], file["size"]) for file in found]
