// The page of one entry: selecting a field shows where it stands on the scan, and the other way round.

const view = document.getElementById("view");
const pages = [...view.querySelectorAll(".page")];
const tabs = [...document.querySelectorAll("[data-page].tab")];
const fields = [...document.querySelectorAll(".field[data-field]")];
const boxes = [...view.querySelectorAll(".box")];
const STEP = 1.25;
const SMALLEST = 0.4;
const LARGEST = 6;
let zoom = 1;

function showPage(number) {
  for (const page of pages) page.hidden = page.dataset.page !== number;
  for (const tab of tabs) tab.setAttribute("aria-pressed", String(tab.dataset.page === number));
}

function resize(wanted) {
  const middle = { x: (view.scrollLeft + view.clientWidth / 2) / view.scrollWidth, y: (view.scrollTop + view.clientHeight / 2) / view.scrollHeight };
  zoom = Math.min(LARGEST, Math.max(SMALLEST, wanted));
  for (const page of pages) page.style.width = `${zoom * 100}%`;
  view.scrollTo(middle.x * view.scrollWidth - view.clientWidth / 2, middle.y * view.scrollHeight - view.clientHeight / 2);
}

function fit() {
  const page = pages.find((each) => !each.hidden);
  const image = page && page.querySelector("img");
  if (!image) return;
  const room = { width: view.clientWidth - 26, height: view.clientHeight - 26 };
  const share = Math.min(1, (room.height * Number(image.getAttribute("width"))) / Number(image.getAttribute("height")) / room.width);
  resize(share);
}

function select(name, bringBoxIntoView) {
  for (const field of fields) field.classList.toggle("on", field.dataset.field === name);
  for (const box of boxes) box.classList.toggle("on", box.dataset.field === name);
  const box = boxes.find((each) => each.dataset.field === name);
  if (!box) return;
  showPage(box.closest(".page").dataset.page);
  if (!bringBoxIntoView) return;
  const seen = box.getBoundingClientRect();
  const frame = view.getBoundingClientRect();
  const inside = seen.top >= frame.top && seen.bottom <= frame.bottom && seen.left >= frame.left && seen.right <= frame.right;
  if (!inside) {
    view.scrollBy({
      left: seen.left + seen.width / 2 - frame.left - frame.width / 2,
      top: seen.top + seen.height / 2 - frame.top - frame.height / 2,
      behavior: "smooth",
    });
  }
}

for (const field of fields) {
  field.addEventListener("focusin", () => select(field.dataset.field, true));
  field.addEventListener("click", () => select(field.dataset.field, true));
}
for (const box of boxes) {
  box.addEventListener("click", () => {
    select(box.dataset.field, false);
    const field = fields.find((each) => each.dataset.field === box.dataset.field);
    if (field) field.querySelector("input, select").focus({ preventScroll: false });
  });
}
for (const tab of tabs) tab.addEventListener("click", () => showPage(tab.dataset.page));
for (const button of document.querySelectorAll("[data-zoom]")) {
  button.addEventListener("click", () => {
    if (button.dataset.zoom === "fit") fit();
    else resize(button.dataset.zoom === "in" ? zoom * STEP : zoom / STEP);
  });
}
fit();
