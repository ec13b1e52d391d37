// <auto-save url about revision>: keeps the text of its textarea with the server while one writes.
// What the server has not confirmed lies in this browser and is sent again. See docs/components.md.
import { make, post } from "./net.js";

const PAUSE = 1500; // ms after the last key
const LONGEST = 8000; // ms while somebody types without a pause
const person = document.querySelector(".menu > summary")?.textContent.trim() ?? "";
const clock = (at = new Date()) => at.toTimeString().slice(0, 5);

class AutoSave extends HTMLElement {
  connectedCallback() {
    this.box = this.querySelector("textarea");
    this.says = this.querySelector("[data-saved]");
    if (!this.box || this.key) return;
    this.key = `kept ${person} ${this.getAttribute("about")}`;
    this.revision = this.getAttribute("revision") ?? "0";
    this.had = this.box.value; // what the server is known to have
    this.wait = 5000;
    this.leaving = new AbortController();
    const signal = this.leaving.signal;
    this.box.addEventListener("input", () => this.typed(), { signal });
    this.closest("form")?.addEventListener("submit", () => this.submitted(), { signal });
    addEventListener("online", () => this.save(), { signal });
    document.addEventListener("visibilitychange", () => this.save(document.hidden), { signal });
    this.resume();
  }

  disconnectedCallback() {
    this.leaving?.abort();
    clearTimeout(this.timer);
  }

  // Text that never reached the server: back into the box if nothing moved, else shown beside.
  resume() {
    const kept = this.read();
    if (!kept || kept.text === this.box.value) return this.forget();
    if (kept.revision === this.revision && !kept.submitted) {
      this.box.value = kept.text;
      this.save();
    } else {
      this.beside(kept.text, `Kept on this device since ${kept.at}, not with the server`, kept.text);
    }
  }

  typed() {
    this.since ??= clock();
    this.first ??= Date.now();
    this.keep();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), Math.min(PAUSE, Math.max(0, this.first + LONGEST - Date.now())));
  }

  async save(keepalive = false) {
    clearTimeout(this.timer);
    const text = this.box.value;
    if (this.busy || this.stuck || this.sent || text === this.had) return;
    this.busy = true;
    this.first = undefined;
    try {
      const fields = { text, revision: this.revision, about: this.getAttribute("about") ?? "" };
      // Browsers send at most 64 KB on the way out; the rest waits in the browser.
      const answer = await post(this.getAttribute("url"), fields, { keepalive: keepalive && text.length < 20000 });
      await this.take(answer, text);
    } catch {
      this.failed();
    }
    this.busy = false;
    if (this.box.value !== text && !this.timer) this.typed();
  }

  async take(answer, text) {
    this.timer = undefined;
    if (answer.status === 401 || answer.type === "opaqueredirect") return this.signedOut(answer);
    if (answer.status === 409) return this.conflict(await answer.json());
    if (answer.status === 403 || answer.status === 422) return this.refused(await answer.json().catch(() => ({})));
    if (!answer.ok) return this.failed();
    const { saved_at: at, revision } = await answer.json();
    this.had = text;
    this.wait = 5000;
    this.move(revision);
    if (this.box.value === text) {
      this.forget();
      this.since = undefined;
    } else this.keep();
    this.say(`Saved ${at}`);
    this.last = at;
  }

  // The form around it carries the revision too, in a hidden field of that name.
  move(revision) {
    this.revision = String(revision);
    const field = this.closest("form")?.querySelector(`[name="${this.getAttribute("field") ?? "revision"}"]`);
    if (field) field.value = this.revision;
  }

  failed() {
    const since = this.last ?? this.since ?? clock();
    this.say(`Not saved since ${since}. Your text is kept on this device and sent again when you are back.`, "stop");
    this.timer = setTimeout(() => this.save(), this.wait);
    this.wait = Math.min(this.wait * 2, 60000);
  }

  signedOut(answer) {
    const link = make("a", { href: answer.headers.get("X-Sign-In") ?? "/", target: "_blank" }, "Sign in in a new window");
    this.say("You have been signed out. Your text is kept on this device. ", "stop", link);
    this.timer = setTimeout(() => this.save(), 30000);
  }

  refused({ reason }) {
    this.say(`Not saved. ${reason ?? "This is not open to you."} Your text is kept on this device.`, "stop");
    this.had = this.box.value; // not again until something changes
  }

  conflict({ text, revision, by }) {
    this.stuck = true;
    this.say("Not saved: there is a newer text. Choose below.", "stop");
    this.beside(text, by ? `Newer, from ${by}` : "Newer, from another window", text, revision);
  }

  // The other text, readable and to be taken, under one's own; nothing is overwritten by itself.
  beside(text, title, other, revision) {
    this.panel?.remove();
    const id = `beside-${Math.random().toString(36).slice(2)}`;
    const shown = make("textarea", { class: "control", id, readonly: "", rows: "6" });
    shown.value = text;
    const take = make("button", { type: "button", class: "btn btn--small" }, "Use this text");
    const mine = make("button", { type: "button", class: "btn btn--small" }, "Keep what stands above");
    const done = (value) => {
      if (revision !== undefined) this.move(revision);
      this.stuck = false;
      this.panel.remove();
      if (value !== undefined) this.box.value = value;
      this.forget();
      this.had = undefined;
      this.box.focus();
      this.typed();
    };
    take.addEventListener("click", () => done(other));
    mine.addEventListener("click", () => done());
    const field = make("div", { class: "field" }, make("label", { for: id }, title), shown);
    this.panel = make("div", { class: "stack below" }, field, make("p", { class: "row" }, take, mine));
    this.append(this.panel);
  }

  submitted() {
    this.sent = true;
    clearTimeout(this.timer);
    if (this.read()) this.keep(true);
    setTimeout(() => (this.sent = false), 10000);
  }

  say(text, tone, ...more) {
    if (!this.says) return;
    if (tone) this.says.dataset.tone = tone;
    else delete this.says.dataset.tone;
    this.says.replaceChildren(text, ...more);
  }

  // A browser that stores nothing (private windows) still saves with the server.
  keep(submitted = false) {
    const kept = { text: this.box.value, revision: this.revision, at: this.since ?? clock(), submitted };
    try { localStorage.setItem(this.key, JSON.stringify(kept)); } catch { /* see above */ }
  }

  read() {
    try { return JSON.parse(localStorage.getItem(this.key)); } catch { return null; }
  }

  forget() {
    try { localStorage.removeItem(this.key); } catch { /* see above */ }
  }
}
customElements.define("auto-save", AutoSave);
