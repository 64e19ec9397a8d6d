"""The fields that a task has in every account. Sections and custom fields are the live project's to name."""

from typing import Final

from connectors.contract import Field, FieldType, ObjectType

TASK: Final = "task"

APPROVAL_STATUSES: Final = ("pending", "approved", "rejected", "changes_requested")
SUBTYPES: Final = ("default_task", "milestone", "approval")

STANDARD: Final[dict[str, ObjectType]] = {
    TASK: ObjectType(
        TASK,
        (
            Field("name", "Name", FieldType.TEXT, required=True),
            Field("notes", "Description", FieldType.RICH_TEXT),
            Field("completed", "Completed", FieldType.BOOLEAN),
            Field("section", "Section", FieldType.OPTION),
            Field("assignee", "Assignee", FieldType.USER),
            Field("due_on", "Due date", FieldType.DATE),
            Field("due_at", "Due time", FieldType.DATETIME),
            Field("start_on", "Start date", FieldType.DATE),
            Field("start_at", "Start time", FieldType.DATETIME),
            Field("tags", "Tags", FieldType.OPTIONS),
            Field("followers", "Collaborators", FieldType.USERS),
            Field("parent", "Parent task", FieldType.RECORD),
            Field("resource_subtype", "Task type", FieldType.OPTION, options=SUBTYPES),
            Field("approval_status", "Approval status", FieldType.OPTION, options=APPROVAL_STATUSES),
            Field("created_at", "Created at", FieldType.DATETIME, writable=False, creatable=False),
            Field("modified_at", "Modified at", FieldType.DATETIME, writable=False, creatable=False),
        ),
        complete=False,
    )
}

TYPES: Final[dict[str, FieldType]] = {field.key: field.type for field in STANDARD[TASK].fields}
"""The type of each standard field by its key."""
