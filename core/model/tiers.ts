import type { InventoryEntry, OutsideEntry, WholeInventory } from "./inventory.js";
import { variableName } from "./names.js";

const HEAD = `# Tiers

<!-- Made from inventory.yaml by \`npm run docs:tiers\`. Change it there. -->

Every secret that spec 03 names, and every one that has an entry in \`inventory.yaml\`: how high up it is, what took its place,
and how to see that this is so. A key of \`secrets/*.sops.yaml\` without an entry has tier 3.
`;

const TIERS: readonly { readonly tier: 1 | 2 | 3; readonly title: string; readonly about: string }[] = [
  { tier: 1, title: "Tier 1: nothing is stored", about: "A job proves who it is, and gets what it needs for minutes." },
  {
    tier: 2,
    title: "Tier 2: it renews itself",
    about: "A person acts when an account is compromised, or its subscription changes.",
  },
  {
    tier: 3,
    title: "Tier 3: static, in sops, in one place",
    about:
      "Rotated by one `sops edit` and one commit. `npm run p24 -- status` shows each as in sync, with how much it can know, " +
      "at every place that it goes to.",
  },
];

/** What a tier is called: `static, in sops, in one place`. */
export function tierTitle(tier: 1 | 2 | 3): string {
  return (TIERS.find((one) => one.tier === tier)?.title ?? "").replace(/^Tier \d: /, "");
}

/** docs/tiers.md, as Markdown that is still to be formatted. */
export function renderTiers({ secrets, outside }: WholeInventory): string {
  const sections = TIERS.map(({ tier, title, about }) => {
    const rows = [
      ...[...outside].filter(([, entry]) => entry.tier === tier).map(([name, entry]) => outsideRow(name, entry)),
      ...[...secrets].filter(([, entry]) => entry.tier === tier).map(([key, entry]) => secretRow(key, entry)),
    ];
    const table = rows.length === 0 ? "None." : tableOf(rows);
    return `## ${title}\n\n${about}\n\n${table}\n`;
  });
  return [HEAD, ...sections].join("\n");
}

type Row = readonly [secret: string, replacedBy: string, verify: string, decision: string];

function outsideRow(name: string, { purpose, replaced_by, verify, decision }: OutsideEntry): Row {
  const title = /^[A-Z0-9_]+$/.test(name) ? `\`${name}\`` : name;
  return [`${title}: ${purpose}`, replaced_by, verify, linkTo(decision)];
}

function secretRow(key: string, entry: InventoryEntry): Row {
  const { issuer, rotation_days, note, verify, decision } = entry;
  const name = entry.as ?? variableName(key) ?? key;
  const how =
    rotation_days === undefined ? "nothing; no interval" : `nothing; rotated every ${String(rotation_days)} days`;
  return [
    `\`${name}\`${issuer === undefined ? "" : `: ${issuer}`}`,
    note === undefined ? how : `${how}; ${note}`,
    verify ?? "`p24 status`",
    linkTo(decision),
  ];
}

function linkTo(decision: string | undefined): string {
  return decision === undefined ? "" : `[${decision.replace(/-.*/, "")}](decisions/${decision}.md)`;
}

function tableOf(rows: readonly Row[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [
    line(["secret", "what replaced it", "how to verify", "decision"]),
    line(["---", "---", "---", "---"]),
    ...rows.map(line),
  ].join("\n");
}
