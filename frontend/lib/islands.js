// An island is an element with data-island="name"; its module's default export is called with it.
const modules = {
  chart: () => import("../islands/chart.js"),
  choose: () => import("../islands/choose.js"),
  clock: () => import("../islands/clock.js"),
  live: () => import("../islands/live.js"),
  map: () => import("../islands/map.js"),
  submit: () => import("../islands/submit.js"),
  upload: () => import("../islands/upload.js"),
};
const bound = new WeakSet();

/** Bind every island in `root`, itself included, once. */
export function bind(root) {
  const found = [...root.querySelectorAll("[data-island]")];
  if (root.matches?.("[data-island]")) found.unshift(root);
  for (const element of found) {
    if (bound.has(element)) continue;
    bound.add(element);
    modules[element.dataset.island]?.().then((module) => module.default(element));
  }
}

/** The JSON that the page gave an island in its <script type="application/json">. */
export function data(element) {
  const script = element.querySelector('script[type="application/json"]');
  return script ? JSON.parse(script.textContent) : {};
}
