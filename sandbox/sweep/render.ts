import type { Finding } from "./verdict.js";
import type { SweepReport } from "./sweep.js";

/** The report for people: leaks, what was searched, which exceptions were needed. Names only. */
export function renderSweep(report: SweepReport): string {
  const { leaks, secrets, patterns, bytes, watched, seconds } = report;
  return [
    ...leaks.map((leak) => `LEAK  ${renderFinding(leak)}`),
    ...report.gaps.map((gap) => `LEFT OUT  ${gap}`),
    "Searched:",
    ...[...report.searched].map(
      ([place, { samples, bytes: size }]) => `  ${place.padEnd(16)} ${count(samples)} ${mebibytes(size)}`,
    ),
    `  ${secrets.length} secrets, ${patterns} patterns, ${mebibytes(bytes).trim()} with unwrapped, unpacked and opened views`,
    `  ${watched.started} processes seen in ${watched.rounds} looks at /proc`,
    "Where values belong (exceptions; how often one was found there):",
    ...report.allowances.map((one) => `  ${count(report.allowed.get(one) ?? 0)}  ${one.place}: ${one.reason}`),
    `${seconds.run.toFixed(1)} s to run the story and the failure paths, ${seconds.search.toFixed(1)} s to search.`,
    leaks.length === 0 ? "No value was found where it does not belong." : `${leaks.length} leaks.`,
  ].join("\n");
}

/** `environment: sops, SMTP_PASSWORD: holds shared/smtp_password (base64 (offset 1))` */
export function renderFinding({ place, where, secret, form }: Finding): string {
  return `${place}: ${where}: holds ${secret} (${form})`;
}

function count(number: number): string {
  return String(number).padStart(7);
}

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1).padStart(8)} MiB`;
}
