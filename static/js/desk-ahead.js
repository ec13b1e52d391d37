// The desk's next evidence is fetched while this one is read, and put in place when its desk comes (which the server
// notes as shown). What a session that ended or a form that met another leaves behind is mended here too.
import { token } from "./net.js";

const desk = () => document.getElementById("desk");
const place = (address) => new URL(address, location.href).pathname.match(/^\/(?:marking|quality\/items)\/([^/]+\/[^/]+)\/$/)?.[1];
let held = { place: "", evidence: null };
let asked = null;

const fetchAhead = async () => {
  const address = desk()?.dataset.ahead;
  if (!address || place(address) === held.place) return;
  asked?.abort();
  asked = new AbortController();
  const headers = { "HX-Request": "true", "X-Ahead": "yes" };
  try {
    // Past the browser's cache: given up in the middle, its entry there would make the desk's own request be sent twice.
    const answer = await fetch(address, { headers, signal: asked.signal, cache: "no-store" });
    if (!answer.ok) return;
    const box = document.createElement("template");
    box.innerHTML = await answer.text(); // inert: nothing in it runs, and no picture of it is asked for yet
    const evidence = box.content.querySelector("#evidence");
    if (!evidence) return;
    held = { place: place(address), evidence };
    for (const image of [...evidence.querySelectorAll("img[src]")].slice(0, 2)) {
      fetch(image.getAttribute("src"), { headers: { "X-Ahead": "yes" }, signal: asked.signal }).catch(() => {});
    }
  } catch {
    // The desk fetches it itself then.
  }
};

const soon = () => (window.requestIdleCallback ?? setTimeout)(fetchAhead);
if (document.readyState === "complete") soon();
else addEventListener("load", soon, { once: true });

document.addEventListener("htmx:configRequest", ({ detail }) => {
  if (detail.verb !== "get") return;
  asked?.abort();
  if (!held.evidence || place(detail.path) !== held.place) return;
  const { token } = held.evidence.dataset;
  detail.headers["X-Evidence-Held"] = token ? `${held.place}/${token}` : held.place;
});
document.addEventListener("htmx:afterSwap", () => {
  const empty = document.querySelector("#evidence[data-held]");
  if (!empty) return;
  if (desk()?.dataset.desk === held.place) empty.replaceWith(document.importNode(held.evidence, true));
  else location.reload();
  held = { place: "", evidence: null };
});
document.addEventListener("htmx:afterSettle", soon);

// What is being written is sent before another desk takes the place of this one.
// While a decision or a review is on its way its texts are neither saved nor previewed besides; once it is on record, what
// this browser kept of them is used. When it did not get there they are saved as before.
const isForm = ({ detail }) => detail.elt.matches('form[hx-target="#desk"]');
document.addEventListener("htmx:beforeRequest", (event) => {
  if (isForm(event)) {
    for (const box of event.detail.elt.querySelectorAll("auto-save, live-preview")) {
      clearTimeout(box.timer);
      box.sent = true;
    }
  } else if (event.detail.target.id === "desk") {
    for (const box of event.detail.target.querySelectorAll("auto-save")) box.save?.();
  }
});
document.addEventListener("htmx:afterRequest", (event) => {
  if (!isForm(event)) return;
  const taken = Math.floor(event.detail.xhr.status / 100) === 2; // htmx calls what leads on to another desk no success
  for (const box of event.detail.elt.querySelectorAll("auto-save")) {
    if (taken) box.used?.();
    else if (box.isConnected) {
      box.sent = false;
      box.querySelector("textarea").dispatchEvent(new Event("input", { bubbles: true }));
    }
  }
});

// Whoever signed in again in another window has another token.
document.addEventListener("htmx:configRequest", ({ detail }) => {
  if (detail.parameters.csrfmiddlewaretoken) detail.parameters.csrfmiddlewaretoken = token();
});
