/** Proves that docs/tiers.md is what inventory.yaml says, that it has every secret that spec 03 names, and what a row tells. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { tiersText } from "../../../cli/tiersDocument.js";
import { parseWholeInventory } from "../../../core/model/inventory.js";
import { renderTiers } from "../../../core/model/tiers.js";

const ROOT = join(__dirname, "../../..");
const read = (path: string) => readFileSync(join(ROOT, path), "utf8");

/** The tables of spec 03, and where they ended up: `docs/decisions` says why when it is another tier. */
const OF_THE_SPEC: readonly [string, 1 | 2 | 3][] = [
  ["`VERCEL_TOKEN`", 1],
  ["`CLOUDFLARE_TOKEN_ZINTEGROWANA`", 1],
  ["`WASABI_ACCESS_KEY_ID`", 3],
  ["`WASABI_SECRET_ACCESS_KEY`", 3],
  ["`SUPABASE_ACCESS_TOKEN`", 3],
  ["Claude Code OAuth", 2],
  ["`P24_INFRA_GH_TOKEN`", 2],
  ["`GH_PAT`", 2],
  ["`GH_TOKEN`", 2],
  ["n8n's credentials", 2],
  ["`VPS_SSH_PRIVATE_KEY`", 2],
  ["`VPS_ROOT_SSH_KEY`", 2],
  ["`N8N_ENCRYPTION_KEY`", 3],
  ["`SUPABASE_SERVICE_ROLE_KEY`", 3],
];

describe("docs/tiers.md", () => {
  it("is what `npm run docs:tiers` makes of inventory.yaml", async () => {
    assert.equal(read("docs/tiers.md").replaceAll("\r\n", "\n"), await tiersText());
  });

  const sections = read("docs/tiers.md").split(/^## Tier /m);
  for (const [secret, tier] of OF_THE_SPEC) {
    it(`has ${secret} of spec 03 in tier ${String(tier)}, and nowhere else`, () => {
      const found = sections.flatMap((text, index) => (text.includes(`\n| ${secret}: `) ? [index] : []));
      assert.deepEqual(found, [tier]);
    });
  }

  it("links to records that are there", () => {
    const links = [...read("docs/tiers.md").matchAll(/\((decisions\/[^)]+)\)/g)].map(([, path = ""]) => path);
    assert.ok(links.length > 3);
    assert.deepEqual(
      links.filter((path) => !existsSync(join(ROOT, "docs", path))),
      [],
    );
  });

  it("tells of a secret its variable, interval, note and check, and of an empty tier that it is", () => {
    const inventory = parseWholeInventory(`
secrets:
  grafana_admin_password: { as: GF_PASSWORD, issuer: ours, rotation_days: 30, note: a | b, verify: log in }
  smtp_user: {}
outside:
  OLD_TOKEN: { tier: 2, purpose: was for x, replaced_by: y, verify: z, decision: 0001-a }
  A login: { tier: 2, purpose: p, replaced_by: r, verify: v }
`);
    const rows = renderTiers(inventory)
      .split("\n")
      .filter((line) => /^(?:\| |None)/.test(line) && !line.startsWith("| ---") && !line.startsWith("| secret"));
    assert.deepEqual(rows, [
      "None.",
      "| `OLD_TOKEN`: was for x | y | z | [0001](decisions/0001-a.md) |",
      "| A login: p | r | v |  |",
      "| `GF_PASSWORD`: ours | nothing; rotated every 30 days; a \\| b | log in |  |",
      "| `SMTP_USER` | nothing; no interval | `p24 status` |  |",
    ]);
  });
});

describe("a decision record", () => {
  const records = [
    "0003-wasabi-stays-static",
    "0004-supabase-stays-static",
    "0005-push-protection-costs",
    "0006-github-app-is-verified",
    "0007-vercel-without-its-provider",
  ];
  for (const record of records) {
    it(`${record} has its parts: context, decision, evidence, when to look again`, () => {
      const headings = read(`docs/decisions/${record}.md`).match(/^## .*$/gm) ?? [];
      assert.deepEqual(
        headings.filter((line) => !line.startsWith("## What")),
        ["## Context", "## Decision", "## Evidence", "## When to look again"],
      );
    });
  }
});
