// ECharts with only what the product draws: line and bar, in SVG, described for screen readers.
import { BarChart, LineChart } from "echarts/charts";
import { AriaComponent, GridComponent, MarkLineComponent, TooltipComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

use([BarChart, LineChart, AriaComponent, GridComponent, MarkLineComponent, TooltipComponent, SVGRenderer]);

const token = (style, name) => style.getPropertyValue(name).trim();
const format = (decimals) =>
  new Intl.NumberFormat("vi-VN", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });

function series(given, style) {
  const colour = token(style, given.colour ? `--${given.colour}` : "--brand");
  return {
    name: given.name,
    type: given.kind === "bar" ? "bar" : "line",
    data: given.values,
    color: colour,
    symbol: "circle",
    symbolSize: 5,
    showSymbol: given.values.length < 40,
    connectNulls: false,
    lineStyle: { width: 2, type: given.dashed ? "dashed" : "solid" },
    barMaxWidth: 28,
    emphasis: { disabled: true },
  };
}

function limits(lines, style, show) {
  return {
    silent: true,
    symbol: "none",
    data: lines.map((line) => ({
      yAxis: line.value,
      label: { formatter: `${line.name} ${show.format(line.value)}`, position: "insideEndTop", color: token(style, "--ink-2") },
      lineStyle: { color: token(style, `--${line.colour ?? "stale"}`), type: "dashed" },
    })),
  };
}

export function draw(element, given) {
  const style = getComputedStyle(element);
  const show = format(given.decimals ?? 1);
  const drawn = given.series.map((one) => series(one, style));
  if (given.lines?.length) drawn[0].markLine = limits(given.lines, style, show);
  const axis = { axisLabel: { color: token(style, "--ink-2") }, axisLine: { lineStyle: { color: token(style, "--line") } } };
  const canvas = element.querySelector(".chart-canvas") ?? element;
  const chart = init(canvas, null, { renderer: "svg" });
  chart.setOption({
    aria: { enabled: true, label: { description: given.description } },
    animation: false,
    textStyle: { fontFamily: style.fontFamily, fontSize: 12 },
    grid: { left: 8, right: 16, top: 24, bottom: 4, containLabel: true },
    tooltip: { trigger: "axis", valueFormatter: (value) => (value == null ? "chưa có số liệu" : `${show.format(value)} ${given.unit ?? ""}`) },
    xAxis: { type: "category", data: given.labels, ...axis },
    yAxis: { type: "value", scale: true, minInterval: 10 ** -(given.decimals ?? 1), splitLine: { lineStyle: { color: token(style, "--line") } }, axisLabel: { color: token(style, "--ink-2"), formatter: (value) => show.format(value) } },
    series: drawn,
  });
  new ResizeObserver(() => chart.resize()).observe(canvas);
}
