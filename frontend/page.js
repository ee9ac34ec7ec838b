// The only script of a page: fragments by htmx, and islands loaded when the page has them.
import htmx from "htmx.org/dist/htmx.esm.js";
import { dressFiles } from "./lib/files.js";
import { keepFocus } from "./lib/focus.js";
import { bind } from "./lib/islands.js";

window.htmx = htmx;
function wake(root) {
  dressFiles(root);
  bind(root);
}

wake(document);
keepFocus();
document.addEventListener("htmx:load", (event) => wake(event.detail.elt));

// Esc closes the open menu of the account and gives the focus back to it.
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && document.querySelector("details.account[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});
