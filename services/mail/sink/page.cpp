#include "twistdpp/mail_sink/page.h"

namespace twistdpp::mail {

Bytes pageHtml() noexcept {
    return R"html(<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Caught mail</title>
<link rel="stylesheet" href="/page.css">
<script src="/page.js" defer></script>
<header>
  <h1>Caught mail</h1>
  <input id="search" type="search" placeholder="Search: words, from:ann, to:joe, subject:hello" aria-label="Search">
  <span id="count"></span>
  <button id="clear" type="button">Delete all</button>
</header>
<main>
  <ol id="list" aria-label="Messages"></ol>
  <section id="message" hidden>
    <div id="top">
      <h2 id="subject"></h2>
      <button id="delete" type="button">Delete</button>
    </div>
    <dl id="envelope"></dl>
    <nav id="views" role="tablist"></nav>
    <div id="view"></div>
    <ul id="attachments"></ul>
  </section>
  <p id="hint">Send a mail to this server and it is shown here, whoever it is for. Nothing leaves.</p>
</main>
</html>
)html";
}

Bytes pageStyle() noexcept {
    return R"css(:root { color-scheme: light dark; --line: #8884; --soft: #8882; --strong: #2563eb; }
* { box-sizing: border-box; }
body { margin: 0; height: 100vh; display: flex; flex-direction: column; font: 15px/1.45 system-ui, sans-serif; }
header { display: flex; gap: .75rem; align-items: center; padding: .6rem 1rem; border-bottom: 1px solid var(--line); }
h1 { font-size: 1.05rem; margin: 0; white-space: nowrap; }
#search { flex: 1; min-width: 6rem; padding: .4rem .6rem; font: inherit; border: 1px solid var(--line); border-radius: 6px; }
#count { opacity: .7; white-space: nowrap; }
button, nav button { font: inherit; padding: .35rem .8rem; border: 1px solid var(--line); border-radius: 6px;
  background: var(--soft); color: inherit; cursor: pointer; }
main { flex: 1; display: flex; min-height: 0; }
#list { width: 22rem; max-width: 45vw; margin: 0; padding: 0; overflow: auto; list-style: none;
  border-right: 1px solid var(--line); }
#list li { padding: .55rem 1rem; border-bottom: 1px solid var(--line); cursor: pointer; }
#list li:hover, #list li:focus { background: var(--soft); outline: none; }
#list li[aria-current] { background: var(--soft); box-shadow: inset 3px 0 var(--strong); }
#list b, #list span { display: block; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
#list span { opacity: .75; font-size: .85rem; }
#message { flex: 1; display: flex; flex-direction: column; min-width: 0; padding: 1rem; }
#message[hidden], #hint[hidden] { display: none; }
#top { display: flex; justify-content: space-between; gap: 1rem; align-items: start; }
h2 { font-size: 1.25rem; margin: 0 0 .5rem; overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem .8rem; margin: 0 0 .8rem; font-size: .9rem; }
dt { opacity: .65; }
dd { margin: 0; overflow-wrap: anywhere; }
nav { display: flex; gap: .4rem; margin-bottom: .6rem; }
nav button[aria-selected=true] { background: var(--strong); border-color: var(--strong); color: #fff; }
#view { flex: 1; min-height: 0; border: 1px solid var(--line); border-radius: 6px; overflow: auto; }
#view iframe { width: 100%; height: 100%; border: 0; background: #fff; }
#view pre { margin: 0; padding: .8rem; white-space: pre-wrap; overflow-wrap: anywhere; }
#view dl { padding: .8rem; }
#attachments { display: flex; flex-wrap: wrap; gap: .5rem; margin: .6rem 0 0; padding: 0; list-style: none; }
#attachments a { display: block; padding: .3rem .7rem; border: 1px solid var(--line); border-radius: 6px; color: inherit; }
#hint { margin: auto; padding: 2rem; opacity: .7; text-align: center; }
@media (max-width: 45rem) { main { flex-direction: column; } #list { width: auto; max-width: none; height: 35vh;
  border-right: 0; border-bottom: 1px solid var(--line); } }
)css";
}

Bytes pageScript() noexcept {
    return R"js("use strict";
const at = (id) => document.getElementById(id);
const PAGE = 200;
let chosen = null;   // the id of the message that is shown
let shown = null;    // the message itself
let view = "html";
let asked = 0;       // an answer that is older than the last question does not count

const sizeText = (n) => n < 1024 ? n + " B" : n < 1048576 ? (n / 1024).toFixed(1) + " KiB" : (n / 1048576).toFixed(1) + " MiB";
const timeText = (t) => new Date(t * 1000).toLocaleString();

function make(tag, text, properties = {}) {
  const element = Object.assign(document.createElement(tag), properties);
  element.textContent = text;
  return element;
}

async function refresh() {
  const mine = ++asked;
  const search = at("search").value.trim();
  const answer = await fetch(`/api/messages?limit=${PAGE}&search=${encodeURIComponent(search)}`);
  const found = await answer.json();
  if (mine !== asked) return;
  at("count").textContent = search ? `${found.found} of ${found.total}` : `${found.total}`;
  document.title = `Caught mail (${found.total})`;
  at("list").replaceChildren(...found.messages.map(item));
  if (chosen && !found.messages.some((each) => each.id === chosen) && !search) close();
  at("hint").hidden = chosen !== null;
}

function item(mail) {
  const row = make("li", "", {tabIndex: 0});
  if (mail.id === chosen) row.setAttribute("aria-current", "true");
  row.append(make("b", mail.subject || "(no subject)"), make("span", `${mail.from || "<>"} \u2192 ${mail.to.join(", ")}`),
             make("span", timeText(mail.time) + " \u00b7 " + sizeText(mail.size) + (mail.attachments ? ` \u00b7 ${mail.attachments} attached` : "")));
  row.onclick = () => open(mail.id);
  row.onkeydown = (event) => { if (event.key === "Enter") open(mail.id); };
  return row;
}

async function open(id) {
  const answer = await fetch(`/api/messages/${id}`);
  if (!answer.ok) return refresh();
  shown = await answer.json();
  chosen = id;
  at("subject").textContent = shown.subject || "(no subject)";
  const lines = [["From", shown.from || "<> (a notification)"], ["To", shown.to.join(", ")], ["Came", timeText(shown.time)],
                 ["By", `${shown.protocol} from ${shown.client} (${shown.helo})` + (shown.user ? `, logged in as ${shown.user}` : "")]];
  at("envelope").replaceChildren(...lines.flatMap(([name, value]) => [make("dt", name), make("dd", value)]));
  at("attachments").replaceChildren(...shown.attachments.map((part, index) => {
    const row = document.createElement("li");
    row.append(make("a", `${part.name || part.type} \u00b7 ${sizeText(part.size)}`, {href: `/api/messages/${id}/parts/${index}`}));
    return row;
  }));
  const views = [...(shown.html ? ["html"] : []), ...(shown.text || !shown.html ? ["text"] : []), "header", "source"];
  if (!views.includes(view)) view = views[0];
  at("views").replaceChildren(...views.map((name) => {
    const tab = make("button", {html: "HTML", text: "Text", header: "Header", source: "Source"}[name], {type: "button"});
    tab.setAttribute("role", "tab");
    tab.dataset.view = name;
    tab.onclick = () => { view = name; show(); };
    return tab;
  }));
  at("message").hidden = false;
  at("hint").hidden = true;
  location.hash = id;
  show();
  refresh();
}

async function show() {
  for (const tab of at("views").children) tab.setAttribute("aria-selected", String(tab.dataset.view === view));
  const id = chosen;
  let content;
  if (view === "html") {
    content = make("iframe", "", {src: `/api/messages/${id}/html`, title: "The message"});
    content.setAttribute("sandbox", "");
  } else if (view === "text") {
    content = make("pre", shown.text);
  } else if (view === "header") {
    content = document.createElement("dl");
    content.append(...shown.header.flatMap(([name, value]) => [make("dt", name), make("dd", value)]));
  } else {
    content = make("pre", await (await fetch(`/api/messages/${id}/source`)).text());
    if (id !== chosen || view !== "source") return;
  }
  at("view").replaceChildren(content);
}

function close() {
  chosen = shown = null;
  at("message").hidden = true;
  at("hint").hidden = false;
}

at("search").oninput = refresh;
at("clear").onclick = async () => {
  const search = at("search").value.trim();
  await fetch("/api/messages" + (search ? `?search=${encodeURIComponent(search)}` : ""), {method: "DELETE"});
};
at("delete").onclick = async () => { await fetch(`/api/messages/${chosen}`, {method: "DELETE"}); };
new EventSource("/api/events").onmessage = refresh;
refresh();
if (location.hash.length > 1) open(Number(location.hash.slice(1)));
)js";
}

} // namespace twistdpp::mail
