"""Routes that say how this Jira is set up: fields, projects, types, statuses, and what may be set on create."""

from typing import Any, Final

from connectors.standins.jira.catalogue import (
    CATEGORIES,
    ISSUE_TYPES,
    PEOPLE,
    PRIORITIES,
    RESOLUTIONS,
    STATUSES,
    Project,
)
from connectors.standins.jira.fields import FIELDS, OUTSIDE, metadata
from connectors.standins.jira.shapes import NAMES, SCHEMAS, person_json
from connectors.standins.jira.view import category_json, issuetype_json, named_json, project_json, status_json
from connectors.standins.jira.web import Call, Refused, Reply, Routes, paged

routes: Final = Routes()

PAGE: Final = 50
META_PAGE_MAX: Final = 200
BUILT: Final = {"Cloud": ([1001, 0, 0], "1001.0.0-SNAPSHOT"), "DataCenter": ([9, 12, 5], "9.12.5")}


@routes.on("GET", "serverInfo")
def server_info(call: Call) -> Reply:
    """Which edition and version this is; anyone may ask."""
    edition = "Cloud" if call.view.cloud else "DataCenter"
    numbers, version = BUILT[edition]
    return Reply(
        200,
        {
            "baseUrl": call.view.base,
            "version": version,
            "versionNumbers": numbers,
            "deploymentType": edition,
            "buildNumber": 100280,
            "buildDate": "2026-10-01T00:00:00.000+0000",
            "serverTime": call.view.time(call.world.now()),
            "scmInfo": "0" * 40,
            "serverTitle": "Jira",
        },
    )


@routes.on("GET", "field")
def list_fields(call: Call) -> Reply:
    """Every field, system and custom."""
    shown = []
    for name, schema in SCHEMAS.items():
        custom = name.startswith("customfield_")
        clauses = [f"cf[{schema['customId']}]", NAMES[name]] if custom else [name]
        shown.append(
            {
                "id": name,
                **({"key": name} if call.view.cloud else {}),
                "name": NAMES[name],
                "custom": custom,
                "orderable": name in FIELDS,
                "navigable": True,
                "searchable": True,
                "clauseNames": clauses,
                "schema": schema,
            }
        )
    return Reply(200, shown)


@routes.on("GET", "field/search", cloud_only=True)
def search_fields(call: Call) -> Reply:
    """Fields in pages, by type, id or part of the name."""
    call.must_sign_in()
    ids, kinds, query = set(call.query.get("id", [])), call.words("type"), call.text("query").lower()
    found = [
        {"id": name, "name": NAMES[name], "schema": schema, "description": ""}
        for name, schema in SCHEMAS.items()
        if (not ids or name in ids)
        and (not kinds or ("custom" if "custom" in schema else "system") in kinds)
        and query in NAMES[name].lower()
    ]
    start, limit = call.number("startAt", 0), call.number("maxResults", PAGE)
    return Reply(200, paged(found[start : start + limit], start, limit, len(found)))


@routes.on("GET", "project")
def list_projects(call: Call) -> Reply:
    """The projects that this person may see."""
    view = call.view
    projects = call.world.projects.values() if call.person else ()
    return Reply(200, [project_json(project, view.base, view.version) for project in projects])


@routes.on("GET", "project/{}")
def get_project(call: Call, ref: str) -> Reply:
    """One project with its issue types."""
    project, view = _project(call, ref), call.view
    return Reply(
        200,
        {
            **project_json(project, view.base, view.version),
            "lead": person_json(PEOPLE[0], view),
            "issueTypes": [issuetype_json(kind, view) for kind in ISSUE_TYPES.values()],
            "components": [],
            "versions": [],
            "assigneeType": "UNASSIGNED",
        },
    )


@routes.on("GET", "project/{}/statuses")
def project_statuses(call: Call, ref: str) -> Reply:
    """The statuses of each issue type."""
    _project(call, ref)
    view = call.view
    statuses = [status_json(status, view.base, view.version) for status in STATUSES.values()]
    return Reply(
        200,
        [
            {
                "self": view.url(f"issuetype/{kind.id}"),
                "id": kind.id,
                "name": kind.name,
                "subtask": kind.level < 0,
                "statuses": statuses,
            }
            for kind in ISSUE_TYPES.values()
        ],
    )


@routes.on("GET", "status")
def list_statuses(call: Call) -> Reply:
    """Every status."""
    return Reply(200, [status_json(status, call.view.base, call.view.version) for status in STATUSES.values()])


@routes.on("GET", "statuscategory")
def list_categories(call: Call) -> Reply:
    """Every status category."""
    return Reply(200, [category_json(category, call.view.base, call.view.version) for category in CATEGORIES])


@routes.on("GET", "priority")
def list_priorities(call: Call) -> Reply:
    """Every priority."""
    return Reply(200, [named_json(one, "priority", call.view.base, call.view.version) for one in PRIORITIES.values()])


@routes.on("GET", "resolution")
def list_resolutions(call: Call) -> Reply:
    """Every resolution."""
    view = call.view
    return Reply(200, [named_json(one, "resolution", view.base, view.version) for one in RESOLUTIONS.values()])


@routes.on("GET", "issuetype")
def list_issuetypes(call: Call) -> Reply:
    """Every issue type."""
    return Reply(200, [issuetype_json(kind, call.view) for kind in ISSUE_TYPES.values()])


@routes.on("GET", "issue/createmeta/{}/issuetypes")
def creatable_types(call: Call, ref: str) -> Reply:
    """The issue types that may be created in a project."""
    _project(call, ref)
    return _meta_page(call, "issueTypes", [issuetype_json(kind, call.view) for kind in ISSUE_TYPES.values()])


@routes.on("GET", "issue/createmeta/{}/issuetypes/{}")
def creatable_fields(call: Call, ref: str, kind: str) -> Reply:
    """The fields on the create screen."""
    project = _project(call, ref)
    if kind not in ISSUE_TYPES:
        raise Refused(404, f"The issue type with id '{kind}' does not exist in the project.")
    shown = [{**metadata(field, call.view), "fieldId": field.id} for field in FIELDS.values() if field.on_create]
    return _meta_page(call, "fields", [*shown, _project_metadata(call, project)])


def _project_metadata(call: Call, project: Project) -> dict[str, Any]:
    name, schema = OUTSIDE["project"]
    return {
        "required": True,
        "schema": schema,
        "name": name,
        "key": "project",
        "fieldId": "project",
        "hasDefaultValue": False,
        "operations": ["set"],
        "allowedValues": [project_json(project, call.view.base, call.view.version)],
    }


def _meta_page(call: Call, name: str, values: list[dict[str, Any]]) -> Reply:
    """A page of create metadata: Cloud names what it lists, Data Center says `values`."""
    start, limit = call.number("startAt", 0), min(call.number("maxResults", PAGE), META_PAGE_MAX)
    shown = values[start : start + limit]
    if not call.view.cloud:
        return Reply(200, paged(shown, start, limit, len(values)))
    return Reply(200, {"startAt": start, "maxResults": limit, "total": len(values), name: shown})


def _project(call: Call, ref: str) -> Project:
    found = call.world.project(ref) if call.person else None
    if found is None:
        raise Refused(404, f"No project could be found with key '{ref}'.")
    return found
