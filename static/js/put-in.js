// Puts a block into a text where the cursor is, by itself, and marks it.
export const putIn = (box, text) => {
  const before = box.value.slice(0, box.selectionStart).trimEnd();
  const after = box.value.slice(box.selectionEnd).trimStart();
  const start = before.length + (before ? 2 : 0);
  box.value = `${before}${before && "\n\n"}${text}\n${after && "\n"}${after}`;
  box.focus();
  box.setSelectionRange(start, start + text.length);
  const line = (value) => value.split("\n").length;
  box.scrollTop = (box.scrollHeight * (line(box.value.slice(0, start)) - 3)) / line(box.value);
  box.dispatchEvent(new Event("input", { bubbles: true }));
};
