"""The text of the files that `syncline init` writes."""

import re
from importlib.resources import files

CONNECTIONS = """\
# The accounts that Syncline works with. Secrets stay outside: ${NAME} is taken from the environment,
# ${file:/run/secrets/name} from a file. `syncline check --live` tries them.
connections:
  eng-jira:
    system: jira
    url: https://your-site.atlassian.net       # FILL IN: your Jira site
    auth:
      email: ${JIRA_EMAIL}                     # leave out for a personal access token (Data Center)
      token: ${JIRA_TOKEN}
    webhook: {secret: "${JIRA_WEBHOOK_SECRET}"}  # signs the deliveries; make one up, 32 random letters are good

  mkt-asana:
    system: asana
    auth: {token: "${ASANA_TOKEN}"}            # of an account that may edit the project
"""

STANDIN_CONNECTIONS = """\
# The stand-ins of the demo, with the tokens of their robot account. `syncline standin jira --port {jira_port}` and
# `syncline standin asana --port {asana_port}` serve them.
connections:
  eng-jira:
    system: jira
    url: http://127.0.0.1:{jira_port}
    auth: {{email: bot@acme.example, token: bot-token}}
    webhook: {{secret: a-secret-of-the-demo}}
    settle_seconds: 3

  mkt-asana:
    system: asana
    url: http://127.0.0.1:{asana_port}/api/1.0
    auth: {{token: bot-token}}
    settle_seconds: 3
"""

PEOPLE = """\
# Who is who. People with the same email in all tools need no entry: list only those whose email differs or is hidden.
#
# people:
#   - name: Ana Chen
#     emails: [ana@acme.example, a.chen@acme.example]   # the first is the one that is written
#     identities: {eng-jira: "712020:4f0c", mkt-asana: "1201001"}   # account ids, where the email is hidden
people: []
"""

ENVIRONMENT = """\
# Copy to .env, fill in, and load it before starting: set -a; . ./.env; set +a
JIRA_EMAIL=
JIRA_TOKEN=
JIRA_WEBHOOK_SECRET=
ASANA_TOKEN=

# How Jira and Asana reach this service; with it, webhooks are registered by themselves.
# SYNCLINE_PUBLIC_URL=https://syncline.example.com
"""

GITIGNORE = """\
.env
syncline.db*
syncline.lock
temporal.db*
logs/
"""

_SCOPE = re.compile(r"^( +(?:connection: \S+|scope: \{[^}]*\}) +# )", re.MULTILINE)


def mapping() -> str:
    """The mapping of the catalog, with what everybody must change marked FILL IN."""
    text = (files("mappings.catalog") / "jira-asana-tasks.yaml").read_text(encoding="utf-8")
    return _SCOPE.sub(r"\1FILL IN: ", text)


def standin_mapping() -> str:
    """The mapping of the demo, which fits the stand-ins."""
    return (files("workers.demo") / "mapping.yaml").read_text(encoding="utf-8")
