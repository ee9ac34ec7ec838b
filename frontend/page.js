// The only script of a page: fragments by htmx, and islands loaded when the page has them.
import htmx from "htmx.org/dist/htmx.esm.js";
import { bind } from "./lib/islands.js";

window.htmx = htmx;
bind(document);
document.addEventListener("htmx:load", (event) => bind(event.detail.elt));
