// What <auto-save> keeps: one textarea, or all those of an activity's form, which is sent as it is.
import { make } from "./net.js";

export const plain = (element) => {
  const box = element.querySelector("textarea");
  const about = element.getAttribute("about") ?? "";
  return {
    about,
    url: element.getAttribute("url"),
    revision: element.getAttribute("revision"),
    says: () => element.querySelector("[data-saved]"),
    had: () => box.defaultValue,
    read: () => box.value,
    write: (text) => (box.value = text),
    readable: (text) => text,
    fields: (text) => [["text", text], ["about", about]],
  };
};

export const work = (element) => {
  const form = element.closest("form");
  const boxes = [...element.querySelectorAll("textarea")];
  const all = (value) => JSON.stringify(boxes.map(value));
  return {
    about: form.action,
    url: form.action,
    revision: element.getAttribute("work"),
    says: () => {
      const said = form.querySelector(".saved") ?? form.querySelector(".row").appendChild(make("span", { class: "saved" }));
      said.setAttribute("role", "status");
      said.dataset.saved = "";
      return said;
    },
    had: () => all((box) => box.defaultValue),
    read: () => all((box) => box.value),
    write: (text) => JSON.parse(text).forEach((part, at) => boxes[at] && (boxes[at].value = part)),
    readable: (text) => JSON.parse(text).filter(Boolean).join("\n\n"),
    fields: () => [...new FormData(form)],
  };
};
