// The comment bank at a desk: copied into the text, searched, and the n-th comment that fits the decision and the search
// has the key n. Without this file each button puts its comment in by way of the server.
const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
const number = () => {
  for (const bank of document.querySelectorAll("[data-bank]")) {
    const chosen = document.querySelector("#decision [name=outcome]:checked")?.value ?? "";
    const search = bank.querySelector("[data-bank-search]");
    const words = plain(search?.value ?? "").split(/\s+/);
    let n = 0;
    if (search) search.hidden = false;
    for (const row of bank.querySelectorAll("li")) {
      const text = plain(row.textContent);
      const fits = !chosen || !row.dataset.outcome || row.dataset.outcome === chosen;
      row.hidden = !fits || !words.every((word) => text.includes(word));
      const button = row.querySelector("[data-insert]");
      button.querySelector("kbd")?.remove();
      delete button.dataset.key;
      if (row.hidden || ++n > 9) continue;
      button.dataset.key = n;
      const hint = document.createElement("kbd");
      hint.textContent = n;
      button.append(hint);
    }
  }
};
number();
document.addEventListener("change", ({ target }) => target.closest("#decision") && number());
document.addEventListener("input", ({ target }) => target.matches("[data-bank-search]") && number());

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-insert]");
  const box = button && document.getElementById(button.dataset.insert);
  if (!box) return;
  event.preventDefault();
  const text = button.parentElement.querySelector("[data-text]").textContent.trim();
  box.value = box.value ? `${box.value.trimEnd()}\n\n${text}` : text;
  box.dispatchEvent(new Event("input", { bubbles: true }));
  const used = document.getElementById(button.dataset.used);
  if (used) used.value = `${used.value} ${button.value}`.trim();
  else box.focus();
});
document.addEventListener("htmx:load", number);
