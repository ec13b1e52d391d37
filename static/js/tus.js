// One file on its way to the server in parts (tus 1.0). A part is tried again until it is through; where the file stands
// is asked of the server, so that a lost answer, another window or a closed tab change nothing.
import { token } from "./net.js";

const PART = 4 << 20;
const LONGEST_PAUSE = 30;
const SAID = { "Tus-Resumable": "1.0.0", "X-Requested-With": "XMLHttpRequest" };

// fetch tells nothing of how much has been sent, so this is what came before it.
export const ask = (method, url, { headers = {}, body = null, moved, signal } = {}) =>
  new Promise((answer) => {
    const request = new XMLHttpRequest();
    request.open(method, url);
    for (const [name, value] of Object.entries({ ...SAID, "X-CSRFToken": token(), ...headers })) request.setRequestHeader(name, value);
    if (moved) request.upload.onprogress = ({ loaded }) => moved(loaded);
    request.onloadend = () => answer({ status: request.status, text: request.responseText, header: (name) => request.getResponseHeader(name) });
    signal?.addEventListener("abort", () => request.abort(), { once: true });
    request.send(body);
  });

const base64 = (bytes) => btoa(String.fromCharCode(...bytes));
const told = (pairs) =>
  Object.entries(pairs)
    .filter(([, value]) => value)
    .map(([name, value]) => `${name} ${base64(new TextEncoder().encode(value))}`)
    .join(",");
// Only pages that came over https may reckon it; there the way is proved anyway, and this proves the rest.
const digest = async (bytes) => crypto.subtle && base64(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));

// The same file, picked again: its name, size, time and first bytes.
export const fingerprint = async (file, place) => {
  const head = new Uint8Array(await file.slice(0, 65536).arrayBuffer());
  let sum = 2166136261;
  for (const byte of head) sum = Math.imul(sum ^ byte, 16777619);
  return `upload ${place} ${file.name} ${file.size} ${file.lastModified} ${sum >>> 0}`;
};

// What becomes of a file: it ends "sent" or "refused", or rests "paused", "waiting" (for the line) or "signed-out".
export class Sending {
  constructor(file, place, more, changed) {
    Object.assign(this, { file, place, more, changed, url: "", offset: 0, state: "new", says: "", tries: 0 });
  }

  become(state, says = "") {
    Object.assign(this, { state, says });
    this.changed(this);
  }

  pause() {
    if (this.state !== "sending" && this.state !== "waiting" && this.state !== "queued") return;
    this.become("paused");
    this.stop?.abort();
  }

  async run() {
    this.become("sending");
    this.stop = new AbortController();
    const { signal } = this.stop;
    while (this.state === "sending") {
      const answer = await (this.url ? this.part(signal) : this.announce());
      if (this.state !== "sending") return;
      if (answer.status >= 200 && answer.status < 300) this.tries = 0;
      else if (!(await this.troubled(answer, signal))) return;
      if (this.state === "sending" && this.url && this.offset >= this.file.size) return this.become("sent");
    }
  }

  async announce() {
    const headers = { "Upload-Length": this.file.size, "Upload-Metadata": told({ filename: this.file.name, ...this.more }) };
    const answer = await ask("POST", this.place, { headers });
    if (answer.status === 201) this.url = answer.header("Location");
    return answer;
  }

  async part(signal) {
    const body = this.file.slice(this.offset, this.offset + PART);
    const headers = { "Upload-Offset": this.offset, "Content-Type": "application/offset+octet-stream" };
    let sum;
    try {
      sum = await digest(await body.arrayBuffer());
    } catch {
      return { status: 400, text: "This file cannot be read any more. Choose it again." };
    }
    if (sum) headers["Upload-Checksum"] = `sha256 ${sum}`;
    const from = this.offset;
    const moved = (sent) => this.changed(this, from + Math.min(sent, body.size));
    const answer = await ask("PATCH", this.url, { headers, body, moved, signal });
    if (answer.status === 204) {
      this.offset = Number(answer.header("Upload-Offset"));
      this.changed(this, this.offset);
    }
    return answer;
  }

  // Whether to go on after an answer that took nothing.
  async troubled({ status, text, header }, signal) {
    if (status === 401) return this.become("signed-out", header("X-Sign-In")), false;
    if (status === 409 && header("Upload-Offset")) return (this.offset = Number(header("Upload-Offset"))), true;
    if (status === 404 && this.url) return (this.url = ""), (this.offset = 0), this.tries++ < 3;
    // Another window has sent the rest of it.
    if (status === 410 && this.url && (await this.stand())) return true;
    const lasting = status >= 400 && status < 500 && ![408, 423, 429, 460].includes(status);
    if (lasting) return this.become("refused", text), false;
    this.become("waiting", status === 507 ? text : "");
    await this.rest(2 ** Math.min(this.tries++, 5), signal);
    if (this.state !== "waiting") return false;
    this.become("sending");
    if (this.url) await this.stand();
    return true;
  }

  rest(seconds, signal) {
    return new Promise((done) => {
      const timer = setTimeout(done, Math.min(seconds, LONGEST_PAUSE) * 1000);
      const now = () => (clearTimeout(timer), done());
      addEventListener("online", now, { once: true });
      signal.addEventListener("abort", now, { once: true });
      this.hurry = now;
    });
  }

  // Where the server says that it stands; whether it is still there.
  async stand() {
    const answer = await ask("HEAD", this.url);
    if (answer.status === 200) this.offset = Number(answer.header("Upload-Offset"));
    else if (answer.status === 404) [this.url, this.offset] = ["", 0];
    return answer.status === 200;
  }
}
