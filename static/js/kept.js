// Text that the server has not confirmed, kept in this browser per person. A browser that stores nothing
// (private windows) loses only this: saving with the server does not depend on it.
export const read = (key) => {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
};
export const keep = (key, value) => {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // see above
  }
};
export const forget = (key) => {
  try {
    localStorage.removeItem(key);
  } catch {
    // see above
  }
};
