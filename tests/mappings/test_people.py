from mappings.model import Person
from mappings.people import People

PEOPLE = People(
    [
        Person(
            name="Ada",
            emails=("Ada@acme.example", "ada.l@old.example"),
            identities={"jira": "5b10", "asana": "@120"},
        )
    ]
)


def test_any_email_becomes_first() -> None:
    assert PEOPLE.email("jira", "ada.l@old.example") == "ada@acme.example"


def test_account_becomes_first_email() -> None:
    assert PEOPLE.email("jira", "@5b10") == PEOPLE.email("asana", "@120") == "ada@acme.example"


def test_stranger_stays_unchanged() -> None:
    assert PEOPLE.email("jira", "bob@acme.example") == "bob@acme.example"
    assert PEOPLE.email("asana", "@5b10") == "@5b10"
    assert PEOPLE.account("jira", "bob@acme.example") == "bob@acme.example"


def test_account_only_where_known() -> None:
    assert PEOPLE.account("jira", "ada@acme.example") == "@5b10"
    assert PEOPLE.account("crm", "ada@acme.example") == "ada@acme.example"
