/** <oc-chart source="id of a json_script">: draws lines and areas over labels, in the page's colours, light and dark.
 *
 * The table alternative stands beside it in the page; a button with `data-chart-table="id of the table"` swaps the two.
 */
import "./chart.css";
import { BarChart, LineChart } from "echarts/charts";
import { GridComponent, TooltipComponent } from "echarts/components";
import { init, use, type EChartsCoreOption, type EChartsType } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

use([LineChart, BarChart, GridComponent, TooltipComponent, CanvasRenderer]);

export interface Series {
  name: string;
  look: "area" | "line" | "dashed" | "bar";
  colour: string;
  values: number[];
}

/** A series as it is drawn: perhaps only a part of it. */
export interface Drawn extends Omit<Series, "look" | "values"> {
  look: Series["look"] | "dotted";
  values: (number | null)[];
}

export interface ChartData {
  labels: string[];
  titles?: string[];
  series: Series[];
  unfinished?: boolean;
}

export interface Palette {
  text: string;
  line: string;
  surface: string;
  colour: (name: string) => string;
}

/** The page's tokens at the moment, so that a change of theme changes the chart. */
export function palette(host: Element): Palette {
  const style = getComputedStyle(host);
  const read = (name: string, fallback: string) => style.getPropertyValue(name).trim() || fallback;
  return {
    text: read("--tblr-secondary", "#6b7280"),
    line: read("--tblr-border-color", "#e5e7eb"),
    surface: read("--tblr-bg-surface", "#ffffff"),
    colour: (name) => (name === "grey" ? read("--tblr-gray-400", "#9ca3af") : read(`--tblr-${name}`, "#066fd1")),
  };
}

/** What ECharts draws for `data`. */
export function options(data: ChartData, colours: Palette, number: Intl.NumberFormat): EChartsCoreOption {
  return {
    animationDuration: 300,
    textStyle: { fontFamily: "inherit" },
    grid: { left: 4, right: 8, top: 12, bottom: 4, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
    tooltip: {
      trigger: "axis",
      className: "oc-chart-tip",
      backgroundColor: colours.surface,
      borderColor: colours.line,
      textStyle: { color: colours.text },
      formatter: (points: { dataIndex: number }[]) => tip(data, points[0]?.dataIndex ?? 0, number),
    },
    xAxis: {
      type: "category",
      data: data.labels,
      boundaryGap: data.series.some((one) => one.look === "bar"),
      axisLine: { lineStyle: { color: colours.line } },
      axisTick: { show: false },
      axisLabel: { color: colours.text, hideOverlap: true, margin: 12, alignMinLabel: "left", alignMaxLabel: "right" },
    },
    yAxis: {
      type: "value",
      minInterval: 1,
      splitNumber: 4,
      splitLine: { lineStyle: { color: colours.line } },
      axisLabel: { color: colours.text, formatter: (value: number) => number.format(value) },
    },
    series: data.series.flatMap((one) => split(one, data.unfinished ?? false).map((part) => draw(part, colours))),
  };
}

const STROKES: Partial<Record<Drawn["look"], number[]>> = { dashed: [4, 4], dotted: [2, 4] };

/** A day that is not over would look like a fall: its line is dotted. */
export function split(one: Series, unfinished: boolean): Drawn[] {
  if (!unfinished || one.look === "bar" || one.look === "dashed" || one.values.length < 3) return [one];
  const last = one.values.length - 1;
  return [
    { ...one, values: one.values.map((value, at) => (at < last ? value : null)) },
    { ...one, look: "dotted", values: one.values.map((value, at) => (at < last - 1 ? null : value)) },
  ];
}

function draw(one: Drawn, colours: Palette): object {
  const colour = colours.colour(one.colour);
  if (one.look === "bar") {
    return { name: one.name, type: "bar", data: one.values, color: colour, barMaxWidth: 18 };
  }
  return {
    name: one.name,
    type: "line",
    data: one.values,
    color: colour,
    showSymbol: one.values.length === 1,
    symbol: "circle",
    symbolSize: 6,
    lineStyle: { width: one.look === "dashed" ? 1.5 : 2, type: STROKES[one.look] ?? "solid" },
    areaStyle: one.look === "area" ? { color: colour, opacity: 0.1 } : undefined,
    z: one.look === "dashed" ? 1 : 2,
  };
}

/** Built from elements: the page's policy allows no inline style. */
function tip(data: ChartData, at: number, number: Intl.NumberFormat): HTMLElement {
  const box = document.createElement("div");
  const title = document.createElement("div");
  title.className = "oc-chart-tip-title";
  title.textContent = data.titles?.[at] ?? data.labels[at] ?? "";
  box.append(title);
  for (const one of data.series) {
    const line = document.createElement("div");
    line.className = "oc-chart-tip-line";
    const dot = document.createElement("span");
    dot.className = `oc-dot oc-dot-${one.colour}`;
    const name = document.createElement("span");
    name.textContent = one.name;
    const value = document.createElement("strong");
    value.textContent = number.format(one.values[at] ?? 0);
    line.append(dot, name, value);
    box.append(line);
  }
  return box;
}

class Chart extends HTMLElement {
  private chart: EChartsType | null = null;
  private readonly sizes = new ResizeObserver(() => this.chart?.resize());
  private readonly theme = new MutationObserver(() => this.draw());

  connectedCallback(): void {
    this.chart = init(this, null, { renderer: "canvas" });
    this.draw();
    this.sizes.observe(this);
    this.theme.observe(document.documentElement, { attributes: true, attributeFilter: ["data-bs-theme"] });
  }

  disconnectedCallback(): void {
    this.sizes.disconnect();
    this.theme.disconnect();
    this.chart?.dispose();
    this.chart = null;
  }

  private draw(): void {
    const source = document.getElementById(this.getAttribute("source") ?? "");
    if (!source?.textContent || !this.chart) return;
    const number = new Intl.NumberFormat(document.documentElement.lang || "en");
    const data = JSON.parse(source.textContent) as ChartData;
    this.chart.setOption(options(data, palette(this), number), true);
  }
}

function swap(event: Event): void {
  const button = (event.target as Element).closest<HTMLElement>("[data-chart-table]");
  const table = button && document.getElementById(button.dataset["chartTable"] ?? "");
  const chart = table?.parentElement?.querySelector("oc-chart");
  if (!button || !table || !chart) return;
  table.hidden = !table.hidden;
  chart.toggleAttribute("hidden", !table.hidden);
  button.setAttribute("aria-pressed", String(!table.hidden));
}

if (!customElements.get("oc-chart")) {
  customElements.define("oc-chart", Chart);
  document.addEventListener("click", swap);
}
