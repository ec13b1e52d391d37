// <auto-save url about revision>: keeps the text of its textarea with the server while one writes.
// What the server has not confirmed lies in this browser and is sent again. See docs/components.md.
import { beside } from "./beside.js";
import { forget, keep, read } from "./kept.js";
import { make, post } from "./net.js";

const PAUSE = 1500; // ms after the last key
const LONGEST = 8000; // ms while somebody types without a pause
const person = document.querySelector(".menu > summary")?.textContent.trim() ?? "";
const clock = () => new Date().toTimeString().slice(0, 5);

class AutoSave extends HTMLElement {
  connectedCallback() {
    this.box = this.querySelector("textarea");
    if (!this.box || this.key) return;
    this.says = this.querySelector("[data-saved]");
    this.key = `kept ${person} ${this.getAttribute("about")}`;
    this.revision = this.getAttribute("revision") ?? "0";
    this.had = this.box.defaultValue; // what the server is known to have
    this.wait = 5000;
    this.leaving = new AbortController();
    const signal = this.leaving.signal;
    this.box.addEventListener("input", () => this.typed(), { signal });
    this.closest("form")?.addEventListener("submit", (event) => this.submitted(event), { signal });
    addEventListener("online", () => this.save(), { signal });
    document.addEventListener("visibilitychange", () => this.save(document.hidden), { signal });
    this.resume();
  }

  disconnectedCallback() {
    this.leaving?.abort();
    clearTimeout(this.timer);
  }

  // Text that never reached the server: back into the box if nothing moved since, else shown beside.
  resume() {
    const kept = read(this.key);
    if (!kept || kept.text === this.had) {
      forget(this.key);
      if (this.box.value !== this.had) this.typed(); // written before this script was there
      return;
    }
    if (kept.revision === this.revision && !kept.submitted) {
      this.box.value = kept.text;
      this.save();
    } else {
      this.offer(`Kept on this device since ${kept.at}, not with the server`, kept.text);
    }
  }

  store(submitted = false) {
    keep(this.key, { text: this.box.value, revision: this.revision, at: this.since ?? clock(), submitted });
  }

  typed() {
    this.since ??= clock();
    this.first ??= Date.now();
    this.store();
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
    if (this.box.value !== text && this.had === text) this.typed();
  }

  async take(answer, text) {
    if (answer.status === 401 || answer.type === "opaqueredirect") return this.signedOut(answer);
    if ([403, 409, 422].includes(answer.status)) {
      const said = await answer.json();
      return "text" in said ? this.conflict(said) : this.refused(said, text);
    }
    if (!answer.ok) return this.failed();
    const { saved_at: at, revision } = await answer.json();
    this.had = text;
    this.wait = 5000;
    this.last = at;
    this.since = undefined;
    this.move(revision);
    if (this.box.value === text) forget(this.key);
    else this.store();
    this.say(`Saved ${at}`);
  }

  // The form around it carries the revision too, in a hidden field of that name.
  move(revision) {
    if (revision === undefined) return;
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
    const address = answer.headers.get("X-Sign-In") ?? "/";
    const link = make("a", { href: address, target: "_blank" }, "Sign in in a new window");
    this.say("You have been signed out. Your text is kept on this device. ", "stop", link);
    this.timer = setTimeout(() => this.save(), 30000);
  }

  refused({ reason }, text) {
    this.say(`Not saved. ${reason} Your text is kept on this device.`, "stop");
    this.had = text; // not again until something changes
  }

  conflict({ text, revision, by }) {
    this.stuck = true;
    this.say("Not saved: there is a newer text. Choose below.", "stop");
    this.offer(by ? `Newer, from ${by}` : "Newer, from another window", text, revision);
  }

  offer(title, text, revision) {
    this.panel?.remove();
    this.panel = beside(title, text, (taken) => {
      this.stuck = false;
      this.move(revision);
      if (taken) this.box.value = text;
      this.had = undefined;
      this.box.focus();
      this.typed();
    });
    this.append(this.panel);
  }

  // The text now goes with the form. If that is refused, its page shows it; if it never arrives, it is kept here.
  submitted(event) {
    if (event.defaultPrevented) return;
    this.sent = true;
    clearTimeout(this.timer);
    if (read(this.key)) this.store(true);
    setTimeout(() => (this.sent = false), 10000);
  }

  say(text, tone, ...more) {
    if (!this.says) return;
    if (tone) this.says.dataset.tone = tone;
    else delete this.says.dataset.tone;
    this.says.replaceChildren(text, ...more);
  }
}
customElements.define("auto-save", AutoSave);
