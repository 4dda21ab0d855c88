import type { Report, Rotation } from "../model.js";
import { html, type Markup } from "./markup.js";

/** One column of the chart. */
export interface Month {
  /** `2026-11`. */
  readonly month: string;
  readonly confirmed: number;
  /** Made, and not yet seen at every place. */
  readonly open: number;
}

/** How far back the chart goes. */
const MONTHS = 12;

/** New values by the month of their row, the last twelve months; rows whose date is none are left out. */
export function monthsOf(rotations: readonly Rotation[], at: string): Month[] {
  const [year = 0, month = 1] = at.split("-").map(Number);
  return Array.from({ length: MONTHS }, (_, index) => {
    const name = new Date(Date.UTC(year, month - MONTHS + index, 1)).toISOString().slice(0, 7);
    const made = rotations.filter(({ date, isChange }) => isChange && date.startsWith(`${name}-`));
    const open = made.filter(({ state }) => state === "pending").length;
    return { month: name, confirmed: made.length - open, open };
  });
}

const HEIGHT = 132;
const BASE = HEIGHT - 22;
const TOP = 22;

/** Rotations over time, drawn twice: for wide screens and narrow ones. */
export function rotationChart({ rotations, at }: Pick<Report, "rotations" | "at">): Markup {
  const months = monthsOf(rotations, at);
  return html`${draw(months, "wide", 720)}${draw(months, "narrow", 344)}`;
}

const NAMES = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

function draw(months: readonly Month[], className: string, width: number): Markup {
  const most = Math.max(1, ...months.map(({ confirmed, open }) => confirmed + open));
  const step = width / months.length;
  const bar = Math.min(34, step * 0.62);
  const total = months.reduce((sum, { confirmed, open }) => sum + confirmed + open, 0);
  const label = `${String(total)} rotations in the last ${String(MONTHS)} months: ${months
    .filter(({ confirmed, open }) => confirmed + open > 0)
    .map(({ month, confirmed, open }) => `${month} ${String(confirmed + open)}`)
    .join(", ")}`;
  const columns = months.map(({ month, confirmed, open }, index) => {
    const x = index * step + (step - bar) / 2;
    const unit = (BASE - TOP) / most;
    const middle = index * step + step / 2;
    const sum = confirmed + open;
    const name = NAMES[Number(month.slice(5)) - 1] ?? "";
    return html`<g>
      <rect
        class="confirmed"
        x="${round(x)}"
        y="${round(BASE - confirmed * unit)}"
        width="${round(bar)}"
        height="${round(confirmed * unit)}"
      />
      <rect
        class="open"
        x="${round(x)}"
        y="${round(BASE - sum * unit)}"
        width="${round(bar)}"
        height="${round(open * unit)}"
      />
      ${sum === 0 ? undefined : html`<text class="sum" x="${round(middle)}" y="${round(BASE - sum * unit - 5)}">${sum}</text>`}
      <text x="${round(middle)}" y="${HEIGHT - 6}"
        >${className === "narrow" ? name.slice(0, 1) : name}${
          name === "Jan" && className === "wide" ? ` ${month.slice(0, 4)}` : ""
        }</text
      >
    </g>`;
  });
  return html`<svg class="chart ${className}" viewBox="0 0 ${width} ${HEIGHT}" role="img" aria-label="${label}">
    <path class="axis" d="M0 ${BASE}.5H${width}" />
    ${columns}
  </svg>`;
}

function round(units: number): number {
  return Math.round(units * 10) / 10;
}
