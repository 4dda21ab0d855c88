import { isConverged, type PlaceReport } from "../compare/report.js";
import { renderReport } from "../compare/render.js";
import { type Fault, renderFault } from "../fault.js";
import { summaryOf } from "./alerts.js";
import { type Incident, writeIncident } from "./incident.js";
import { type Links, plain, runbookLink } from "./message.js";

/** The names that spec 03 gives to the jobs of the sync. Other places are verified, not synced, and go by their own. */
function jobOf(place: string): string {
  const host = /^host:(.+)$/.exec(place)?.[1];
  return host !== undefined ? `sync-${host}` : place.startsWith("github:") ? "sync-github-secrets" : place;
}

interface Row {
  readonly job: string;
  readonly reports: readonly PlaceReport[];
}

/** One row a job: all repositories are one. Hosts first, as they are written first. */
function rowsOf(reports: readonly PlaceReport[]): Row[] {
  const jobs = [...new Set(reports.map(({ place }) => jobOf(place)))];
  const rank = (job: string) => `${String(job === "sync-github-secrets" ? 1 : job.startsWith("sync-") ? 0 : 2)} ${job}`;
  return jobs
    .sort((a, b) => (rank(a) < rank(b) ? -1 : 1))
    .map((job) => ({ job, reports: reports.filter(({ place }) => jobOf(place) === job) }));
}

/** The comparison as a table of Markdown. */
export function placeTable(reports: readonly PlaceReport[]): string {
  const rows = rowsOf(reports).map(({ job, reports: own }) => {
    const open = own.filter((report) => !isConverged(report));
    const state = open.length === 0 ? "✅ in sync" : `❌ ${open[0]?.status ?? ""}`;
    const known = [...new Set(own.map(({ confidence }) => confidence))].join(", ");
    const counts = own.reduce((sum, report) => sum + (report.counts["in sync"] ?? 0), 0);
    const about = own.length > 1 ? open.map((report) => `${report.place}: ${summaryOf(report)}`) : open.map(summaryOf);
    return `| ${job} | ${state} | ${known} | ${String(counts)} | ${plain(about.join("; "))} |`;
  });
  return ["| job | state | known as | in sync | open |", "| --- | --- | --- | --- | --- |", ...rows].join("\n");
}

/** What a run of the sync is told about in its comment. */
export interface SyncFacts {
  readonly reports: readonly PlaceReport[];
  /** What kept the places from being compared. */
  readonly faults: readonly Fault[];
  /** Secrets whose rows of the rotation log were closed, with the time. */
  readonly confirmed: readonly { readonly secret: string; readonly confirmed: string }[];
  /** Seconds from the commit to this look. */
  readonly seconds: number;
  /** When the places were looked at: ISO 8601 in UTC. */
  readonly at: string;
  readonly links: Links;
}

export const SYNC_MARK = "<!-- p24:sync -->";
export const PREVIEW_MARK = "<!-- p24:preview -->";

/** The comment at the commit: rotations with their times, a row a place, how long it took. No value, no fingerprint. */
export function syncComment({ reports, faults, confirmed, seconds, at, links }: SyncFacts): string {
  const open = reports.filter((report) => !isConverged(report)).map(({ place }) => place);
  const isOk = faults.length === 0 && open.length === 0;
  const title = isOk
    ? "Secrets are in sync"
    : `Secrets are NOT in sync: ${faults.length > 0 ? "git" : open.join(", ")}`;
  const rotated = confirmed.map((row) => `- \`${row.secret}\` in sync everywhere: ${row.confirmed}`);
  return [
    `### ${title}`,
    "",
    ...(rotated.length === 0 ? [] : ["Rotated and confirmed:", "", ...rotated, ""]),
    ...(faults.length === 0 ? [placeTable(reports)] : faults.map((fault) => `- ${plain(renderFault(fault))}`)),
    "",
    `Looked at ${at}, ${String(seconds)} s after the commit.${runLink(links)}`,
  ].join("\n");
}

/** The comment below a pull request: what merging it would change, as `preview` prints it. */
export function previewComment(
  reports: readonly PlaceReport[],
  faults: readonly Fault[],
  notes: readonly string[],
  commit: string,
  links: Links,
): string {
  const isOk = faults.length === 0;
  return [
    isOk ? "### What merging this would change" : "### This cannot be merged as it is",
    "",
    ...(isOk ? [placeTable(reports), "", "```text", fenced(renderReport(reports)), "```"] : []),
    ...faults.map((fault) => `- ${plain(renderFault(fault))}`),
    ...notes.map((note) => `- ${note}`),
    "",
    `Previewed: sources and settings of ${commit.slice(0, 12)} with the program of the base branch. ` +
      `Values are never shown; eight digits are the start of a keyed fingerprint.${runLink(links)}`,
  ].join("\n");
}

/** A text inside of a block of code must not end it. */
function fenced(text: string): string {
  return text.replaceAll("```", "'''");
}

function runLink({ run }: Links): string {
  return run === undefined ? "" : ` [Run](${run})`;
}

/** Marks the issue for people; what finds it is its text. */
export const INCIDENT_LABELS = ["secrets"] as const;

/** The one issue about everything that is open: its title and its text, which holds the incident. */
export function incidentIssue(incident: Incident, links: Links): { title: string; body: string } {
  const places = [...new Set(incident.alerts.map(({ place }) => place))];
  const names = [...new Set(incident.alerts.map(({ name }) => name))];
  const rows = incident.alerts.map(
    ({ name, place, what, since }) =>
      `| [${name}](${runbookLink(name, links)}) | ${plain(place)} | ${plain(what)} | ${since} |`,
  );
  const body = [
    "Something has to be looked at. This text is kept up by the workflows secrets-sync and secrets-drift, and the issue is " +
      "closed by them when all is well again. The runbook behind each alert says how to find the cause.",
    "",
    "| alert | about | what | since |",
    "| --- | --- | --- | --- |",
    ...rows,
    "",
    `The channel was told ${incident.told ?? "nothing yet"}.${runLink(links)}`,
    "",
    writeIncident(incident),
  ].join("\n");
  const about =
    places.length > 3 ? `${places.slice(0, 3).join(", ")} and ${String(places.length - 3)} more` : places.join(", ");
  return { title: `${names.join(", ")}: ${about}`.slice(0, 250), body };
}
