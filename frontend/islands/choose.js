// The box in a table's head that chooses every row of the page, or none.
export default function choose(element) {
  const boxes = () => [...element.form.querySelectorAll('tbody input[type="checkbox"]')];
  element.addEventListener("change", () => {
    for (const box of boxes()) box.checked = element.checked;
  });
  element.form.addEventListener("change", (event) => {
    if (event.target === element) return;
    const chosen = boxes().filter((box) => box.checked).length;
    element.checked = chosen === boxes().length;
    element.indeterminate = chosen > 0 && !element.checked;
  });
}
