// A picture pasted or dropped into the text is chosen in the panel beside it, which asks what it shows; its line then
// goes into the text where the cursor is. Without this the panel is part of the form, and the line comes below the text.
import { post } from "./net.js";
import { putIn } from "./put-in.js";

for (const panel of document.querySelectorAll("[data-picture]")) {
  const button = panel.querySelector("button");
  const form = button.form;
  const { body, picture, words, caption } = form.elements;
  const says = panel.querySelector("[role=status]");

  const take = (event, files) => {
    const found = [...files].find((file) => file.type.startsWith("image/"));
    if (!found) return;
    event.preventDefault();
    const held = new DataTransfer();
    held.items.add(found);
    picture.files = held.files;
    panel.open = true;
    says.textContent = "Say what the picture shows, then put it in.";
    words.focus();
  };
  body.addEventListener("paste", (event) => {
    // A word processor sends a picture of its text beside the text.
    if (!event.clipboardData.types.includes("text/plain")) take(event, event.clipboardData.files);
  });
  body.addEventListener("dragover", (event) => event.dataTransfer.types.includes("Files") && event.preventDefault());
  body.addEventListener("drop", (event) => take(event, event.dataTransfer.files));

  const put = async () => {
    if (panel.dataset.busy) return;
    panel.dataset.busy = "yes";
    says.textContent = "The picture is on its way.";
    try {
      const answer = await post(button.formAction, {}, { body: new FormData(form) });
      const is = (type) => answer.headers.get("Content-Type")?.startsWith(type);
      const said = is("application/json") ? await answer.json() : { reason: is("text/plain") ? await answer.text() : "" };
      if (answer.ok && said.line) {
        putIn(body, said.line);
        picture.value = words.value = caption.value = "";
        says.textContent = "The picture is in the text.";
      } else says.textContent = said.reason || "The picture was not taken. Your text is still here.";
    } catch {
      says.textContent = "The server did not answer. Your text is still here.";
    }
    delete panel.dataset.busy;
  };
  button.addEventListener("click", (event) => {
    event.preventDefault();
    put();
  });
  panel.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.target.matches("input[type=text]")) return;
    event.preventDefault(); // it would save the lesson and forget the picture
    put();
  });
}
