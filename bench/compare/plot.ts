/** One line of a plot. Points are (x, y), both above 0. */
export interface Series {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
  /** Drawn with a full line; the others are dashed. */
  readonly strong: boolean;
}

/** One pair of axes. */
export interface Panel {
  readonly title: string;
  readonly series: readonly Series[];
}

export interface Plot {
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly panels: readonly Panel[];
}

const WIDTH = 300;
const HEIGHT = 300;
const LEFT = 52;
const TOP = 74;
const BOTTOM = 46;
const GAP = 22;
const LEGEND_COLUMNS = 3;
const LEGEND_LINE = 18;

/** Told apart by most people's eyes, on white and on black (Okabe and Ito's, the dark ones lightened). */
const COLOURS = [
  { light: "#d55e00", dark: "#ff8c42" },
  { light: "#b07d00", dark: "#f0c808" },
  { light: "#a0507f", dark: "#e08fc0" },
  { light: "#0072b2", dark: "#5ab4f0" },
  { light: "#007a5a", dark: "#2fc79a" },
  { light: "#555555", dark: "#bbbbbb" },
  { light: "#6a3fbf", dark: "#b79cff" },
] as const;
const DASHES = ["6 3", "2 3", "8 3 2 3"];

/** Panels side by side with the same logarithmic axes, as an SVG that follows the reader's light or dark scheme. */
export function draw({ title, x, y, panels }: Plot): string {
  const names = [...new Set(panels.flatMap(({ series }) => series.map(({ name }) => name)))];
  const points = panels.flatMap(({ series }) => series.flatMap((one) => one.points));
  const rows = Math.ceil(names.length / LEGEND_COLUMNS);
  const top = TOP + (rows - 1) * LEGEND_LINE;
  const across = scale(
    points.map(([at]) => at),
    [0, WIDTH],
  );
  const up = scale(
    points.map(([, at]) => at),
    [HEIGHT, 0],
  );
  const width = LEFT + panels.length * (WIDTH + GAP);
  const height = top + HEIGHT + BOTTOM;
  const strong = new Map(panels.flatMap(({ series }) => series.map((one) => [one.name, one.strong] as const)));
  const xTicks = [...new Set(points.map(([at]) => at))].sort((a, b) => a - b);
  const yTicks = ticks(points.map(([, at]) => at));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${String(width)} ${String(height)}" width="${String(width)}" height="${String(height)}" role="img" aria-label="${escape(title)}">`,
    `<title>${escape(title)}</title>`,
    style(names.length),
    `<text class="title" x="${String(LEFT)}" y="20">${escape(title)}</text>`,
    ...names.map((name, at) => legend(name, at, width, strong.get(name) ?? false)),
    ...panels.map((panel, at) => {
      const left = LEFT + at * (WIDTH + GAP);
      const inner = [
        frame(panel.title, x),
        ...xTicks.map((tick) => xTick(tick, across(tick))),
        ...yTicks.map((tick) => yTick(tick, up(tick), at === 0)),
        ...panel.series.map((series) => line(series, names.indexOf(series.name), across, up)),
      ];
      return `<g transform="translate(${String(left)} ${String(top)})">${inner.join("")}</g>`;
    }),
    `<text class="label" transform="translate(14 ${String(top + HEIGHT / 2)}) rotate(-90)" text-anchor="middle">${escape(y)}</text>`,
    "</svg>",
    "",
  ].join("\n");
}

/** 1, 2 and 5 times each power of ten from below the smallest value to above the largest. */
export function ticks(values: readonly number[]): number[] {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const powers = Array.from({ length: 13 }, (_, at) => 10 ** (at - 6));
  const all = powers.flatMap((power) => [1, 2, 5].map((step) => Number((step * power).toPrecision(3))));
  const from = all.findLastIndex((tick) => tick <= least);
  const to = all.findIndex((tick) => tick >= most);
  return all.slice(Math.max(0, from), to + 1);
}

function scale(values: readonly number[], [from, to]: readonly [number, number]): (value: number) => number {
  const bounds = from > to ? ticks(values) : values;
  const [least, most] = [Math.log(Math.min(...bounds)), Math.log(Math.max(...bounds))];
  const room = most === least ? 1 : most - least;
  // Some air left and right, none above and below: ticks are there.
  const air = from < to ? 0.06 : 0;
  return (value) => from + (to - from) * (air + ((Math.log(value) - least) / room) * (1 - 2 * air));
}

function style(count: number): string {
  const colours = (scheme: "light" | "dark") =>
    COLOURS.slice(0, count)
      .map((colour, at) => `.s${String(at)}{stroke:${colour[scheme]};fill:${colour[scheme]}}`)
      .join("");
  const plain = "text{font:12px system-ui,sans-serif;fill:#1f2328}.title{font-size:15px;font-weight:600}";
  const shapes =
    "polyline{fill:none;stroke-width:2}.back{fill:#fff}.frame{fill:none;stroke:#8c959f}.grid{stroke:#d8dee4}";
  const dark = "text{fill:#e6edf3}.back{fill:#0d1117}.frame{stroke:#6e7681}.grid{stroke:#30363d}";
  return `<style>${plain}${shapes}${colours("light")}polyline{fill:none!important}@media(prefers-color-scheme:dark){${dark}${colours("dark")}}</style><rect class="back" width="100%" height="100%"/>`;
}

function legend(name: string, at: number, width: number, strong: boolean): string {
  const column = (width - LEFT) / LEGEND_COLUMNS;
  const [left, top] = [LEFT + (at % LEGEND_COLUMNS) * column, 42 + Math.floor(at / LEGEND_COLUMNS) * LEGEND_LINE];
  const sample = polyline(
    [
      [left, top - 4],
      [left + 26, top - 4],
    ],
    at,
    strong,
  );
  return `${sample}<text x="${String(left + 32)}" y="${String(top)}">${escape(name)}</text>`;
}

function frame(title: string, x: string): string {
  return [
    `<rect class="frame" width="${String(WIDTH)}" height="${String(HEIGHT)}"/>`,
    `<text x="${String(WIDTH / 2)}" y="-8" text-anchor="middle">${escape(title)}</text>`,
    `<text class="label" x="${String(WIDTH / 2)}" y="${String(HEIGHT + 36)}" text-anchor="middle">${escape(x)}</text>`,
  ].join("");
}

function xTick(value: number, at: number): string {
  return `<text x="${rounded(at)}" y="${String(HEIGHT + 17)}" text-anchor="middle">${String(value)}</text>`;
}

function yTick(value: number, at: number, labelled: boolean): string {
  const grid = `<line class="grid" x1="0" x2="${String(WIDTH)}" y1="${rounded(at)}" y2="${rounded(at)}"/>`;
  return labelled ? `${grid}<text x="-6" y="${rounded(at + 4)}" text-anchor="end">${String(value)}</text>` : grid;
}

function line(
  { name, points, strong }: Series,
  at: number,
  across: (value: number) => number,
  up: (value: number) => number,
): string {
  const placed = points.map(([x, y]) => [across(x), up(y)] as const);
  const dots = placed.map(
    ([x, y], index) =>
      `<circle class="s${String(at)}" cx="${rounded(x)}" cy="${rounded(y)}" r="3"><title>${escape(name)}: ${String(points[index]?.[0])}, ${String(points[index]?.[1])}</title></circle>`,
  );
  return polyline(placed, at, strong) + dots.join("");
}

function polyline(points: readonly (readonly [number, number])[], at: number, strong: boolean): string {
  const dash = strong ? "" : ` stroke-dasharray="${DASHES[at % DASHES.length] ?? ""}"`;
  const text = points.map(([x, y]) => `${rounded(x)},${rounded(y)}`).join(" ");
  return `<polyline class="s${String(at)}" points="${text}"${dash}/>`;
}

function rounded(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
