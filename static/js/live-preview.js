// <live-preview url field>: shows the text of its textarea as the server renders and cleans it. Tab is left alone.
import { giveWay, post } from "./net.js";

const PAUSE = 500; // ms after the last key

class LivePreview extends HTMLElement {
  connectedCallback() {
    const field = this.getAttribute("field");
    this.box = this.querySelector(`textarea[name="${field}"]`) ?? this.querySelector("textarea");
    this.shown = this.querySelector("[data-preview]");
    this.says = this.querySelector("[data-says]");
    if (!this.box || !this.shown || this.ready) return;
    this.ready = true;
    this.querySelectorAll("[data-plain]").forEach(giveWay);
    this.box.addEventListener("input", () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.show(this.box.value), PAUSE);
    });
    this.shown.addEventListener("click", (event) => this.lineOf(event));
    const stale = this.box.value !== this.box.defaultValue; // written before this script was there
    if (stale || (this.box.value.trim() && !this.shown.childElementCount)) this.show(this.box.value);
  }

  // The line of the text that a fault names is marked, where one can type.
  lineOf(event) {
    const number = Number(event.target.closest?.("[data-line]")?.dataset.line);
    if (!number) return;
    event.preventDefault();
    const lines = this.box.value.split("\n");
    const start = lines.slice(0, number - 1).join("\n").length + (number > 1 ? 1 : 0);
    this.box.focus();
    this.box.setSelectionRange(start, start + (lines[number - 1] ?? "").length);
    this.box.scrollTop = (this.box.scrollHeight * (number - 3)) / lines.length;
  }

  disconnectedCallback() {
    clearTimeout(this.timer);
    this.asked?.abort();
  }

  async show(text) {
    this.asked?.abort();
    if (!text.trim()) return this.shown.replaceChildren();
    this.asked = new AbortController();
    const field = this.getAttribute("field") ?? "text";
    let sentence = "";
    try {
      const answer = await post(this.getAttribute("url"), { [field]: text }, { signal: this.asked.signal });
      const body = await answer.text();
      // Rendered and cleaned by the server, and the page runs no inline code.
      if (answer.ok) this.shown.innerHTML = body;
      if (answer.ok) window.htmx?.process(this.shown);
      else if (answer.headers.get("Content-Type")?.startsWith("text/plain")) sentence = body;
    } catch {
      return; // The next key asks again; the text itself is not touched.
    }
    if (this.says && this.says.textContent !== sentence) this.says.textContent = sentence;
  }
}
customElements.define("live-preview", LivePreview);
