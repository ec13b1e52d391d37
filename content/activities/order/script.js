// Buttons that move an item up or down. The selects stay what is sent: the script only sets them.
const number = (list) => [...list.children].forEach((item, place) => (item.querySelector("select").value = place + 1));
const move = (button, by) => {
  const item = button.closest("li");
  const other = by < 0 ? item.previousElementSibling : item.nextElementSibling;
  if (!other) return;
  by < 0 ? other.before(item) : other.after(item);
  number(item.parentElement);
  button.focus();
};
// Places chosen before this script was there: of two items that want one place, the one that was not moved makes room.
const settle = (list) => {
  const place = (item) => {
    const { options, value } = item.querySelector("select");
    const before = [...options].findIndex((option) => option.defaultSelected) + 1;
    return Number(value) + Math.sign(value - before) / 2;
  };
  list.append(...[...list.children].sort((one, other) => place(one) - place(other)));
  number(list);
};
const dress = () => {
  for (const list of document.querySelectorAll("[data-order]:not([data-dressed])")) {
    list.dataset.dressed = "";
    settle(list);
    // A place chosen by hand moves the item there, so that list and selects never differ.
    list.addEventListener("change", ({ target }) => {
      const item = target.closest("li");
      const rest = [...list.children].filter((one) => one !== item);
      rest.splice(target.value - 1, 0, item);
      list.append(...rest);
      number(list);
      target.focus();
    });
    for (const item of list.children) {
      const name = item.querySelector("[id]");
      const buttons = document.createElement("span");
      buttons.className = "row row--tight";
      for (const [words, sign, by] of [["Move up", "↑", -1], ["Move down", "↓", 1]]) {
        const button = document.createElement("button");
        Object.assign(button, { type: "button", className: "btn btn--small", textContent: sign });
        button.setAttribute("aria-label", `${words}: ${name.textContent}`);
        button.addEventListener("click", () => move(button, by));
        buttons.append(button);
      }
      name.after(buttons);
    }
  }
};
dress();
document.addEventListener("htmx:load", dress);
