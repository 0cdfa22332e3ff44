// The page of one upload: ask for its table again while files are being read.

const place = document.getElementById("table");
const FIRST = 1500;
const LONGEST = 10000;
let pause = FIRST;

function waiting() {
  const inner = place.querySelector("[data-waiting]");
  return Number(inner ? inner.dataset.waiting : 0);
}

async function again() {
  if (document.hidden) {
    setTimeout(again, pause);
    return;
  }
  const before = waiting();
  try {
    const answer = await fetch(place.dataset.source, { headers: { Accept: "text/html" } });
    if (answer.redirected) {
      window.location.reload();
      return;
    }
    // the server escapes every name in it
    if (answer.ok) place.innerHTML = await answer.text();
    pause = answer.ok && waiting() !== before ? FIRST : Math.min(pause * 1.3, LONGEST);
  } catch {
    pause = LONGEST;
  }
  if (waiting()) setTimeout(again, pause);
}

if (waiting()) setTimeout(again, pause);
