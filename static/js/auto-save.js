// <auto-save url about revision>: keeps the text of its textarea with the server while one writes.
// <auto-save work="revision">: the same for the form of an activity, with all its textareas.
// What the server has not confirmed lies in this browser and is sent again. See docs/components.md.
import { beside } from "./beside.js";
import { forget, keep, read } from "./kept.js";
import { make, post, renew } from "./net.js";
import { plain, work } from "./texts.js";

const PAUSE = 1500; // ms after the last key
const LONGEST = 8000; // ms while somebody types without a pause
const FLUSHED = 20000; // characters that a browser surely sends on the way out
const menu = document.querySelector(".menu > summary");
const who = menu?.dataset.who ?? "";
const person = `${menu?.textContent.trim() ?? ""} ${who}`.trim();
const clock = () => new Date().toTimeString().slice(0, 5);

class AutoSave extends HTMLElement {
  connectedCallback() {
    if (!this.querySelector("textarea") || this.key) return;
    this.texts = this.hasAttribute("work") ? work(this) : plain(this);
    this.says = this.texts.says();
    this.key = `kept ${person} ${this.texts.about}`;
    this.apart = `${this.key} beside`;
    this.revision = this.texts.revision ?? "0";
    this.had = this.hasAttribute("unsaved") ? undefined : this.texts.had(); // what the server is known to have
    this.wait = 5000;
    this.leaving = new AbortController();
    this.sent = Boolean(this.closest("form.htmx-request")); // with its form, before this script was there
    const signal = this.leaving.signal;
    this.addEventListener("input", ({ target }) => target.readOnly || this.typed(), { signal });
    this.closest("form")?.addEventListener("submit", (event) => this.submitted(event), { signal });
    addEventListener("online", () => this.save(), { signal });
    addEventListener("beforeunload", (event) => this.lost() && event.preventDefault(), { signal });
    document.addEventListener("visibilitychange", () => this.save(document.hidden), { signal });
    this.older();
    this.resume();
  }

  disconnectedCallback() {
    this.leaving?.abort();
    clearTimeout(this.timer);
  }

  // Whether leaving now could lose something: a save failed, or the text is too long to be sent on the way out.
  lost() {
    const text = this.texts.read();
    if (this.sent) return false;
    return Boolean(this.trouble) || (text !== this.had && (!navigator.onLine || text.length >= FLUSHED));
  }

  // It became what it was written for, and nothing of it is to come back.
  used() {
    [this.key, this.apart].forEach(forget);
  }

  // Text that never reached the server: back into the box if nothing moved since and nothing else stands there, else
  // shown beside. What is typed then is kept in its place, so it is kept apart until somebody has chosen.
  resume() {
    if (this.hasAttribute("used")) this.used();
    const kept = read(this.key);
    const here = this.texts.read(); // perhaps written before this script was there
    const goesOn = kept?.revision === this.revision && (kept.text === here || (here === this.had && !kept.submitted));
    if (!kept || kept.text === this.had) forget(this.key);
    else if (goesOn) this.texts.write(kept.text);
    else if (!kept.submitted) this.keepApart([...this.others(kept.text), kept]);
    this.offerKept(this.others().at(-1) ?? (goesOn ? null : kept));
    if (goesOn) this.save();
    else if (here !== this.had && !this.sent) this.typed();
  }

  // What is kept apart: all but what the server has, what stands in the box, and `text`.
  others(text) {
    return (read(this.apart) ?? []).filter((one) => ![this.had, this.texts.read(), text].includes(one.text));
  }

  keepApart(all) {
    if (all.length) keep(this.apart, all);
    else forget(this.apart);
  }

  offerKept(one) {
    if (!one || one.text === this.had) return;
    this.offer(`Kept on this device since ${one.at}, not with the server`, one.text);
  }

  store(submitted = false) {
    keep(this.key, { text: this.texts.read(), revision: this.revision, at: this.since ?? clock(), submitted });
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
    const text = this.texts.read();
    if (this.busy || this.stuck || this.sent || text === this.had) return;
    this.busy = true;
    this.first = undefined;
    try {
      const fields = [...this.texts.fields(text), ["revision", this.revision], ["who", who]];
      // Browsers send at most 64 KB on the way out; the rest waits in the browser.
      const answer = await post(this.texts.url, fields, { keepalive: keepalive && text.length < FLUSHED });
      await this.take(answer, text);
    } catch {
      this.failed();
    }
    this.busy = false;
    if (this.texts.read() !== text && this.had === text) this.typed();
  }

  async take(answer, text) {
    if (answer.status === 401 || answer.type === "opaqueredirect") return this.signedOut(answer);
    if ([403, 409, 422].includes(answer.status)) {
      const said = await answer.json();
      if (said.token && !this.renewed) return this.again(said.token);
      return "text" in said ? this.conflict(said) : this.refused(said, text);
    }
    if (!answer.ok) return this.failed();
    const { saved_at: at, revision, older, older_at: before } = await answer.json();
    this.had = text;
    this.wait = 5000;
    this.trouble = this.renewed = false;
    this.last = at;
    this.since = undefined;
    this.move(revision);
    if (this.texts.read() === text) forget(this.key);
    else this.store();
    this.say(`Saved ${at}`);
    if (older) this.older(older, `Older, from another window or device, ${before}`);
  }

  // Signed in again in another window: once more with the token of the new session.
  again(token) {
    renew(token);
    this.renewed = true;
    this.timer = setTimeout(() => this.save(), 100);
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
    this.trouble = true;
    this.say(`Not saved since ${since}. Your text is kept on this device and sent again when you are back.`, "stop");
    this.timer = setTimeout(() => this.save(), this.wait);
    this.wait = Math.min(this.wait * 2, 60000);
  }

  signedOut(answer) {
    const address = answer.headers.get("X-Sign-In") ?? "/";
    const link = make("a", { href: address, target: "_blank" }, "Sign in in a new window");
    this.trouble = true;
    this.say("You have been signed out. Your text is kept on this device. ", "stop", link);
    this.timer = setTimeout(() => this.save(), 30000);
  }

  refused({ reason }, text) {
    this.say(`Not saved. ${reason} Your text is kept on this device.`, "stop");
    this.had = text; // not again until something changes
    this.trouble = true;
  }

  conflict({ text, revision, by }) {
    this.stuck = this.trouble = true;
    this.say("Not saved: there is a newer text. Choose below.", "stop");
    this.offer(by ? `Newer, from ${by}` : "Newer, from another window", text, revision);
  }

  // What the server keeps beside the newer text: to be taken (then the two change places) or let go of.
  older(text, title) {
    const there = this.querySelector("[data-older]");
    text ??= there?.querySelector("textarea").value;
    if (!text) return;
    title ??= there.querySelector("summary").textContent;
    there?.remove();
    this.panel?.remove();
    this.panel = beside(title, text, async (taken) => {
      if (!taken) return post(this.texts.url, [...this.texts.fields(""), ["drop", "1"], ["who", who]]);
      await this.save();
      const mine = this.texts.read();
      this.texts.write(text);
      this.typed();
      this.older(mine, "What stood above before");
    });
    this.append(this.panel);
  }

  offer(title, text, revision) {
    this.panel?.remove();
    this.panel = beside(title, this.texts.readable(text), (taken) => {
      this.stuck = false;
      this.move(revision);
      if (taken) this.texts.write(text);
      if (revision === undefined) this.keepApart(this.others(text));
      this.had = undefined;
      this.querySelector("textarea").focus();
      this.typed();
      this.offerKept(this.others().at(-1));
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
