import type { At, Row, Sheet } from "./sheet.js";

/** An audit: the sheet, and how far it reaches. */
export interface Audit extends Sheet {
  /** ISO 8601 in UTC. */
  readonly at: string;
  readonly stack: string;
  /** What was read: `monitoring/.env (12 variables)`. */
  readonly read: readonly string[];
  /** What was not, and why; with the repair. */
  readonly unread: readonly string[];
  /** Which key the comparison of values was made with. */
  readonly compared: string;
}

/** The sheet as Markdown. */
export function renderAudit(audit: Audit): string {
  const { rows, plain, sameValue, differing, orphans, unused, missing } = audit;
  const count = (number: number, what: string) => `${String(number)} ${what}`;
  return [
    "# Inventory of secrets",
    "",
    [
      count(rows.length, "secrets"),
      count(sameValue.length, "values under several names"),
      count(differing.length, "names with several values"),
      count(orphans.length, "orphans"),
      count(unused.length, "unused"),
      `${count(missing.length, "missing")}.`,
    ].join(", "),
    "",
    `Of the stack ${audit.stack}, at ${audit.at}. Names and places only. ${audit.compared}`,
    "",
    ...section("Read", list(audit.read)),
    ...section("Not read", list(audit.unread)),
    ...section("Secrets", tableOf(rows)),
    ...section("One value under several names", list(sameValue.map((group) => group.map(said).join(" = ")))),
    ...section(
      "One name with several values",
      list(
        differing.map(({ name, groups }) => `${code(name)}: ${groups.map((group) => group.join(", ")).join(" / ")}`),
      ),
    ),
    ...section("Orphans: at a place, and in no source", list(orphans.map(said))),
    ...section("Unused: at a place, and nothing that was read uses it", list(unused.map(said))),
    ...section("Missing: needed, and not there", list(missing.map((one) => `${said(one)}: needed by ${one.neededBy}`))),
    ...section(
      "No secret, as far as settings, name and value tell",
      list(plain.map(({ name, places }) => `${code(name)}: ${places.join(", ")}`)),
    ),
  ]
    .join("\n")
    .trimEnd();
}

function section(title: string, body: readonly string[]): string[] {
  return [`## ${title}`, "", ...(body.length === 0 ? ["None."] : body), ""];
}

function list(lines: readonly string[]): string[] {
  return lines.map((line) => `- ${line}`);
}

function said({ name, place }: At): string {
  return `${code(name)} at ${place}`;
}

function code(name: string): string {
  return `\`${name}\``;
}

function tableOf(rows: readonly Row[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return rows.length === 0
    ? []
    : [
        line(["secret", "present locations", "tier", "source"]),
        line(["---", "---", "---", "---"]),
        ...rows.map(({ name, tier, by, places, source, isProposal }) =>
          line([
            code(name),
            places.length === 0 ? "none that was read" : places.join("; "),
            `${String(tier)} (${by === "name" ? "proposed" : by})`,
            source === undefined ? "none: it does not belong into sops" : isProposal ? `to make: ${source}` : source,
          ]),
        ),
      ];
}
