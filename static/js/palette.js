// A block that an author can fill goes into the text where the cursor is, with an id that is not there yet.
import { putIn } from "./put-in.js";

for (const button of document.querySelectorAll("[data-blank]")) button.hidden = false;
document.addEventListener("click", ({ target }) => {
  const button = target.closest?.("[data-blank]");
  const box = button && document.getElementById(button.dataset.blank);
  if (!box) return;
  const blank = button.parentElement.querySelector("pre").textContent.trim();
  const id = blank.match(/^id: (.+)$/m)[1];
  let free = id;
  for (let n = 2; new RegExp(`^id: ${free}$`, "m").test(box.value); n++) free = `${id}-${n}`;
  putIn(box, blank.replace(`id: ${id}`, `id: ${free}`));
});
