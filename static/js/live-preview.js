// <live-preview url field>: shows the text of its textarea as the server renders and cleans it. Tab is left alone.
import { post } from "./net.js";

const PAUSE = 500; // ms after the last key

class LivePreview extends HTMLElement {
  connectedCallback() {
    this.box = this.querySelector("textarea");
    this.shown = this.querySelector("[data-preview]");
    this.says = this.querySelector("[data-says]");
    if (!this.box || !this.shown || this.ready) return;
    this.ready = true;
    this.querySelector("[data-plain]")?.remove();
    this.box.addEventListener("input", () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.show(this.box.value), PAUSE);
    });
    if (this.box.value.trim() && !this.shown.childElementCount) this.show(this.box.value);
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
      if (answer.ok) this.shown.innerHTML = body; // rendered and cleaned by the server, and the page runs no inline code
      else if (answer.headers.get("Content-Type")?.startsWith("text/plain")) sentence = body;
    } catch {
      return; // The next key asks again; the text itself is not touched.
    }
    if (this.says && this.says.textContent !== sentence) this.says.textContent = sentence;
  }
}
customElements.define("live-preview", LivePreview);
