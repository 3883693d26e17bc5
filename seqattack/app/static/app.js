// Keys and picks without leaving the page, filters by brushing, and the progress of a live attack. The
// pages work without this script.
"use strict";

const examples = [...document.querySelectorAll(".example")];
const goOn = "seqattack-go-on";
const lastRejected = "seqattack-last-rejected";
const toast = document.getElementById("toast");
const why = "Rejected. Why? 1 to 5 say so (? lists them).";
let current = -1;
let rejected = null;  // run, id and version of what a key rejected last, perhaps on the page before

function say(text, address, name) {
  toast.textContent = text;
  if (!address && name) toast.append(" ", name);
  if (address) {
    const link = document.createElement("a");
    link.href = address;
    link.textContent = name;
    toast.append(" ", link);
  }
}

function select(index) {
  if (index < 0 || index >= examples.length) {
    const link = document.querySelector(index < 0 ? "a[rel=prev]" : "a[rel=next]");
    if (link && (current >= 0 || examples.length === 1)) location.assign(link.href);
    return;
  }
  examples[current]?.classList.remove("current");
  current = index;
  examples[current].classList.add("current");
  examples[current].focus({ preventScroll: true });
  examples[current].scrollIntoView({ block: "nearest" });
}

function show(example, pick) {
  const form = example.querySelector("form.picking");
  example.dataset.decision = pick.decision;
  form.elements.version.value = pick.version;
  form.elements.reason.value = pick.reason;
  for (const button of form.querySelectorAll("button")) {
    if (button.value === "undecided") button.hidden = pick.decision === "undecided";
    else button.setAttribute("aria-pressed", String(button.value === pick.decision));
  }
  count(pick);
}

function count(pick) {
  for (const name of ["decided", "accepted", "accepted-in-all", "rejected-in-all"]) {
    const place = document.getElementById(name);
    if (place) place.textContent = pick[name];
  }
  const share = document.getElementById("share");
  if (share) share.value = pick.decided;
}

// Changes of one example are sent one after the other, so that each knows the version before it.
async function inTurn(example, action) {
  const turn = (example.turn ?? Promise.resolve()).then(action);
  example.turn = turn.catch(() => {});
  return turn;
}

function change(example, values) {
  return inTurn(example, () => send(example, values));
}

// The place of a pick's example on this page, or -1.
function placeOf(pick) {
  return examples.findIndex((example) => {
    const fields = example.querySelector("form.picking")?.elements;
    return fields && fields.run.value === pick.run && fields.id.value === pick.id;
  });
}

async function post(address, body) {
  const answer = await fetch(address, { method: "POST", body, headers: { Accept: "application/json" } });
  const isJson = (answer.headers.get("content-type") ?? "").includes("json");
  return { status: answer.status, value: isJson ? await answer.json() : null, text: isJson ? "" : await answer.text() };
}

// Gives the pick as the server has it now, and what went wrong.
async function save(values) {
  let answer;
  try {
    answer = await post("/picks", new URLSearchParams(values));
  } catch {
    return { problem: "Not saved: the server does not answer." };
  }
  if (!answer.value) return { problem: `Not saved (error ${answer.status}).` };
  return { pick: answer.value, problem: answer.status === 409 ? "Changed in another tab, so not saved." : "" };
}

function known(example) {
  const fields = example.querySelector("form.picking").elements;
  return { run: fields.run.value, id: fields.id.value, version: fields.version.value };
}

async function send(example, values) {
  const form = example.querySelector("form.picking");
  const said = form.querySelector(".said");
  said.textContent = "Saving …";
  const { pick, problem } = await save({ ...known(example), ...values });
  if (pick) show(example, pick);
  if (pick && problem) form.elements.note.value = pick.note;
  said.textContent = problem && pick ? `${problem} You see the current state.` : problem || "Saved.";
  return !problem;
}

async function decide(example, decision) {
  if (!example) {
    say("Choose an example first: j goes to the next one.");
    return false;
  }
  if (!example.querySelector("form.picking")) {
    say("There is nothing to pick: the attack found no example here.");
    return false;
  }
  if (example.dataset.decision === decision) return true;
  return change(example, { decision });
}

// Decides by a key and goes on to the next example, on the next page too.
async function decideAndGoOn(decision) {
  const example = examples[current] ?? (examples.length === 1 ? examples[0] : undefined);
  if (!(await decide(example, decision))) return;
  rejected = decision === "rejected" ? known(example) : null;
  if (rejected) say(why);
  const place = examples.indexOf(example);
  const following = examples.findIndex((each, index) => index > place && each.querySelector("form.picking") && each.dataset.decision === "undecided");
  const next = document.querySelector("a[rel=next]");
  if (following >= 0) select(following);
  else if (next) {
    sessionStorage.setItem(goOn, "yes");
    if (rejected) sessionStorage.setItem(lastRejected, JSON.stringify(rejected));
    // Where only undecided ones are listed, those of the next page have moved up to this one.
    const moved = location.pathname === "/run" && new URLSearchParams(location.search).get("pick") === "undecided";
    if (moved) location.reload();
    else location.assign(next.href);
  } else say(`${rejected ? `${why} ` : ""}That was the last one here.`);
}

async function giveReason(number) {
  const reason = reasons[number - 1];
  const last = rejected;
  const example = examples[last ? placeOf(last) : current];
  if (!reason || (example ? example.dataset.decision !== "rejected" : !last)) return;
  const saved = example ? await change(example, { reason }) : await inTurn(last, () => saveAway(last, reason));
  if (saved) say(`Rejected: ${reason}.`);
}

// Saves the reason of an example that is on another page.
async function saveAway(last, reason) {
  const { pick, problem } = await save({ run: last.run, id: last.id, version: last.version, reason });
  if (pick) last.version = pick.version;
  if (problem) say(problem);
  if (problem && pick) rejected = null;  // what it is now is not known on this page
  return !problem;
}

// The server knows the steps, so they can be undone on whatever page.
async function step(name) {
  rejected = null;
  let answer;
  try {
    answer = await post(`/picks/${name}`, new URLSearchParams());
  } catch {
    say("That did not work: the server does not answer.");
    return;
  }
  if (!answer.value) {
    const page = new DOMParser().parseFromString(answer.text, "text/html");
    say(page.querySelector(".problem")?.textContent ?? `That did not work (error ${answer.status}).`);
    return;
  }
  const picks = answer.value.picks;
  for (const pick of picks) {
    const index = placeOf(pick);
    if (index >= 0) {
      show(examples[index], pick);
      if (picks.length === 1) select(index);
    } else count(pick);
  }
  const done = name === "undo" ? "Undone" : "Done again";
  if (picks.length === 1) say(`${done}: now ${picks[0].decision}:`, picks[0].address, picks[0].id);
  else say(`${done}: ${picks.length} decisions.`);
}

for (const example of examples) {
  const form = example.querySelector("form.picking");
  example.addEventListener("focusin", () => {
    const index = examples.indexOf(example);
    if (index < 0 || index === current) return;
    examples[current]?.classList.remove("current");
    current = index;
    example.classList.add("current");
  });
  if (!form) continue;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (event.submitter?.value) decide(example, event.submitter.value);
  });
  form.elements.reason.addEventListener("change", () => change(example, { reason: form.elements.reason.value }));
  form.elements.note.addEventListener("change", () => change(example, { note: form.elements.note.value }));
  form.elements.note.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === "Escape") {
      event.preventDefault();
      example.focus();
    }
  });
}
for (const form of document.querySelectorAll("form.steps")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    step(event.submitter?.formAction.endsWith("redo") ? "redo" : "undo");
  });
}
if (examples.length && sessionStorage.getItem(goOn)) {
  sessionStorage.removeItem(goOn);
  const first = examples.findIndex((each) => each.dataset.decision === "undecided" && each.querySelector("form.picking"));
  select(Math.max(first, 0));
  rejected = JSON.parse(sessionStorage.getItem(lastRejected));
  if (rejected) say(why);
}
sessionStorage.removeItem(lastRejected);

const help = document.getElementById("help");
const reasons = [...help.querySelectorAll(".why")].map((place) => place.textContent);
const helpButton = document.getElementById("help-button");
helpButton.hidden = false;
helpButton.addEventListener("click", () => help.showModal());

const keys = {
  j: () => select(examples.length === 1 ? 1 : current + 1),
  k: () => select(examples.length === 1 ? -1 : current - 1),
  a: () => decideAndGoOn("accepted"),
  x: () => decideAndGoOn("rejected"),
  u: () => step("undo"),
  r: () => step("redo"),
  n: () => (examples[current] ?? examples[0])?.querySelector("input[name=note]")?.focus(),
  b: () => document.querySelector("a[rel=up]")?.click(),
  "/": () => document.querySelector("input[type=search]")?.focus(),
  "?": () => help.showModal(),
  Enter: () => examples[current].querySelector("h1 a, h2 a, h3 a")?.click(),
};
for (const number of [1, 2, 3, 4, 5]) keys[number] = () => giveReason(number);

document.addEventListener("keydown", (event) => {
  const inside = event.target.closest("input, select, textarea, dialog");
  if (inside || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Enter" && (current < 0 || event.target !== examples[current])) return;
  const action = keys[event.key];
  if (!action) return;
  event.preventDefault();
  action();
});

// Brushing over a histogram bounds its metric; a click on a bar is a link.
for (const chart of document.querySelectorAll(".chart[data-metric] svg")) {
  const bars = [...chart.querySelectorAll(".bar")];
  const under = (event) => bars.find((bar) => {
    const box = bar.querySelector(".hit").getBoundingClientRect();
    return event.clientX >= box.left && event.clientX <= box.right + 1;
  });
  let from = null;
  let brushed = false;
  const range = (to) => [bars.indexOf(from), bars.indexOf(to)].sort((a, b) => a - b);
  chart.addEventListener("pointerdown", (event) => {
    from = under(event) ?? null;
    brushed = false;
  });
  chart.addEventListener("pointermove", (event) => {
    const to = under(event);
    if (!from || !to || !event.buttons) return;
    const [low, high] = range(to);
    brushed = low !== high;
    bars.forEach((bar, index) => bar.classList.toggle("brushed", brushed && index >= low && index <= high));
  });
  chart.addEventListener("dragstart", (event) => event.preventDefault());
  chart.addEventListener("click", (event) => {
    if (!brushed) return;
    event.preventDefault();
    const to = under(event);
    if (!to) return;
    const [low, high] = range(to);
    const metric = chart.closest(".chart").dataset.metric;
    const address = new URL(bars[low].getAttribute("href"), location.href);
    address.searchParams.set(`${metric}-min`, bars[low].dataset.low);
    address.searchParams.set(`${metric}-max`, bars[high].dataset.high);
    location.assign(address);
  });
}

// A click on a heading sorts a table by that column.
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  const value = (row, column) => row.cells[column].dataset.value ?? row.cells[column].textContent.trim();
  [...table.tHead.rows[0].cells].forEach((cell, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "sort";
    button.append(...cell.childNodes);
    cell.append(button);
    button.addEventListener("click", () => {
      const down = cell.getAttribute("aria-sort") !== "descending" && column > 0 || cell.getAttribute("aria-sort") === "ascending";
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      cell.setAttribute("aria-sort", down ? "descending" : "ascending");
      const compare = (a, b) => value(a, column).localeCompare(value(b, column), undefined, { numeric: true });
      const numbers = (a, b) => Number(value(a, column)) - Number(value(b, column));
      const rows = [...body.rows].sort(column ? numbers : compare);
      body.append(...(down ? rows.reverse() : rows));
    });
  });
}

// Where the browser lets us, a table is copied as text instead of downloaded.
for (const link of document.querySelectorAll("a.copy")) {
  if (!navigator.clipboard || link.pathname.endsWith(".png")) continue;
  link.addEventListener("click", async (event) => {
    event.preventDefault();
    try {
      await navigator.clipboard.writeText(await (await fetch(link.href)).text());
      say(`Copied as ${link.textContent}.`);
    } catch {
      location.assign(link.href);
    }
  });
}

for (const link of document.querySelectorAll("a.button[rel=nofollow]")) {
  link.addEventListener("click", () => say("Asking the victim; the first time it is loaded, which takes some seconds."));
}

// The page Try: how long the text may be, what is waited for, and tags that do not continue anything.
const text = document.querySelector("textarea[data-most]");
text?.addEventListener("input", () => {
  const most = Number(text.dataset.most);
  text.setCustomValidity(text.value.length > most ? `${text.value.length} characters, but at most ${most} are possible; shorten the text.` : "");
});
for (const form of document.querySelectorAll("form[data-waits]")) {
  form.addEventListener("submit", () => {
    form.querySelector(".said").textContent = form.dataset.waits;
    form.querySelector("button").disabled = true;
  });
}
addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll("form[data-waits] button")) button.disabled = false;
});
const corrections = [...document.querySelectorAll(".correction select")];
function recolour() {
  const wrong = [];
  corrections.forEach((field, index) => {
    const token = field.parentElement.querySelector(".token");
    token.className = `token ${field.selectedOptions[0].dataset.look}`;
    const [tag, before] = [field.value, corrections[index - 1]?.value ?? "O"];
    const illegal = tag.startsWith("I-") && before.slice(2) !== tag.slice(2);
    field.classList.toggle("illegal", illegal);
    if (illegal) wrong.push(`${token.textContent}: ${tag} continues no entity, so it will be B-${tag.slice(2)}.`);
  });
  document.getElementById("illegal").textContent = wrong.join(" ");
}
for (const field of corrections) field.addEventListener("change", recolour);
if (corrections.length) addEventListener("pageshow", recolour);  // fields may be restored

const live = document.getElementById("live");
async function follow() {
  try {
    const answer = await fetch(live.dataset.address);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const part = page.querySelector(".live");
    if (!part && answer.status !== 503) {
      say("This attack cannot be followed any more; the application may have been restarted.");
      return;
    }
    if (part && part.innerHTML !== live.querySelector(".live").innerHTML) live.replaceChildren(document.adoptNode(part));
  } catch {
    // The server is busy or gone; ask again.
  }
  if (live.querySelector("[data-over=no]")) setTimeout(follow, 500);
  else over();
}
// A slider steps through what the search found on its way.
function replay() {
  const box = live.querySelector(".frames");
  const frames = box ? [...box.querySelectorAll(".frame")] : [];
  if (frames.length < 2) return;
  const label = document.createElement("label");
  label.className = "replay";
  label.append("Step ");
  const slider = document.createElement("input");
  Object.assign(slider, { type: "range", min: 1, max: frames.length, value: frames.length });
  label.append(slider);
  const point = () => {
    frames.forEach((frame, index) => { frame.hidden = index + 1 !== Number(slider.value); });
    live.querySelectorAll(".step").forEach((step, index) => step.classList.toggle("here", index + 1 === Number(slider.value)));
  };
  slider.addEventListener("input", point);
  box.before(label);
  point();
}
function over() {
  replay();
  const cancel = document.getElementById("cancel");
  if (cancel) cancel.hidden = true;
  document.getElementById("after").hidden = false;
  const pick = document.getElementById("pick-live");
  if (pick) pick.hidden = !live.querySelector(".outcome.success");
}
if (live?.querySelector("[data-over=no]")) {
  document.getElementById("cancel").addEventListener("submit", (event) => {
    event.preventDefault();
    say("Stopping …");
    post(event.target.action, new URLSearchParams()).then(
      ({ status }) => status < 400 || say(`Not stopped (error ${status}).`),
      () => say("Not stopped: the server does not answer."),
    );
  });
  setTimeout(follow, 300);
} else if (live) over();
