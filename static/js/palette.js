// A block that an author can fill goes into the text where the cursor is, by itself, with an id that is not there yet.
for (const button of document.querySelectorAll("[data-blank]")) button.hidden = false;
document.addEventListener("click", ({ target }) => {
  const button = target.closest?.("[data-blank]");
  const box = button && document.getElementById(button.dataset.blank);
  if (!box) return;
  const blank = button.parentElement.querySelector("pre").textContent.trim();
  const id = blank.match(/^id: (.+)$/m)[1];
  let free = id;
  for (let n = 2; new RegExp(`^id: ${free}$`, "m").test(box.value); n++) free = `${id}-${n}`;
  const before = box.value.slice(0, box.selectionStart).trimEnd();
  const after = box.value.slice(box.selectionEnd).trimStart();
  const text = blank.replace(`id: ${id}`, `id: ${free}`);
  box.value = `${before}${before && "\n\n"}${text}\n${after && "\n"}${after}`;
  box.focus();
  box.setSelectionRange(before.length + (before ? 2 : 0), before.length + (before ? 2 : 0) + text.length);
  box.dispatchEvent(new Event("input", { bubbles: true }));
});
