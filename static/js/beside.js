// Another text beside one's own, readable and to be taken or left; nothing is overwritten by itself.
import { make } from "./net.js";

export const beside = (title, text, choose) => {
  const id = `beside-${crypto.getRandomValues(new Uint32Array(1))[0]}`;
  const shown = make("textarea", { class: "control", id, readonly: "", rows: "6" });
  shown.value = text;
  const take = make("button", { type: "button", class: "btn btn--small" }, "Use this text");
  const leave = make("button", { type: "button", class: "btn btn--small" }, "Keep what stands above");
  const field = make("div", { class: "field" }, make("label", { for: id }, title), shown);
  const panel = make("div", { class: "stack below" }, field, make("p", { class: "row" }, take, leave));
  const done = (taken) => {
    panel.remove();
    choose(taken);
  };
  take.addEventListener("click", () => done(true));
  leave.addEventListener("click", () => done(false));
  return panel;
};
