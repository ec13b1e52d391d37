// Choosing a place in a document for a pin, by pointer or by keyboard; the form beside it takes the place typed as well.
// And times in a recording: a link to one plays from there.
const WHOLE = 10000;
const steps = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
let now = null; // the form that a place is being chosen for, and where one is

const say = (form, text) => (form.querySelector("[data-says]").textContent = text);
const put = (form, fields) => Object.entries(fields).forEach(([name, value]) => (form.elements[name].value = value));
const reveal = () => document.querySelectorAll("[data-choose]").forEach((button) => (button.hidden = false));
const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

// -- A part of a page --
const draw = () => {
  const { form, sheet, box } = now;
  const svg = sheet.querySelector("svg");
  document.querySelectorAll("rect[data-at]").forEach((rect) => rect.remove());
  const rect = svg.appendChild(document.createElementNS("http://www.w3.org/2000/svg", "rect"));
  const { width, height } = svg.viewBox.baseVal;
  const at = { x: box.x * width, y: box.y * height, width: box.width * width, height: box.height * height };
  for (const [name, value] of Object.entries(at)) rect.setAttribute(name, value / WHOLE);
  rect.dataset.at = "";
  put(form, { page: sheet.dataset.page, ...box });
  say(form, `Page ${sheet.dataset.page}, ${Object.values(box).map((one) => `${Math.round(one / 100)} %`).join(", ")}: from the left, from the top, wide, high.`);
};
const hold = (value, most) => Math.max(0, Math.min(most, Math.round(value)));
const onto = (sheet) => {
  const svg = sheet?.querySelector("svg");
  if (!svg) return false;
  now.sheet = sheet;
  svg.setAttribute("tabindex", "-1");
  svg.setAttribute("role", "application");
  svg.setAttribute("aria-label", `A part of page ${sheet.dataset.page}. Arrow keys move it, with Shift they resize it. Enter sets it, Escape leaves it.`);
  draw();
  svg.focus({ preventScroll: true });
  svg.querySelector("rect[data-at]").scrollIntoView({ block: "nearest" });
  return true;
};
const moved = (event, [right, down]) => {
  const { box } = now;
  if (event.shiftKey) {
    box.width = Math.max(100, hold(box.width + right * 200, WHOLE - box.x));
    box.height = Math.max(100, hold(box.height + down * 200, WHOLE - box.y));
  } else {
    box.x = hold(box.x + right * 200, WHOLE - box.width);
    box.y = hold(box.y + down * 200, WHOLE - box.height);
  }
  draw();
};
const point = (event, sheet) => {
  const area = sheet.getBoundingClientRect();
  return [((event.clientX - area.x) / area.width) * WHOLE, ((event.clientY - area.y) / area.height) * WHOLE];
};
const between = (sheet, [a, b], [c, d]) => {
  const [x, y] = [hold(Math.min(a, c), WHOLE - 100), hold(Math.min(b, d), WHOLE - 100)];
  now.sheet = sheet;
  now.box = { x, y, width: Math.max(100, hold(Math.abs(a - c), WHOLE - x)), height: Math.max(100, hold(Math.abs(b - d), WHOLE - y)) };
  draw();
};

// -- A paragraph, a line, a cell --
const spots = (form) => [...form.closest(".version").querySelectorAll(`[id^="${form.dataset.pins}-${form.dataset.place[0]}"]:not([id$="play"])`)];
const stand = (spot) => {
  document.querySelectorAll("[data-at]").forEach((one) => delete one.dataset.at);
  if (!spot) return;
  now.spot = spot;
  spot.tabIndex = -1;
  spot.dataset.at = "";
  spot.focus({ preventScroll: true });
  spot.scrollIntoView({ block: "nearest", inline: "nearest" });
  const [, number, cell] = spot.id.match(/-[pc](\d+)(?:-(\w+))?$/);
  put(now.form, cell ? { sheet: number, cell } : { paragraph: number });
  say(now.form, cell ? `Cell ${cell} of sheet ${number}.` : `Number ${number}.`);
};
const walk = ([right, down]) => {
  const { spot } = now;
  if (!spot.matches("td")) {
    const all = spots(now.form);
    return stand(all[Math.max(0, Math.min(all.length - 1, all.indexOf(spot) + right + down))]);
  }
  const row = down ? spot.parentElement[down > 0 ? "nextElementSibling" : "previousElementSibling"] : spot.parentElement;
  const there = row?.cells[spot.cellIndex + right];
  if (there?.matches("td")) stand(there);
};

const finish = (kept) => {
  const { form } = now;
  document.querySelectorAll("rect[data-at]").forEach((rect) => kept || rect.remove());
  document.querySelectorAll("[data-at]:not(rect)").forEach((one) => delete one.dataset.at);
  if (!kept && form.dataset.place === "page") put(form, { x: "", y: "", width: "", height: "" });
  say(form, kept ? `${form.querySelector("[data-says]").textContent} Now say what is there, or pin it.` : "");
  now = null;
  form.querySelector("textarea, [name=says]").focus();
};

document.addEventListener("click", (event) => {
  const seek = event.target.closest("[data-seek]");
  const player = seek && document.getElementById(seek.hash.slice(1));
  if (player) {
    player.currentTime = Number(seek.dataset.seek);
    player.play().catch(() => {});
  }
  const button = event.target.closest("[data-choose]");
  if (button) return begin(button.closest("form"));
  const sheet = now?.box && event.target.closest(".sheet");
  if (sheet && now.form.closest(".version").contains(sheet)) {
    const here = point(event, sheet);
    if (now.dragged) finish(true);
    else if (now.corner?.[0] === sheet) between(sheet, now.corner[1], here), finish(true);
    else (now.corner = [sheet, here]), say(now.form, "Now the opposite corner.");
  } else if (now && !now.box) {
    const spot = spots(now.form).findLast((one) => one.contains(event.target));
    if (spot) stand(spot), finish(true);
  }
});
const begin = (form) => {
  if (form.dataset.place === "time") {
    const player = document.getElementById(`${form.dataset.pins}-play`);
    put(form, { time: clock(player.currentTime) });
    return say(form, `The recording stands at ${clock(player.currentTime)}.`);
  }
  now = { form };
  if (form.dataset.place === "page") {
    now.box = { x: 3000, y: 3000, width: 4000, height: 2000 };
    const place = document.getElementById(`${form.dataset.pins}-s${form.elements.page.value}`);
    if (!onto(place?.querySelector(".sheet"))) (now = null), say(form, "This can only be pinned as a whole.");
    return;
  }
  const wanted = document.getElementById(`${form.dataset.pins}-p${form.elements.paragraph?.value}`);
  stand(wanted ?? spots(form)[0]);
};
document.addEventListener("pointerdown", (event) => {
  const sheet = now?.box && event.pointerType !== "touch" && event.target.closest(".sheet");
  if (!sheet || !now.form.closest(".version").contains(sheet)) return;
  event.preventDefault();
  now.drag = [sheet, point(event, sheet)];
});
document.addEventListener("pointermove", (event) => {
  const [sheet, from] = now?.drag ?? [];
  const here = sheet && event.target.closest(".sheet") === sheet && point(event, sheet);
  if (!here || Math.hypot(here[0] - from[0], here[1] - from[1]) < 150) return;
  now.dragged = true;
  between(sheet, from, here);
});
document.addEventListener("pointerup", () => now && (now.drag = null));
document.addEventListener("keydown", (event) => {
  if (!now || event.altKey || event.ctrlKey || event.metaKey || event.target.closest("input, textarea, select")) return;
  const step = steps[event.key];
  if (!["Enter", "Escape"].includes(event.key) && !step) return;
  event.preventDefault();
  event.stopPropagation();
  if (!step) finish(event.key === "Enter");
  else if (now.box) moved(event, step);
  else walk(step);
}, true);

reveal();
document.addEventListener("htmx:afterSettle", reveal);
