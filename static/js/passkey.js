// Passkeys: the server's question goes to the device, and its answer into the form. Without this, the form says what else to do.
import { post } from "./net.js";

const toBytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const toText = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

const question = ({ publicKey }) => {
  const known = (list) => list?.map((one) => ({ ...one, id: toBytes(one.id) }));
  const asked = { ...publicKey, challenge: toBytes(publicKey.challenge) };
  if (asked.user) asked.user = { ...asked.user, id: toBytes(asked.user.id) };
  asked.excludeCredentials = known(asked.excludeCredentials);
  asked.allowCredentials = known(asked.allowCredentials);
  return { publicKey: asked };
};

const answer = (credential) => {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = toText(credential.response[name]);
  }
  return JSON.stringify({
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    response,
    clientExtensionResults: credential.getClientExtensionResults(),
    authenticatorAttachment: credential.authenticatorAttachment ?? null,
  });
};

const why = (error) => {
  if (error.name === "InvalidStateError") return "This device has a passkey for your account already.";
  if (error.name === "NotAllowedError") return "The device stopped, or took too long. Nothing was changed. Try again.";
  return "The passkey did not work here. Nothing was changed. Try again, or use another way.";
};

const ask = async (form, says) => {
  const got = await post(form.action, {});
  if (got.type === "opaqueredirect" || [401, 403].includes(got.status)) return location.reload();
  if (!got.ok) throw new Error(String(got.status));
  const options = question(await got.json());
  says.textContent = "Answer on your device.";
  const credential = await navigator.credentials[form.dataset.passkey](options);
  form.elements.credential.value = answer(credential);
  form.submit();
};

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const says = form.querySelector("[data-passkey-says]");
  const button = form.querySelector("[data-passkey-able]");
  const numeric = /^[\d.]+$|^\[/.test(location.hostname);
  if (!window.PublicKeyCredential || !isSecureContext || numeric) continue;
  button.hidden = false;
  says.textContent = "";
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    try {
      await ask(form, says);
    } catch (error) {
      says.textContent = why(error);
    }
    button.disabled = false;
  });
}
