// Fragments that are fetched again keep the keyboard's place: whoever tabs through a board that
// changes by itself must not be thrown back to its top.

// A link is known by its address, another control by its name.
function likeness(element) {
  if (element.id) return `#${CSS.escape(element.id)}`;
  const name = ["href", "name"].find((one) => element.hasAttribute(one));
  return name && `${element.localName}[${name}="${CSS.escape(element.getAttribute(name))}"]`;
}

export function keepFocus() {
  let place = null;
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    const focused = document.activeElement;
    const part = focused?.closest("[id][hx-get]");
    const like = part && detail.target.contains(focused) && likeness(focused);
    if (like) place = { part: part.id, like };
  });
  document.addEventListener("htmx:afterSettle", () => {
    if (!place) return;
    const { part, like } = place;
    place = null;
    if (document.activeElement !== document.body) return;
    document.getElementById(part)?.querySelector(like)?.focus({ preventScroll: true });
  });
}
