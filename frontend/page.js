// The only script of a page: fragments by htmx, and islands loaded when the page has them.
import htmx from "htmx.org/dist/htmx.esm.js";
import { dressFiles } from "./lib/files.js";
import { bind } from "./lib/islands.js";

window.htmx = htmx;
function wake(root) {
  dressFiles(root);
  bind(root);
}

wake(document);
document.addEventListener("htmx:load", (event) => wake(event.detail.elt));
