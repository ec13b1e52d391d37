// <live-preview url>: shows the text of its textarea as the server renders and sanitises it. Tab is left alone.
import { post } from "./net.js";

class LivePreview extends HTMLElement {
  connectedCallback() {
    const box = this.querySelector("textarea");
    this.shown = this.querySelector("[data-preview]");
    if (!box || !this.shown) return;
    box.addEventListener("input", () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.show(box.value), 600);
    });
    if (box.value && !this.shown.childElementCount) this.show(box.value);
  }

  async show(text) {
    this.asked?.abort();
    this.asked = new AbortController();
    const field = this.getAttribute("field") ?? "text";
    try {
      const answer = await post(this.getAttribute("url"), { [field]: text }, { signal: this.asked.signal });
      if (answer.ok) this.shown.innerHTML = await answer.text();
    } catch {
      // The next key asks again; the text itself is not touched.
    }
  }
}
customElements.define("live-preview", LivePreview);
