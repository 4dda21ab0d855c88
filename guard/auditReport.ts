import type { Audit } from "./audit.js";
import { type Finding, shownPath } from "./finding.mjs";

/** References are named up to here; the others are counted. */
const MOST_REFERENCES = 20;

/** The audit as a Markdown document that a person can check and sign. It holds no value. */
export function renderAudit(audit: Audit): string {
  const { findings, allowed, checks, head, references, tools, unused, at } = audit;
  const open = checks.filter(({ state }) => state !== "made");
  return [
    "# Audit of the history",
    "",
    verdict(findings.length, allowed.length, open.length),
    "",
    ...table(
      ["", ""],
      [
        ["When", at],
        ["Checked out", `\`${head}\``],
        ["References", nameSome(references)],
        ["With", tools.join(", ")],
        [
          "Question",
          "Spec 03, acceptance: no file matching `*token*`, `*key*`, `*password*` except `secrets/*.sops.yaml`, and no value in clear, in any commit",
        ],
      ],
    ),
    "",
    "## What was looked at",
    "",
    ...table(
      ["Check", "", "What"],
      checks.map(({ name, state, says }) => [name, state, says]),
    ),
    "",
    "## Findings",
    "",
    ...(findings.length === 0
      ? ["None."]
      : table(
          COLUMNS,
          findings.map((finding) => [...cells(finding), finding.repair]),
        )),
    "",
    "## Allowed",
    "",
    ...(allowed.length === 0
      ? ["Nothing."]
      : [
          "Looked at before, and found harmless or repaired (guard/allow.txt):",
          "",
          ...table(
            [...COLUMNS.slice(0, -1), "Reason"],
            allowed.map((finding) => [...cells(finding), finding.reason]),
          ),
        ]),
    ...(unused.length === 0
      ? []
      : ["", `Lines of the list that nothing was found for: ${unused.map(({ line }) => String(line)).join(", ")}.`]),
    "",
    "## Signature",
    "",
    "I have read the findings and the reasons above, and what was found is repaired or harmless.",
    "",
    ...table(["Name", "Date", "Signature"], [["", "", ""]]),
    "",
  ].join("\n");
}

const COLUMNS = ["Where", "Rule", "What", "Content", "Commit", "Repair"];

function cells({ path, line, rule, name, what, blob, commit }: Finding): string[] {
  const where = line === undefined ? shownPath(path) : `${shownPath(path)}:${String(line)}`;
  const shown = name === undefined ? what : `${name} ${what}`;
  return [where, rule, shown, `\`${blob.slice(0, 12)}\``, commit === undefined ? "" : `\`${commit.slice(0, 12)}\``];
}

function verdict(findings: number, allowed: number, open: number): string {
  const repaired = allowed === 0 ? "" : ` (${String(allowed)} allowed with their reasons)`;
  const unsure = open === 0 ? "" : ` ${String(open)} of the checks could not be made: see below.`;
  return findings === 0
    ? `**Passed.** Nothing was found${repaired}.${unsure}`
    : `**Not passed.** ${String(findings)} findings${repaired}.${unsure}`;
}

function nameSome(references: readonly string[]): string {
  const shown = references.slice(0, MOST_REFERENCES).join(", ");
  const more = references.length - MOST_REFERENCES;
  return more > 0 ? `${shown} and ${String(more)} more` : shown;
}

function table(headings: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cellsOf: readonly string[]) => `| ${cellsOf.map(escape).join(" | ")} |`;
  return [line(headings), `| ${headings.map(() => "---").join(" | ")} |`, ...rows.map(line)];
}

/** A cell on one line; what people and file names hold is text, not Markdown. */
function escape(cell: string): string {
  return cell.replace(/[\r\n]+/g, " ").replace(/[|<]/g, (sign) => (sign === "|" ? "\\|" : "&lt;"));
}
