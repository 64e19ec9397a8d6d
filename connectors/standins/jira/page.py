"""The page on which a person works in this Jira: what it shows, and how it looks; what it does is in `script`."""

from typing import Final

from connectors.standins.jira.script import SCRIPT

_MARKUP: Final = r"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Jira stand-in</title>
<link rel="icon" href="data:,">
<style>
:root { color-scheme: light dark; --accent: #0747a6; --line: color-mix(in srgb, CanvasText 22%, Canvas);
  --quiet: color-mix(in srgb, CanvasText 72%, Canvas); --ground: color-mix(in srgb, var(--accent) 7%, Canvas);
  --focus: color-mix(in srgb, var(--accent) 60%, CanvasText); }
* { box-sizing: border-box; }
body { margin: 0; font: 15px/1.45 system-ui, sans-serif; background: var(--ground); color: CanvasText; }
header { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: center; padding: .6rem 1rem;
  background: var(--accent); color: #fff; }
h1 { font-size: 1.1rem; margin: 0 auto 0 0; } h2 { font-size: .95rem; margin: 0 0 .5rem; }
h3, h4 { font-size: 1rem; margin: 0; }
main { display: grid; grid-auto-flow: column; grid-auto-columns: minmax(14rem, 1fr); gap: .8rem; padding: 1rem;
  overflow-x: auto; }
article { position: relative; background: Canvas; border: 1px solid var(--line); border-left: 4px solid var(--accent);
  border-radius: 6px; padding: .5rem .7rem; margin-bottom: .6rem; overflow-wrap: anywhere; }
article:hover, article:focus-within { outline: 2px solid var(--focus); }
article h3 button { all: unset; font-weight: bold; cursor: pointer; }
article h3 button::after { content: ""; position: absolute; inset: 0; }
article a { position: relative; } article .rich { max-height: 9em; overflow: hidden; margin: .3rem 0; }
.meta { font-size: .85rem; color: var(--quiet); }
.tag { display: inline-block; border: 1px solid var(--line); border-radius: 9px; padding: 0 .5rem;
  margin: .2rem .3rem 0 0; font-size: .8rem; }
.rich { white-space: pre-wrap; overflow-wrap: anywhere; } .rich :is(p, ul, ol, pre, blockquote) { margin: 0 0 .2rem; }
.rich :is(ul, ol) { padding-left: 1.3rem; } .rich pre { white-space: pre-wrap; }
.said { border-left: 3px solid var(--line); padding-left: .5rem; margin: .4rem 0; font-size: .9rem; }
.error { background: #b3261e; color: #fff; padding: .5rem 1rem; margin: 0; white-space: pre-wrap; }
.error:empty { display: none; }
button, input, select, textarea { font: inherit; padding: .35rem .6rem; border: 1px solid var(--line);
  border-radius: 6px; max-width: 100%; }
button.main { background: var(--accent); color: #fff; } header button { background: #fff; color: var(--accent); }
:focus-visible { outline: 2px solid var(--focus); outline-offset: 2px; } header :focus-visible { outline-color: #fff; }
dialog { width: min(44rem, 94vw); border: 1px solid var(--line); border-radius: 8px; padding: 1rem; }
dialog::backdrop { background: #0007; }
form { display: grid; grid-template-columns: minmax(0, 1fr); gap: .6rem; }
form label { display: grid; gap: .15rem; align-content: end; font-size: .9rem; }
form :is(input, select) { height: 2.4rem; } #more:not([hidden]) { display: grid; gap: .6rem; }
form .row { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: .6rem; }
footer { display: flex; gap: .5rem; position: sticky; bottom: -1rem; background: Canvas; padding: .6rem 0; }
#delete { margin-left: auto; }
</style>
</head>
<body>
<header>
  <h1>Jira stand-in</h1>
  <label>I am <select id="who"><option value="ana">Ana Chen</option><option value="bo">Bo Larsen</option>
    <option value="wei">Chen Wei (陈伟)</option></select></label>
  <label>Project <select id="project"></select></label>
  <button id="new" type="button">New issue</button>
</header>
<p class="error" id="outage" role="alert"></p>
<p class="error" id="trouble" role="alert"></p>
<main id="board" aria-label="Issues by status"></main>
<dialog id="editor" aria-labelledby="heading"><form id="form" method="dialog">
  <h2 id="heading"></h2>
  <p class="error" id="refusal" role="alert"></p>
  <label>Title <input name="summary"></label>
  <label>Description, in wiki markup <textarea name="description" rows="5"></textarea></label>
  <div class="row">
    <label>Status <select name="status"></select></label>
    <label>Due date <input name="duedate" type="date"></label>
    <label>Assignee <select name="assignee"></select></label>
    <label>Labels, separated by spaces <input name="labels"></label>
  </div>
  <div id="more">
    <div id="said"></div>
    <label>New comment <textarea name="comment" rows="2"></textarea></label>
    <label>Attach a file <input name="file" type="file"></label>
  </div>
  <footer><button class="main" name="save">Save</button><button type="button" id="close">Close</button>
    <button type="button" id="delete">Delete</button></footer>
</form></dialog>
"""

PAGE: Final = f"{_MARKUP}<script>{SCRIPT}</script>\n</body>\n</html>\n"
