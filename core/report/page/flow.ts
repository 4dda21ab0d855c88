import type { PlaceKind, Report, ReportedPlace } from "../model.js";
import { countsText, placeStatus, shortPlace, verdictText, visible } from "../text.js";
import { html, type Markup } from "./markup.js";
import { type Mood, moodOf } from "./marks.js";

/** Where things stand in the picture, in its own units; one is a pixel where there is room. */
interface Layout {
  readonly className: string;
  readonly width: number;
  /** The boxes of git and of the program. */
  readonly git: Box;
  readonly program: Box;
  /** Of the line that all places hang on, and of their rows. */
  readonly trunk: number;
  readonly rows: { readonly x: number; readonly y: number };
  /** How much of a place's name fits, and where its counts stand. */
  readonly name: number;
  readonly counts: number | undefined;
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const ROW = 26;
const GROUP = 30;
/** Of one kind; the others are counted in a line. */
const MOST_ROWS = 8;

const GROUPS: readonly { readonly kind: PlaceKind; readonly title: string; readonly how: string }[] = [
  { kind: "github", title: "GitHub", how: "each secret in the repository’s sealed box" },
  { kind: "hosts", title: "Hosts", how: ".env files: encrypted with age for the host, signed" },
  { kind: "cloudflare", title: "Cloudflare", how: "the gateway; its zone credential past the engine" },
  { kind: "vercel", title: "Vercel", how: "verified, never written: nothing is stored" },
];

/** The flow as a picture: git, what the program does, every place as it stands. Two drawings: for wide screens and narrow ones. */
export function flowPicture(report: Report): Markup {
  return html`${draw(report, WIDE)}${draw(report, NARROW)}`;
}

const WIDE: Layout = {
  className: "wide",
  width: 1120,
  git: { x: 1, y: 12, width: 204, height: 96 },
  program: { x: 253, y: 12, width: 216, height: 96 },
  trunk: 497,
  rows: { x: 530, y: 4 },
  name: 34,
  counts: 352,
};

const NARROW: Layout = {
  className: "narrow",
  width: 344,
  git: { x: 1, y: 1, width: 342, height: 76 },
  program: { x: 1, y: 101, width: 342, height: 76 },
  trunk: 12,
  rows: { x: 34, y: 188 },
  name: 24,
  counts: undefined,
};

interface Line {
  readonly y: number;
  readonly text: Markup;
  readonly mood: Mood;
  readonly isWritten: boolean;
}

function draw(report: Report, layout: Layout): Markup {
  const lines: Line[] = [];
  const titles: Markup[] = [];
  let y = layout.rows.y;
  for (const { kind, title, how } of GROUPS) {
    const places = report.places.filter((place) => place.kind === kind);
    if (places.length > 0) {
      titles.push(groupTitle(title, how, layout, y + 14));
      y += GROUP;
      for (const row of rowsOf(places)) {
        lines.push({ ...row, y: y + 6, text: rowText(row, layout, y + 10) });
        y += ROW;
      }
      y += 6;
    }
  }
  const height = Math.max(y, layout.program.y + layout.program.height + 12);
  const label = `Flow: git, then compared and sealed by p24, then ${String(report.places.length)} places. ${verdictText(report)}`;
  return html`<svg
    class="flow ${layout.className}"
    viewBox="0 0 ${layout.width} ${height}"
    role="img"
    aria-label="${label}"
  >
    ${trunkLine(lines, layout)}${lines.map((line) => branch(line, layout))}${arrow(layout)}
    ${box(layout.git, "git", gitLines(report))}
    ${box(layout.program, "p24", ["compares places with git,", "seals each value for its place,", "Pulumi writes what differs"])}
    ${titles}${lines.map(({ text }) => text)}
  </svg>`;
}

function gitLines({ secrets, head }: Report): string[] {
  const sources = new Set(secrets.map(({ source }) => source));
  return [
    `${String(secrets.length)} secrets in ${String(sources.size)} ${sources.size === 1 ? "source" : "sources"}`,
    "sealed with sops and age",
    head === undefined ? "no commit yet" : `commit ${head.slice(0, 12)}`,
  ];
}

function box({ x, y, width, height }: Box, title: string, lines: readonly string[]): Markup {
  const first = y + height / 2 - 8 * lines.length + 2;
  return html`<g class="box">
    <rect x="${x}" y="${y}" width="${width}" height="${height}" rx="6" />
    <text class="title" x="${x + 14}" y="${first}">${title}</text>
    ${lines.map((line, at) => html`<text x="${x + 14}" y="${first + 19 + at * 17}">${line}</text>`)}
  </g>`;
}

/** From git to the program: to the right, or downwards. */
function arrow({ git, program }: Layout): Markup {
  const isWide = program.x > git.x;
  const y = git.y + git.height / 2;
  const x = git.x + 24;
  const path = isWide
    ? `M${String(git.x + git.width)} ${String(y)}H${String(program.x - 7)}`
    : `M${String(x)} ${String(git.y + git.height)}V${String(program.y - 7)}`;
  const tip = isWide
    ? `M${String(program.x - 9)} ${String(y - 5)}l8 5-8 5z`
    : `M${String(x - 5)} ${String(program.y - 9)}l5 8 5-8z`;
  return html`<path class="line calm" d="${path}" /><path class="tip" d="${tip}" />`;
}

/** From the program to the line that all places hang on. */
function trunkLine(lines: readonly Line[], { program, trunk }: Layout): Markup | undefined {
  const isWide = trunk > program.x + program.width;
  const from = isWide ? program.y + program.height / 2 : program.y + program.height;
  const ys = [from, ...lines.map(({ y }) => y)];
  const [top, bottom] = [Math.min(...ys), Math.max(...ys) - TURN];
  const start = isWide ? `M${String(program.x + program.width)} ${String(from)}H${String(trunk)}` : "";
  const path = `${start}M${String(trunk)} ${String(top < from ? top + TURN : top)}V${String(bottom)}`;
  return lines.length === 0 ? undefined : html`<path class="line calm" d="${path}" />`;
}

const TURN = 7;

/** From the trunk to one row. */
function branch({ y, mood, isWritten }: Line, { program, trunk, rows, git }: Layout): Markup {
  const isAbove = program.x > git.x && y < program.y + program.height / 2;
  const turn = isAbove ? TURN : -TURN;
  const path = `M${String(trunk)} ${String(y + turn)}q0 ${String(-turn)} ${String(TURN)} ${String(-turn)}H${String(rows.x - 6)}`;
  return html`<path class="line ${mood}${isWritten ? "" : " dashed"}" d="${path}" />`;
}

interface Row {
  readonly name: string;
  readonly status: string;
  readonly counts: string;
  readonly mood: Mood;
  readonly isWritten: boolean;
}

/** What is not equal to git first; what does not fit is counted. */
function rowsOf(places: readonly ReportedPlace[]): Row[] {
  const sorted = [...places].sort((a, b) => Number(a.isConverged) - Number(b.isConverged));
  const shown = sorted.length > MOST_ROWS ? sorted.slice(0, MOST_ROWS - 1) : sorted;
  const rest = sorted.slice(shown.length);
  const open = rest.filter(({ isConverged }) => !isConverged).length;
  const more: Row = {
    name: `and ${String(rest.length)} more`,
    status: open === 0 ? "equal to git" : `${String(open)} not equal to git`,
    counts: "",
    mood: open === 0 ? "good" : "bad",
    isWritten: true,
  };
  return [...shown.map(rowOf), ...(rest.length === 0 ? [] : [more])];
}

function rowOf(place: ReportedPlace): Row {
  const prefix = place.place.split(":")[0] ?? "";
  return {
    name: ["github", "host", "cloudflare", "vercel"].includes(prefix) ? shortPlace(place.place) : place.place,
    status: place.status === place.confidence ? place.status : `${placeStatus(place)} (${place.confidence})`,
    counts: countsText(place),
    mood: place.faults.length > 0 ? "bad" : moodOf(place.status),
    isWritten: ["github", "host", "cloudflare"].includes(prefix),
  };
}

function rowText({ name, status, counts, mood }: Row, { rows, name: fits, counts: at }: Layout, y: number): Markup {
  const text = cut(name, fits);
  const left = rows.x + 22;
  return html`<g class="row">
    <svg class="mark ${mood}" x="${rows.x}" y="${y - 11}" width="14" height="14" viewBox="0 0 12 12">
      <use href="#${mood}" />
    </svg>
    <text x="${left}" y="${y}"
      ><tspan class="name">${text}</tspan
      ><tspan class="${mood}" dx="10">${at === undefined ? status.replace(/ \(.*/, "") : status}</tspan></text
    >
    ${at === undefined ? undefined : html`<text class="counts" x="${rows.x + at}" y="${y}">${cut(counts, 33)}</text>`}
  </g>`;
}

function cut(text: string, fits: number): string {
  const shown = visible(text);
  return shown.length > fits ? `${shown.slice(0, fits - 1)}…` : shown;
}

function groupTitle(title: string, how: string, { rows, className }: Layout, y: number): Markup {
  const about = className === "wide" ? html`<tspan class="how" dx="10">${how}</tspan>` : undefined;
  return html`<text class="title" x="${rows.x}" y="${y}">${title}${about}</text>`;
}
