// The upload page: collect files (drop, choose, folder, camera), then send them one by one into one upload.

const form = document.getElementById("upload");
const list = document.getElementById("list");
const start = document.getElementById("start");
const drop = document.getElementById("drop");
const summary = document.getElementById("summary");
const whole = document.getElementById("whole");
const words = form.dataset;
const csrf = document.querySelector("meta[name=csrf-token]").content;
const TRIES = 4;
const SHOWN = 500;

const chosen = [];
let batch = null;
let key = newKey();

function newKey() {
  // crypto.randomUUID needs HTTPS; getRandomValues does not
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function add(file, name) {
  if (!file.size && !file.type && name.endsWith("/")) return;
  const row = { file, name, state: "waiting", sent: 0 };
  chosen.push(row);
  if (chosen.length <= SHOWN) list.append(drawn(row));
  refresh();
}

function drawn(row) {
  const item = document.createElement("li");
  const name = document.createElement("span");
  name.className = "name";
  name.textContent = row.name;
  name.title = row.name;
  const state = document.createElement("span");
  state.className = "hint";
  const remove = document.createElement("button");
  remove.type = "button";
  remove.className = "quiet";
  remove.textContent = words.remove;
  remove.addEventListener("click", () => {
    chosen.splice(chosen.indexOf(row), 1);
    item.remove();
    refresh();
  });
  const bar = document.createElement("progress");
  bar.max = 100;
  bar.value = 0;
  bar.hidden = true;
  bar.setAttribute("aria-label", row.name);
  item.append(name, state, remove, bar);
  row.show = () => {
    state.textContent = { waiting: "", sending: words.sending, sent: words.sent, failed: words.failed, refused: row.why || words.refused }[row.state];
    state.classList.toggle("bad", row.state === "failed" || row.state === "refused");
    bar.hidden = row.state !== "sending";
    bar.value = row.file.size ? (100 * row.sent) / row.file.size : 100;
    remove.hidden = row.state !== "waiting";
  };
  row.show();
  return item;
}

function refresh() {
  const size = chosen.reduce((sum, row) => sum + row.file.size, 0);
  const sent = chosen.reduce((sum, row) => sum + (row.state === "sent" ? row.file.size : row.sent), 0);
  summary.textContent = chosen.length ? words.chosen.replace("{n}", chosen.length).replace("{size}", (size / 1048576).toFixed(1)) : "";
  whole.value = size ? (100 * sent) / size : 0;
  start.disabled = !chosen.some((row) => row.state === "waiting" || row.state === "failed");
}

async function walk(entry, path) {
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
    add(file, path + file.name);
    return;
  }
  const reader = entry.createReader();
  for (;;) {
    const part = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!part.length) return;
    for (const child of part) await walk(child, `${path}${entry.name}/`);
  }
}

function send(url, body, onProgress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", url);
    request.setRequestHeader("X-CSRF-Token", csrf);
    request.setRequestHeader("Idempotency-Key", key);
    request.responseType = "json";
    request.upload.addEventListener("progress", (event) => onProgress(event.loaded));
    request.addEventListener("load", () => resolve(request));
    request.addEventListener("error", () => reject(new Error("network")));
    request.addEventListener("abort", () => reject(new Error("abort")));
    request.send(body);
  });
}

async function insist(url, makeBody, onProgress) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const answer = await send(url, makeBody(), onProgress);
      if (answer.status < 500) return answer;
      if (attempt === TRIES) return answer;
    } catch (error) {
      if (attempt === TRIES) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 500 * 2 ** attempt));
  }
}

function sentence(answer) {
  const messages = answer.response && answer.response.messages;
  return messages ? messages[document.documentElement.lang.slice(0, 2)] : words.failed;
}

async function open() {
  const body = new FormData();
  for (const name of ["school_id", "policy"]) body.append(name, form.elements[name].value);
  body.append("upload_kind", form.elements.upload_kind.value);
  const answer = await insist("/api/v1/batches", () => body, () => {});
  if (answer.status >= 300) throw new Error(sentence(answer));
  return answer.response.id;
}

async function sendOne(row) {
  row.state = "sending";
  const show = () => { if (row.show) row.show(); refresh(); };
  show();
  const make = () => { const body = new FormData(); body.append("files", row.file, row.name); return body; };
  try {
    const answer = await insist(`/api/v1/batches/${batch}/files`, make, (loaded) => { row.sent = Math.min(loaded, row.file.size); show(); });
    row.state = answer.status < 300 ? "sent" : answer.status < 500 ? "refused" : "failed";
    row.why = answer.status < 300 ? "" : sentence(answer);
  } catch {
    row.state = "failed";
  }
  row.sent = row.state === "sent" ? row.file.size : 0;
  show();
}

function lock(locked) {
  for (const field of form.elements) if (field !== start) field.disabled = locked;
  start.disabled = locked;
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const waiting = chosen.filter((row) => row.state === "waiting" || row.state === "failed");
  if (!waiting.length) return;
  whole.hidden = false;
  try {
    batch = batch || (await open());
  } catch (error) {
    summary.textContent = error.message === "network" ? words.failed : error.message;
    return;
  }
  lock(true);
  window.addEventListener("beforeunload", stay);
  for (const row of waiting) await sendOne(row);
  window.removeEventListener("beforeunload", stay);
  lock(false);
  refresh();
  if (chosen.every((row) => row.state === "sent")) {
    summary.textContent = words.done;
    window.location.assign(`/batches/${batch}`);
  }
});

function stay(event) {
  event.preventDefault();
}

for (const id of ["files", "folder", "camera"]) {
  const input = document.getElementById(id);
  input.addEventListener("change", () => {
    for (const file of input.files) add(file, file.webkitRelativePath || file.name);
    input.value = "";
  });
}
for (const kind of ["dragenter", "dragover"]) {
  drop.addEventListener(kind, (event) => { event.preventDefault(); drop.classList.add("over"); });
}
for (const kind of ["dragleave", "drop"]) drop.addEventListener(kind, () => drop.classList.remove("over"));
drop.addEventListener("drop", async (event) => {
  event.preventDefault();
  const entries = Array.from(event.dataTransfer.items, (item) => item.webkitGetAsEntry && item.webkitGetAsEntry()).filter(Boolean);
  if (!entries.length) for (const file of event.dataTransfer.files) add(file, file.name);
  for (const entry of entries) await walk(entry, "");
});
