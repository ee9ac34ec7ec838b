// A chart over its table: data-island="chart", the option's data as JSON inside, the table beside it.
import { data } from "../lib/islands.js";

export default async function chart(element) {
  const { draw } = await import("../lib/echarts.js");
  draw(element, data(element));
}
