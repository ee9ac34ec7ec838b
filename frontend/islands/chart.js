// A chart over its table: data-island="chart", the option's data as JSON inside, the table beside it.
// The library is heavier than the page: it comes when the chart is about to be seen, or printed.
import { data } from "../lib/islands.js";

export default function chart(element) {
  const show = async () => {
    near.disconnect();
    const { draw } = await import("../lib/echarts.js");
    if (!element.dataset.drawn) draw(element, data(element));
    element.dataset.drawn = "1";
  };
  const near = new IntersectionObserver((seen) => seen.some((one) => one.isIntersecting) && show(), { rootMargin: "200px" });
  near.observe(element);
  addEventListener("beforeprint", show, { once: true });
}
