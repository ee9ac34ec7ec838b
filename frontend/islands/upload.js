// Progress of a file on its way: <form data-island="upload"> with a <progress> and an element [data-said].
// Without script the form posts as usual; with it the answer's page replaces this one.
import htmx from "htmx.org/dist/htmx.esm.js";

const percent = new Intl.NumberFormat("vi-VN", { style: "percent", maximumFractionDigits: 0 });

function show(form, said, share) {
  const bar = form.querySelector("progress");
  if (bar) {
    bar.hidden = false;
    if (share === null) bar.removeAttribute("value");
    else bar.value = share;
  }
  const line = form.querySelector("[data-said]");
  if (line) line.textContent = said;
}

/** Show the answered page in place of this one; fetching it again would lose its messages. */
function take(request) {
  const page = new DOMParser().parseFromString(request.responseText, "text/html");
  const main = page.querySelector("main");
  if (!main) return location.assign(request.responseURL);
  document.title = page.title;
  document.querySelector("main").replaceWith(main);
  history.pushState({}, "", request.responseURL);
  htmx.process(main);
  scrollTo(0, 0);
}

function send(form) {
  const request = new XMLHttpRequest();
  request.open("POST", form.action || location.href);
  request.upload.onprogress = (event) => {
    if (event.lengthComputable) show(form, `Đã gửi ${percent.format(event.loaded / event.total)}`, event.loaded / event.total);
  };
  request.upload.onload = () => show(form, "Đã gửi xong, đang đọc tệp…", null);
  const failed = (said) => {
    show(form, said, 0);
    for (const button of form.querySelectorAll("button")) button.disabled = false;
  };
  request.onload = () => (request.status < 500 ? take(request) : failed("Hệ thống gặp lỗi khi nhận tệp; xin gửi lại."));
  request.onerror = () => failed("Mất kết nối khi gửi; tệp vẫn còn ở máy, xin gửi lại.");
  request.send(new FormData(form));
  return request;
}

/** A file dropped anywhere on the marked zone is the chosen one. */
function takeDrops(form) {
  const zone = form.querySelector(".drop");
  const input = form.querySelector('input[type="file"]');
  if (!zone || !input) return;
  zone.addEventListener("dragover", (event) => event.preventDefault());
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    if (!event.dataTransfer.files.length) return;
    input.files = event.dataTransfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
}

export default function upload(form) {
  takeDrops(form);
  form.addEventListener("submit", (event) => {
    if (!form.checkValidity() || !form.querySelector('input[type="file"]')?.files.length) return;
    event.preventDefault();
    const request = send(form);
    for (const button of form.querySelectorAll("button[type=submit], button:not([type])")) button.disabled = true;
    const cancel = form.querySelector("[data-cancel]");
    if (cancel) {
      cancel.hidden = false;
      cancel.disabled = false;
      cancel.onclick = () => {
        request.abort();
        location.reload();
      };
    }
  });
}
