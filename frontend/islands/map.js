// Names a cell of the schematic map under the pointer or the focus, in the line below the map.
export default function map(element) {
  const line = element.querySelector("[data-named]");
  if (!line) return;
  const rest = line.textContent;
  const show = (event) => {
    const cell = event.target.closest("[data-name]");
    line.textContent = cell ? cell.dataset.name : rest;
  };
  for (const kind of ["pointerover", "focusin"]) element.addEventListener(kind, show);
  for (const kind of ["pointerleave", "focusout"]) element.addEventListener(kind, () => (line.textContent = rest));
}
