import type { Report, ReportedPlace, ReportedSecret } from "./model.js";
import {
  ageText,
  countsText,
  deviation,
  dueText,
  placeStatus,
  shortPlace,
  timeText,
  totalsOf,
  verdictText,
  visible,
} from "./text.js";

/** The report as Markdown that reads well as it is: on a terminal, in a job's summary, in an issue. */
export function renderMarkdown(report: Report): string {
  const { places, secrets, outside, rotations, warnings } = report;
  const totals = totalsOf(report);
  const title = `# Secrets of the stack ${plain(report.stack)}`;
  const numbers = [
    `${String(totals.secrets)} secrets`,
    `${String(totals.notInSync)} not in sync`,
    `${String(totals.overdue)} overdue`,
    `${String(totals.soon)} due soon`,
    `${String(totals.pending)} rotations not confirmed`,
    `${String(totals.toRotate)} to be rotated`,
  ];
  return [
    title,
    [verdictText(report), `${timeText(report.at)}: ${numbers.join(", ")}.`].map(plain).join("\n"),
    ...(warnings.length === 0 ? [] : [list(warnings)]),
    "## Places",
    table(
      ["place", "status", "known by", "tier 1", "tier 2", "tier 3", "names"],
      places.map((place) => [
        code(place.place),
        placeStatus(place),
        place.confidence,
        ...([1, 2, 3] as const).map((tier) => String(place.tiers[tier])),
        countsText(place),
      ]),
    ),
    ...places.flatMap(remarks),
    "## Secrets",
    table(
      ["secret", "tier", "source", "places", "status", "known by", "git", "age", "rotation"],
      secrets.map(secretCells),
    ),
    "## Not in git",
    table(
      ["credential", "tier", "in its place", "still at"],
      outside.map(({ name, tier, replacedBy, still }) => [
        plain(name),
        String(tier),
        plain(replacedBy),
        still.map(code).join(", "),
      ]),
    ),
    "## Rotations",
    table(
      ["date", "secret", "reason", "rotator", "confirmed"],
      rotations.map(({ date, secret, reason, rotator, state, confirmed, due }) => [
        plain(date),
        plain(secret),
        plain(reason),
        plain(rotator),
        plain(confirmed ?? (due === undefined ? state : `${state} by ${due}`)),
      ]),
    ),
  ].join("\n\n");
}

function secretCells(secret: ReportedSecret): string[] {
  const { name, tier, source, places, status, confidence, fingerprint, age } = secret;
  const off = places.filter((at) => at.status !== "in sync").map((at) => `${code(at.place)} ${plain(deviation(at))}`);
  return [
    code(name),
    String(tier),
    plain(source),
    places.length === 0 ? "p24 itself" : plain(places.map(({ place }) => shortPlace(place)).join(", ")),
    off.length === 0 ? (status ?? "") : off.join("; "),
    confidence ?? "",
    fingerprint ?? "",
    ageText(age),
    dueText(age),
  ];
}

function remarks({ place, others, notes, faults }: ReportedPlace): string[] {
  const lines = [
    ...others.map(({ name, status }) => `${code(name)} ${status}`),
    ...notes.map((note) => `note: ${plain(note)}`),
    ...faults.map((fault) => `to repair: ${plain(fault)}`),
  ];
  return lines.length === 0 ? [] : [`${code(place)}:\n\n${lines.map((line) => `- ${line}`).join("\n")}`];
}

function list(lines: readonly string[]): string {
  return lines.map((line) => `- warning: ${plain(line)}`).join("\n");
}

/** A table that is aligned for those who read the source. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) {
    return "None.";
  }
  const widths = head.map((title, at) => Math.max(3, title.length, ...rows.map((row) => (row[at] ?? "").length)));
  const line = (cells: readonly string[]) =>
    `| ${widths.map((width, at) => (cells[at] ?? "").padEnd(width)).join(" | ")} |`;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}

/** Text in which nothing is Markdown or HTML. Underscores inside of words are none, so names stay readable. */
function plain(text: string): string {
  return visible(text)
    .replace(/[\\`*[\]<>|~#&]/g, "\\$&")
    .replace(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, "\\_");
}

/** A name as code, or as plain text where a backtick or a bar would end it. */
function code(text: string): string {
  return /^[\w./:@ -]+$/.test(text) ? `\`${text}\`` : plain(text);
}
