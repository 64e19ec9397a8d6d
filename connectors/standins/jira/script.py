"""What the page does: a board that calls the same API as everybody else."""

from typing import Final

SCRIPT: Final = r"""
const $ = (id) => document.getElementById(id), form = $("form").elements;
let open = null, shown = "", cloud = true, people = [];

function make(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children.filter(Boolean));
  return made;
}

async function guarded(place, work) {
  try { await work(); $(place).textContent = ""; } catch (problem) { $(place).textContent = problem.message; }
}

async function finish(work) {
  form.save.disabled = true;
  await guarded("refusal", async () => { await work(); $("editor").close(); });
  form.save.disabled = false;
}

$("form").onsubmit = (event) => { event.preventDefault(); finish(save); };
$("delete").onclick = () => confirm("Delete it?") && finish(remove);
$("close").onclick = () => $("editor").close();
$("editor").onclose = async () => { await guarded("outage", refresh); ($(open?.key) ?? $("new")).focus(); };
$("new").onclick = () => guarded("trouble", () => show(null));

const COLUMNS = ["To Do", "In Progress", "In Review", "Done", "Cancelled"];
const FIELDS = "summary,status,assignee,duedate,labels,description,comment,attachment,issuetype";
const BLOCKS = {paragraph: "p", heading: "h4", bulletList: "ul", orderedList: "ol", listItem: "li", taskList: "ul",
  taskItem: "li", codeBlock: "pre", blockquote: "blockquote", rule: "hr", hardBreak: "br", table: "table",
  tableRow: "tr", tableHeader: "th", tableCell: "td"};
const MARKS = {strong: "strong", em: "em", code: "code", strike: "s", underline: "u", link: "a"};

const account = (user) => user ? (cloud ? user.accountId : user.name) : "";
const asUser = (id) => id ? (cloud ? {accountId: id} : {name: id}) : null;
const signature = (who = $("who").value) =>
  cloud ? "Basic " + btoa(`${who}@acme.example:${who}-token`) : `Bearer ${who}-token`;

async function api(method, path, body, version = 2) {
  const headers = {Authorization: signature(), "X-Atlassian-Token": "no-check"};
  const form = body instanceof FormData;
  if (!form) headers["Content-Type"] = "application/json";
  const sent = {method, headers, body: form ? body : JSON.stringify(body), cache: "no-store"};
  const answer = await fetch(`/rest/api/${version}/${path}`, sent);
  const text = await answer.text(), data = text ? JSON.parse(text) : null;
  if (answer.ok) return data;
  const told = [...(data?.errorMessages ?? []), ...Object.entries(data?.errors ?? {}).map((one) => one.join(": "))];
  throw new Error(told.join("\n") || `HTTP ${answer.status}`);
}

// A document of Cloud, node by node; Data Center has wiki markup, which is shown as it is.
function render(part) {
  if (typeof part === "string") return part;
  if (part.type === "text") return (part.marks ?? []).reduce(marked, part.text);
  const box = part.type === "taskItem" && (part.attrs.state === "DONE" ? "☑ " : "☐ ");
  const inside = part.content?.map(render) ?? [part.attrs?.text ?? part.attrs?.url];
  return make(BLOCKS[part.type] ?? "span", {}, box, ...inside);
}

// Only the addresses of servers have an origin; those that run as script have none.
const leads = (href) => URL.canParse(href ?? "") && new URL(href).origin !== "null";

function marked(inner, mark) {
  const href = mark.attrs?.href;
  return make(MARKS[mark.type] ?? "span", leads(href) ? {href} : {}, inner);
}

const rich = (value) => value && make("div", {className: "rich"}, render(value));
const said = (comment) => make("div", {className: "said"},
  make("strong", {textContent: comment.author.displayName}), rich(comment.body));

async function download(file) {
  const answer = await fetch(file.content, {headers: {Authorization: signature()}});
  if (!answer.ok) throw new Error(`${file.filename}: HTTP ${answer.status}`);
  make("a", {href: URL.createObjectURL(await answer.blob()), download: file.filename}).click();
}

function attached(file) {
  const link = make("a", {href: file.content, textContent: file.filename});
  link.onclick = (event) => { event.preventDefault(); guarded("trouble", () => download(file)); };
  return make("div", {className: "meta"}, "Attached: ", link, `, ${file.size} bytes`);
}

function card({id, key, fields}) {
  const due = fields.duedate ? ` · due ${fields.duedate}` : "";
  return make("article", {},
    make("div", {className: "meta", textContent: `${key} · ${fields.issuetype.name}`}),
    make("h3", {}, make("button", {type: "button", id: key, textContent: fields.summary,
      onclick: () => guarded("trouble", () => show(id))})),
    make("div", {className: "meta", textContent: (fields.assignee?.displayName ?? "nobody") + due}),
    ...fields.labels.map((label) => make("span", {className: "tag", textContent: label})),
    rich(fields.description), ...fields.comment.comments.map(said), ...fields.attachment.map(attached));
}

async function refresh() {
  const jql = encodeURIComponent(`project = ${$("project").value} ORDER BY created ASC`);
  const path = `search${cloud ? "/jql" : ""}?maxResults=100&fields=${FIELDS}&jql=${jql}`;
  const page = await api("GET", path, undefined, cloud ? 3 : 2);
  if (JSON.stringify(page.issues) === shown) return;
  shown = JSON.stringify(page.issues);
  const held = document.activeElement?.id;
  $("board").replaceChildren(...COLUMNS.map((name) => {
    const issues = page.issues.filter((issue) => issue.fields.status.name === name);
    return make("section", {ariaLabel: name},
      make("h2", {textContent: `${name} (${issues.length})`}), ...issues.map(card));
  }));
  if (held) $(held)?.focus();
}

async function show(id) {
  const issue = id && await api("GET", `issue/${id}?fields=${FIELDS}`), fields = issue?.fields;
  const remarks = id && (await api("GET", `issue/${id}?fields=comment`, undefined, cloud ? 3 : 2)).fields;
  const moves = id ? (await api("GET", `issue/${id}/transitions?expand=transitions.fields`)).transitions : [];
  open = issue && {...issue, moves};
  $("form").reset();
  $("refusal").textContent = "";
  $("heading").textContent = issue?.key ?? "New issue";
  const stay = new Option(fields?.status.name ?? "To Do", "");
  form.status.replaceChildren(stay, ...moves.map((move) => new Option(move.to.name, move.id)));
  const options = people.map((user) => new Option(user.displayName, account(user)));
  form.assignee.replaceChildren(new Option("Nobody", ""), ...options);
  for (const [name, value] of Object.entries(issue ? written(fields) : {labels: "launch"})) form[name].value = value;
  $("said").replaceChildren(
    ...(remarks?.comment.comments ?? []).map(said), ...(fields?.attachment ?? []).map(attached));
  $("more").hidden = $("delete").hidden = !issue;
  $("editor").showModal();
}

const written = (fields) => ({summary: fields.summary, description: fields.description ?? "",
  duedate: fields.duedate ?? "", assignee: account(fields.assignee), labels: fields.labels.join(" ")});
const native = {summary: String, description: (text) => text || null, duedate: (text) => text || null,
  assignee: asUser, labels: (text) => text.split(/\s+/).filter(Boolean)};

async function save() {
  const before = open && written(open.fields), changed = ([name]) => !open || form[name].value !== before[name];
  const fields = Object.fromEntries(
    Object.entries(native).filter(changed).map(([name, told]) => [name, told(form[name].value)]));
  const place = {project: {key: $("project").value}, issuetype: {name: "Task"}};
  if (!open) return api("POST", "issue", {fields: {...fields, ...place}});
  if (Object.keys(fields).length) await api("PUT", `issue/${open.id}`, {fields});
  await move(open.moves.find((one) => one.id === form.status.value));
  await discuss();
}

async function move(chosen) {
  if (!chosen) return;
  const asked = Object.entries(chosen.fields ?? {}).filter(([, field]) => field.required);
  const fields = Object.fromEntries(asked.map(([name, field]) => [name, {id: field.allowedValues[0].id}]));
  await api("POST", `issue/${open.id}/transitions`, {transition: {id: chosen.id}, fields});
  form.status.value = "";
}

async function discuss() {
  if (form.comment.value) await api("POST", `issue/${open.id}/comment`, {body: form.comment.value});
  form.comment.value = "";
  for (const file of form.file.files) {
    const sent = new FormData();
    sent.append("file", file);
    await api("POST", `issue/${open.id}/attachments`, sent);
  }
  form.file.value = "";
}

const remove = () => api("DELETE", `issue/${open.id}?deleteSubtasks=true`);

$("project").onchange = $("who").onchange = () => guarded("outage", refresh);
guarded("outage", async () => {
  cloud = (await (await fetch("/rest/api/2/serverInfo")).json()).deploymentType === "Cloud";
  const projects = await api("GET", "project");
  $("project").replaceChildren(...projects.map((project) => new Option(project.name, project.key)));
  people = await api("GET", `user/assignable/search?project=${projects[0].key}&query=&username=`);
  await refresh();
  setInterval(() => guarded("outage", refresh), 1000);
});
"""
