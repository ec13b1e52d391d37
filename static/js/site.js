// On every page. Each part only makes quicker what the page does without it.
import { make, token } from "./net.js";

// A second click on a form that is under way changes nothing. The server would answer a repeat with the first answer.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || form.matches("[hx-post]")) return;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "yes";
  event.submitter?.setAttribute("aria-busy", "true");
  // A download leaves the page where it is; an upload may take long.
  const uploads = [...form.querySelectorAll("input[type=file]")].some((input) => input.files.length);
  if (!uploads) setTimeout(() => again(form), 10000);
});
const again = (form) => {
  delete form.dataset.sent;
  for (const button of form.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
};
addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(again));

// Menus close on Escape and on a click elsewhere.
const closeMenus = (but) => {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) if (menu !== but) menu.open = false;
};
document.addEventListener("click", ({ target }) => closeMenus(target.closest?.("details[data-menu]")));
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && event.target.closest?.("details[data-menu][open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

// "/" leads to the search box, unless somebody is typing, a desk uses the key itself, or keys are switched off.
document.addEventListener("keydown", (event) => {
  const box = document.querySelector("[data-find]");
  if (event.key !== "/" || !box || event.altKey || event.ctrlKey || event.metaKey) return;
  if (event.target.closest("input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]")) return;
  if (document.querySelector('dialog[open], [data-key="/"]') || document.documentElement.dataset.keys === "off") return;
  event.preventDefault();
  if (box.offsetParent) box.focus();
  else box.form.submit();
});

// A link to a page that asks opens the dialog that asks the same, if the page holds it.
document.addEventListener("click", (event) => {
  const opener = event.target.closest?.("[data-opens]");
  const dialog = opener && document.getElementById(opener.dataset.opens);
  if (!dialog?.showModal || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  dialog.showModal();
});

// htmx: the token, what to say when nothing came back, and where focus goes when its place was swapped away.
document.addEventListener("htmx:configRequest", ({ detail }) => (detail.headers["X-CSRFToken"] = token()));
const trouble = () => {
  const text = "Nothing was changed and your text is still here. Try again in a minute.";
  const notice = make("div", { class: "notice", "data-tone": "stop" }, make("h3", {}, "The server did not answer"), make("p", { class: "small" }, text));
  document.getElementById("notices")?.replaceChildren(notice);
};
document.addEventListener("htmx:sendError", trouble);
document.addEventListener("htmx:responseError", ({ detail }) => {
  if (detail.xhr.status >= 500 || detail.xhr.status === 404) trouble();
});
document.addEventListener("htmx:afterSettle", ({ detail }) => {
  if (document.activeElement !== document.body || detail.elt.id === "notices") return;
  const place = detail.elt.querySelector?.("[data-focus]") ?? detail.elt;
  place.tabIndex = -1;
  place.focus({ preventScroll: place !== detail.elt });
});

// What only some pages hold is fetched when it is there, at first or in a fragment.
const parts = {
  "auto-save": () => import("./auto-save.js"),
  "[data-blank]": () => import("./palette.js"),
  "[data-picture]": () => import("./picture.js"),
  "live-preview": () => import("./live-preview.js"),
  "[data-key]": () => import("./desk-keys.js"),
  "[data-insert]": () => import("./desk-comments.js"),
  "[data-ahead]": () => import("./desk-ahead.js"),
  "[data-matrix]": () => import("./matrix.js"),
  "[data-pins], [data-seek]": () => import("./viewer.js"),
  "form[data-uploads]": () => import("./uploader.js"),
  "form[data-passkey]": () => import("./passkey.js"),
};
const AGAIN = 10000; // ms until a part that did not come is asked for once more
let arrived = Promise.resolve(); // everything asked for so far, or not to be had
const dress = () => {
  const root = document.documentElement;
  const found = Object.entries(parts).filter(([selector]) => document.querySelector(selector));
  if (found.length) root.dataset.parts = "coming";
  const asked = found.map(([selector, fetchIt]) => {
    delete parts[selector];
    return fetchIt().catch(() => {
      parts[selector] = fetchIt;
      setTimeout(dress, AGAIN);
    });
  });
  const all = (arrived = Promise.all([arrived, ...asked]));
  all.then(() => {
    const missing = Object.keys(parts).some((selector) => document.querySelector(selector));
    if (all === arrived) root.dataset.parts = missing ? "missing" : "here";
  });
  return all;
};
dress();
addEventListener("online", dress);
document.addEventListener("htmx:load", dress);

// What was typed before that which keeps it is here goes with its form, is waited for, or asked about; never just swapped away.
const unkept = (place, form) =>
  [...place.querySelectorAll("auto-save:not(:defined) textarea")].some((box) => box.value !== box.defaultValue && !form?.contains(box));
document.addEventListener("htmx:confirm", async (event) => {
  const { elt, target, issueRequest } = event.detail;
  if (!unkept(target, elt)) return;
  event.preventDefault();
  elt.setAttribute("aria-busy", "true");
  await dress(); // once more, where it did not come
  elt.removeAttribute("aria-busy");
  if (!unkept(target, elt) || confirm("What you wrote here is not saved. Leave it?")) issueRequest();
});
addEventListener("beforeunload", (event) => unkept(document, document.querySelector("form[data-sent]")) && event.preventDefault());
