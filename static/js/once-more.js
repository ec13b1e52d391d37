// A form that came after the session ended. Signing in in another window makes the token of this page too old; when the
// person presses, the form takes the one that the browser holds by then. Nothing is sent without that press.
import { token } from "./net.js";

document.querySelector("form[data-again]")?.addEventListener("submit", ({ currentTarget }) => {
  currentTarget.querySelector("[name=csrfmiddlewaretoken]").value = token();
});
