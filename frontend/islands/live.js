// One stream per page. A note asks the parts that it concerns to fetch themselves again (htmx "changed").
// data-island="live" data-stream="/api/v1/stream"; parts: data-live="figure:CODE:UNIT alert ticket".
import htmx from "htmx.org/dist/htmx.esm.js";

const WAIT = 400; // the first note refreshes at once; those of the next milliseconds together

function topics(note) {
  return [note.topic, `${note.topic}:${note.indicator}:${note.unit}`, `${note.topic}:${note.indicator}`, `${note.topic}:*:${note.unit}`];
}

// A part whose request is on its way asks again after the answer, which may be older than the note;
// one with data-pause asks at most once in so many milliseconds: it speaks of many figures.
function refresher() {
  const waiting = new Set();
  const asked = new Map();
  let timer = 0;
  const ask = (part) => {
    const shown = part.isConnected ? part : document.getElementById(part.id);
    if (shown?.classList.contains("htmx-request")) return;
    if (Date.now() - (asked.get(part.id) ?? 0) < Number(part.dataset.pause ?? 0)) return;
    asked.set(part.id, Date.now());
    waiting.delete(part);
    if (shown) htmx.trigger(shown, "changed");
  };
  const flush = () => {
    timer = waiting.size ? setTimeout(flush, WAIT) : 0;
    for (const part of [...waiting]) ask(part);
  };
  return (parts) => {
    for (const part of parts) waiting.add(part);
    if (!timer) flush();
  };
}

export default function live(element) {
  const later = refresher();
  const all = () => document.querySelectorAll("[data-live]");
  const concerned = (note) => {
    const heard = new Set(topics(note));
    return [...all()].filter((part) => part.dataset.live.split(" ").some((topic) => heard.has(topic)));
  };
  const source = new EventSource(element.dataset.stream);
  source.onopen = () => {
    element.dataset.state = "open";
  };
  source.onerror = () => {
    element.dataset.state = "waiting";
  };
  source.onmessage = (event) => later(concerned(JSON.parse(event.data)));
  addEventListener("pagehide", () => source.close(), { once: true });
}
