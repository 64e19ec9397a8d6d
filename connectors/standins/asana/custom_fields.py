"""Custom fields of the workspace, their options, and the projects that they are attached to."""

from connectors.standins.asana import model
from connectors.standins.asana.errors import ApiError
from connectors.standins.asana.paging import paged
from connectors.standins.asana.routing import Answer, Call, Router, empty
from connectors.standins.asana.world import World

ROUTES = Router()
FIELD_TYPES = frozenset({"text", "number", "enum", "multi_enum", "date", "people"})


def make_field(world: World, name: str, type_: str, precision: int = 0) -> model.CustomField:
    """A custom field of the workspace, attached to no project yet."""
    field = world.add(model.CustomField(world.gid(), name, type_, precision=precision))
    world.custom_fields.append(field)
    return field


def make_option(world: World, field: model.CustomField, name: str) -> model.EnumOption:
    """One more choice, at the end."""
    option = world.add(model.EnumOption(world.gid(), name))
    field.options.append(option)
    return option


def attach(world: World, project: model.Project, field: model.CustomField) -> model.Setting:
    """Give a project a custom field."""
    setting = world.add(model.Setting(world.gid(), project, field))
    project.settings.append(setting)
    return setting


@ROUTES.route("GET", "/projects/{gid}/custom_field_settings")
async def settings(call: Call) -> Answer:
    """Which custom fields the tasks of a project have."""
    return paged(call, call.world.find(model.Project, call.gid).settings)


@ROUTES.route("POST", "/projects/{gid}/addCustomFieldSetting")
async def add_setting(call: Call) -> Answer:
    """Give a project a custom field."""
    project = call.world.find(model.Project, call.gid)
    field = call.world.refer(model.CustomField, call.required("custom_field"), "custom_field")
    if any(setting.custom_field is field for setting in project.settings):
        raise ApiError(400, f"custom_field: Field {field.gid} is already on project {project.gid}")
    return call.one(attach(call.world, project, field))


@ROUTES.route("POST", "/projects/{gid}/removeCustomFieldSetting")
async def remove_setting(call: Call) -> Answer:
    """Take a custom field off a project; what its tasks hold is kept and no longer shown."""
    project = call.world.find(model.Project, call.gid)
    field = call.world.refer(model.CustomField, call.required("custom_field"), "custom_field")
    project.settings = [setting for setting in project.settings if setting.custom_field is not field]
    return empty()


@ROUTES.route("GET", "/workspaces/{gid}/custom_fields")
async def custom_fields(call: Call) -> Answer:
    """The custom fields of a workspace."""
    call.world.find(model.Workspace, call.gid)
    return paged(call, call.world.custom_fields)


@ROUTES.route("POST", "/custom_fields")
async def create_field(call: Call) -> Answer:
    """A custom field that no project has yet."""
    call.world.refer(model.Workspace, call.required("workspace"), "workspace")
    type_ = call.data.get("resource_subtype") or call.data.get("type")
    if type_ not in FIELD_TYPES:
        raise ApiError(400, f"resource_subtype: Not one of {', '.join(sorted(FIELD_TYPES))}: {type_}")
    precision = int(call.data.get("precision") or 0)
    return call.one(make_field(call.world, str(call.required("name")), type_, precision), 201)


@ROUTES.route("GET", "/custom_fields/{gid}")
async def custom_field(call: Call) -> Answer:
    """One custom field."""
    return call.one(call.world.find(model.CustomField, call.gid))


@ROUTES.route("POST", "/custom_fields/{gid}/enum_options")
async def add_option(call: Call) -> Answer:
    """One more choice of an enum field."""
    field = call.world.find(model.CustomField, call.gid)
    if field.type not in {"enum", "multi_enum"}:
        raise ApiError(400, f"custom_field: Field {field.gid} has no options, it is of type {field.type}")
    return call.one(make_option(call.world, field, str(call.required("name"))), 201)


@ROUTES.route("PUT", "/enum_options/{gid}")
async def update_option(call: Call) -> Answer:
    """Rename, disable or enable a choice; there is no deleting."""
    option = call.world.find(model.EnumOption, call.gid)
    for name in ("name", "color", "enabled"):
        if name in call.data:
            setattr(option, name, call.data[name])
    return call.one(option)
