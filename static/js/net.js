// Talking to the server from a script: the token of the cookie (of the page, where there is no cookie to read), which
// stays right when somebody signs in again in another window; and a header that says "not a page".
export const token = () =>
  document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";
// After signing in again in another window the page's own tokens are too old: every form of the page gets the new one.
export const renew = (fresh) => {
  for (const field of document.querySelectorAll("[name=csrfmiddlewaretoken]")) field.value = fresh;
};

export const post = (url, fields, options = {}) =>
  fetch(url, {
    method: "POST",
    body: new URLSearchParams(fields),
    headers: { "X-CSRFToken": token(), "X-Requested-With": "XMLHttpRequest" },
    redirect: "manual",
    ...options,
  });

// What only a page without scripts needs goes, once the keyboard is not on it.
export const giveWay = (part) => {
  const go = () => (part.hidden = true);
  if (part.contains(document.activeElement)) part.addEventListener("focusout", go, { once: true });
  else go();
};

export const make = (tag, attributes = {}, ...children) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
};
