// A browser words its file button in its own language; these say it in ours, over the same input.
const text = (className, words) => Object.assign(document.createElement("span"), { className, textContent: words });

function dress(input) {
  const button = text("button", input.multiple ? "Chọn các tệp" : "Chọn tệp");
  const chosen = text("chosen", "chưa chọn tệp");
  button.ariaHidden = chosen.ariaHidden = "true";
  const frame = text("file", "");
  input.replaceWith(frame);
  frame.append(button, chosen, input);
  input.addEventListener("change", () => {
    chosen.textContent = [...input.files].map((file) => file.name).join(", ") || "chưa chọn tệp";
  });
}

/** Dress every file input in `root` once. */
export function dressFiles(root) {
  for (const input of root.querySelectorAll('input[type="file"]')) if (!input.closest(".file")) dress(input);
}
