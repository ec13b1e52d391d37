// Files dropped or chosen on the page of adding evidence go at once, three at a time, each with a row of its own. What
// a row says once its file has arrived comes from the server, as it would without this.
import { ask, fingerprint, Sending } from "./tus.js";
import { giveWay, make } from "./net.js";
import { forget, keep, read } from "./kept.js";

const AT_ONCE = 3;
const form = document.querySelector("form[data-uploads]");
const list = document.querySelector("[data-rows]");
const pattern = document.querySelector("template[data-row]").content.firstElementChild;
const place = form.dataset.uploads;
const sendings = new Map(); // row: its Sending
let clicked = -Infinity; // when a button of a row was last pressed

const size = (bytes) => {
  const units = ["KB", "MB", "GB"];
  let [amount, unit] = [Math.max(bytes / 1000, bytes && 1), 0];
  while (Math.round(amount) >= 1000 && unit < 2) [amount, unit] = [amount / 1000, unit + 1];
  return `${unit && amount < 100 ? Number(amount.toFixed(1)) : Math.round(amount)} ${units[unit]}`;
};
const left = (seconds) => (seconds < 90 ? `${Math.ceil(seconds)} seconds` : seconds < 5400 ? `${Math.round(seconds / 60)} minutes` : `${Math.round(seconds / 3600)} hours`);
const button = (words, name, act) => {
  const made = make("button", { class: "btn btn--small", type: "button" }, words, make("span", { class: "vh" }, ` ${name}`));
  made.addEventListener("click", () => ((clicked = performance.now()), act()));
  return made;
};

// -- Rows ------------------------------------------------------------------------------------------------------------
const WORDS = { new: "Waits for its turn", queued: "Waits for its turn", paused: "Paused", "signed-out": "You have been signed out; what has arrived is kept" };
const meta = (sending, at) => {
  if (sending.state === "waiting") return `${size(sending.offset)} of ${size(sending.file.size)} have arrived. The line is broken; it is tried again.`;
  if (sending.state !== "sending") return `${size(sending.file.size)}. ${WORDS[sending.state] ?? "Arrived"}.`;
  const pace = (at - sending.from) / ((performance.now() - sending.since) / 1000);
  const more = pace > 0 && at - sending.from > 1e6 ? ` ${left((sending.file.size - at) / pace)} left.` : "";
  return `${size(at)} of ${size(sending.file.size)} sent.${more}`;
};
const acts = (sending, row) => {
  const { name } = sending.file;
  if (sending.state === "refused") return [button("Clear away", name, () => (row.remove(), summary()))];
  const found = [];
  if (sending.state === "paused") found.push(button("Go on", name, () => queue(sending)));
  else if (sending.state === "waiting") found.push(button("Try now", name, () => sending.hurry()));
  else if (sending.state === "signed-out") found.push(make("a", { class: "btn btn--small", href: sending.says }, "Sign in"));
  if (sending.state === "sending" || sending.state === "queued") found.push(button("Pause", name, () => sending.pause()));
  return [...found, button("Remove", name, () => cancel(sending, row))];
};
const draw = (row, sending, at = sending.offset) => {
  const bar = row.querySelector("progress");
  if (bar) bar.value = sending.file.size ? (100 * at) / sending.file.size : 0;
  row.querySelector(".upload__meta").lastElementChild.textContent = sending.state === "refused" ? `${size(sending.file.size)}. Not taken.` : meta(sending, at);
  if (row.dataset.state === sending.state) return;
  row.dataset.state = sending.state;
  const focused = row.contains(document.activeElement);
  row.querySelector(".upload__acts").replaceChildren(...acts(sending, row));
  if (focused) row.querySelector(".upload__acts .btn")?.focus();
  row.querySelector(".upload__say")?.remove();
  if (sending.state === "refused" || (sending.state === "waiting" && sending.says)) {
    row.dataset.tone = "stop";
    const say = pattern.querySelector(".upload__say").cloneNode(true);
    say.append(sending.says);
    row.append(say);
  } else delete row.dataset.tone;
  if (sending.state === "refused") [bar, row.querySelector("form")].forEach((part) => part?.remove());
};
const changed = (row) => (sending, at) => {
  draw(row, sending, at);
  if (at !== undefined) return;
  if (sending.state === "sent") settle(sending, row);
  if (sending.state === "refused") forget(sending.kept);
  summary();
  next();
};
// Arrived: the server's own row takes its place, and is looked at again while the file is being checked.
const settle = async (sending, row) => {
  forget(sending.kept);
  const shown = await renew(row, sending.url);
  if (shown) sendings.delete(row);
  summary();
  if (![...sendings.values()].some(busy)) all();
};
const renew = async (row, url) => {
  const { status, text } = await ask("GET", url);
  if (status === 404) row.remove();
  if (status !== 200) return status === 404;
  const made = make("template");
  made.innerHTML = text;
  const shown = made.content.querySelector("li");
  if (row.contains(document.activeElement)) shown.tabIndex = -1;
  row.replaceWith(shown);
  if (shown.tabIndex === -1 && shown.hasAttribute("tabindex")) shown.focus();
  watch(shown);
  return true;
};
const watch = (row) => {
  if (!row.dataset.again) return;
  setTimeout(async () => {
    if (!row.isConnected) return;
    if (!(await renew(row, row.dataset.url))) return watch(row);
    summary();
    if (![...sendings.values()].some(busy)) all();
  }, row.dataset.again * 1000);
};
const cancel = async (sending, row) => {
  sending.pause();
  sending.state = "gone";
  if (sending.url) await ask("DELETE", sending.url);
  forget(sending.kept);
  sendings.delete(row);
  const near = (row.nextElementSibling ?? row.previousElementSibling)?.querySelector("button, a") ?? form.querySelector("input[type=file]");
  row.remove();
  near.focus();
  summary();
  next();
};
// One click to map everything: the same list as the page gives, once nothing is under way.
const all = async () => {
  const answer = await ask("GET", place + location.search);
  if (answer.status !== 200 || [...sendings.values()].some(busy)) return;
  const made = make("template");
  made.innerHTML = answer.text;
  document.getElementById("map-all")?.remove();
  const link = made.content.querySelector("#map-all");
  if (link) list.append(link);
};

// -- The queue -------------------------------------------------------------------------------------------------------
const busy = ({ state }) => ["new", "queued", "sending", "waiting"].includes(state);
const next = () => {
  const under = [...sendings.values()].filter(({ state }) => state === "sending" || state === "waiting").length;
  const turn = [...sendings.values()].filter(({ state }) => state === "queued").slice(0, Math.max(0, AT_ONCE - under));
  for (const sending of turn) {
    Object.assign(sending, { since: performance.now(), from: sending.offset });
    sending.run();
  }
};
const queue = (sending) => (sending.become("queued"), next());
const summary = () => {
  const counts = { new: 0, queued: 0, sending: 0, waiting: 0, paused: 0 };
  for (const { state } of sendings.values()) if (state in counts) counts[state]++;
  const under = counts.new + counts.queued + counts.sending + counts.waiting;
  const saved = list.querySelectorAll(".upload[data-url]:not([data-tone], [data-state]) .upload__acts > a").length;
  const refused = list.querySelectorAll(".upload[data-tone=stop]").length;
  const parts = [under && `${under} on the way`, counts.paused && `${counts.paused} paused`, saved && `${saved} saved`, refused && `${refused} not taken`];
  document.querySelector("[data-summary]").textContent = parts.filter(Boolean).length ? `${parts.filter(Boolean).join(", ")}.` : "";
};

// How a file came about: as the form says when it is chosen, and after that as its row says.
const told = () => Object.fromEntries(["method", "witness", "witness_relation"].map((name) => [name, form.elements[name]?.value]));
const set = (row, method) => {
  const choice = row.querySelector("[name=method]");
  if (!choice || !method) return;
  if (![...choice.options].some(({ value }) => value === method)) choice.append(form.querySelector(`[name=method] > [value=${method}]`).cloneNode(true));
  choice.value = method;
  choice.setAttribute("aria-label", `How it came about: ${row.querySelector(".upload__name").textContent}`);
};
const tell = async (url, method) => {
  const { status, text } = await ask("POST", `${url}method/`, { body: new URLSearchParams({ key: url.split("/").at(-2), method }) });
  if (status === 204 || status === 404) return "";
  try {
    return JSON.parse(text).reason;
  } catch {
    return "How it came about could not be kept. Choose it again.";
  }
};

const add = async (file) => {
  const row = pattern.cloneNode(true);
  row.querySelector(".upload__say").remove();
  row.querySelector(".upload__name").textContent = file.name;
  row.querySelector("progress").setAttribute("aria-label", file.name);
  const sending = new Sending(file, place, { item: form.dataset.item, ...told() }, changed(row));
  set(row, sending.more.method);
  sendings.set(row, sending);
  list.prepend(row);
  list.closest("section").hidden = false;
  draw(row, sending);
  try {
    sending.kept = await fingerprint(file, place);
  } catch {
    return sending.become("refused", "This cannot be read: a folder, or a file that is not here any more. Choose files.");
  }
  sending.url = read(sending.kept) ?? "";
  if (sending.url && !(await sending.stand())) sending.url = "";
  const shown = sending.url && list.querySelector(`[data-url="${CSS.escape(sending.url)}"]`);
  if (shown) {
    set(row, shown.querySelector("[name=method]")?.value);
    shown.remove();
  }
  const announce = sending.announce.bind(sending);
  sending.announce = async () => {
    const { method } = sending.more;
    const answer = await announce();
    if (sending.url) keep(sending.kept, sending.url);
    if (sending.url && sending.more.method !== method) await tell(sending.url, sending.more.method);
    return answer;
  };
  if (sending.state === "new") queue(sending);
};
const take = async (files) => {
  for (const file of form.dataset.item ? [...files].slice(0, 1) : files) await add(file);
};

// -- The page --------------------------------------------------------------------------------------------------------
const input = form.querySelector("input[type=file]");
const drop = form.querySelector(".drop");
giveWay(form.querySelector("[data-plain]"));
const picked = () => {
  const files = [...input.files];
  input.value = "";
  take(files);
};
input.addEventListener("change", picked);
if (matchMedia("(pointer: coarse)").matches) {
  const camera = make("input", { type: "file", accept: "image/*", capture: "environment", id: "camera", hidden: "" });
  camera.addEventListener("change", () => take([...camera.files]));
  const open = make("button", { class: "btn", type: "button" }, "Take a photograph");
  open.addEventListener("click", () => camera.click());
  drop.append(make("p", { class: "row" }, open, camera));
} else drop.querySelector(".hint").append(" Or drop them here.");
for (const name of ["dragover", "drop"]) drop.addEventListener(name, (event) => event.preventDefault());
drop.addEventListener("drop", ({ dataTransfer }) => take([...dataTransfer.files]));
addEventListener("beforeunload", (event) => {
  if ([...sendings.values()].some(busy)) event.preventDefault();
});
list.addEventListener("change", async ({ target }) => {
  const row = target.closest("li");
  const sending = sendings.get(row);
  if (sending) sending.more.method = target.value;
  const url = sending?.url || row.dataset.url;
  const trouble = url && (await tell(url, target.value));
  for (const option of target.options) trouble ? (option.selected = option.defaultSelected) : (option.defaultSelected = option.selected);
  document.querySelector("[data-summary]").textContent = trouble || `${row.querySelector(".upload__name").textContent}: ${target.selectedOptions[0].textContent.trim()}.`;
});
// The second half of a double click would meet whatever has moved to this place: another button, another file.
list.addEventListener(
  "click",
  (event) => {
    if (!event.detail || performance.now() - clicked > 400) return;
    event.preventDefault();
    event.stopPropagation();
  },
  true,
);
// A row of the page is removed in place.
list.addEventListener("submit", async (event) => {
  if (!event.target.matches("[data-remove]")) return;
  event.preventDefault();
  const row = event.target.closest("li");
  clicked = performance.now();
  const answer = await ask("DELETE", row.dataset.url);
  if (answer.status !== 204 && answer.status !== 404) return event.target.submit();
  row.remove();
  clicked = performance.now();
  summary();
  input.focus();
});
summary();
list.querySelectorAll("[data-again]").forEach(watch);
if (input.files.length) picked(); // before this script was there
