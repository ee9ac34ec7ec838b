// A choice that needs no button: the form of the element is sent when it changes.
export default function submit(element) {
  const form = element.form;
  for (const button of form.querySelectorAll("button")) button.hidden = true;
  element.addEventListener("change", () => form.requestSubmit());
}
