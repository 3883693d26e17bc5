// Keys and picks without leaving the page, and the progress of a live attack. The pages work without
// this script.
"use strict";

const examples = [...document.querySelectorAll("#examples .example")];
const undone = "seqattack-undo";
let current = -1;

function select(index) {
  if (index < 0 || index >= examples.length) {
    const link = document.querySelector(index < 0 ? "a[rel=prev]" : "a[rel=next]");
    if (link && current >= 0) location.assign(link.href);
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
  for (const button of form.querySelectorAll("button")) {
    if (button.value === "undecided") button.hidden = pick.decision === "undecided";
    else button.setAttribute("aria-pressed", String(button.value === pick.decision));
  }
  for (const name of ["decided", "accepted"]) {
    const place = document.getElementById(name);
    if (place) place.textContent = pick[name];
  }
  const share = document.getElementById("share");
  if (share) share.value = pick.decided;
}

// Changes of one example are sent one after the other, so that each knows the version before it.
async function change(example, values) {
  const turn = (example.turn ?? Promise.resolve()).then(() => send(example, values));
  example.turn = turn.catch(() => {});
  return turn;
}

async function send(example, values) {
  const form = example.querySelector("form.picking");
  const said = form.querySelector(".said");
  const body = new URLSearchParams(values);
  for (const name of ["run", "id", "version"]) body.set(name, form.elements[name].value);
  let answer;
  try {
    answer = await fetch("/picks", { method: "POST", body, headers: { Accept: "application/json" } });
  } catch {
    said.textContent = "Not saved: the server does not respond.";
    return false;
  }
  if (answer.status !== 200 && answer.status !== 409) {
    said.textContent = `Not saved (error ${answer.status}).`;
    return false;
  }
  const pick = await answer.json();
  show(example, pick);
  if (answer.status === 409) {
    form.elements.note.value = pick.note;
    said.textContent = "Changed in another tab, so not saved: you see the current state.";
    return false;
  }
  said.textContent = "Saved.";
  return true;
}

function decided() {
  try {
    return JSON.parse(sessionStorage.getItem(undone)) ?? [];
  } catch {
    return [];
  }
}

async function decide(example, decision) {
  const form = example?.querySelector("form.picking");
  if (!form || example.dataset.decision === decision) return;
  const before = { run: form.elements.run.value, id: form.elements.id.value, decision: example.dataset.decision };
  if (await change(example, { decision })) {
    sessionStorage.setItem(undone, JSON.stringify([...decided(), before].slice(-100)));
  }
}

async function undo() {
  const steps = decided();
  const last = steps.pop();
  if (!last) return;
  const index = examples.findIndex((example) => {
    const fields = example.querySelector("form.picking")?.elements;
    return fields && fields.run.value === last.run && fields.id.value === last.id;
  });
  if (index < 0) return;
  select(index);
  if (await change(examples[index], { decision: last.decision })) {
    sessionStorage.setItem(undone, JSON.stringify(steps));
  }
}

for (const example of document.querySelectorAll(".example")) {
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
  form.elements.note.addEventListener("change", () => change(example, { note: form.elements.note.value }));
  form.elements.note.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === "Escape") {
      event.preventDefault();
      example.focus();
    }
  });
}

const help = document.getElementById("help");
document.getElementById("help-button")?.addEventListener("click", () => help.showModal());

const keys = {
  j: () => select(current + 1),
  k: () => select(current - 1),
  a: () => decide(examples[current], "accepted"),
  x: () => decide(examples[current], "rejected"),
  u: undo,
  n: () => examples[current]?.querySelector("input[name=note]")?.focus(),
  "?": () => help?.showModal(),
  Enter: () => location.assign(examples[current].querySelector("a").href),
};

document.addEventListener("keydown", (event) => {
  const inside = event.target.closest("input, select, textarea, dialog");
  if (inside || event.ctrlKey || event.metaKey || event.altKey || !examples.length) return;
  if (event.key === "Enter" && event.target !== examples[current]) return;
  const action = keys[event.key];
  if (!action) return;
  event.preventDefault();
  action();
});

const live = document.getElementById("live");
async function follow() {
  try {
    const answer = await fetch(live.dataset.address);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const part = page.querySelector(".live");
    if (part) live.replaceChildren(document.adoptNode(part));
  } catch {
    // The server is busy or gone; ask again.
  }
  if (live.querySelector("[data-over=no]")) setTimeout(follow, 500);
}
if (live?.querySelector("[data-over=no]")) setTimeout(follow, 300);
