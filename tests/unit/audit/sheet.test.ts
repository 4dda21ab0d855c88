/** Proves the sheet: tiers, equal values, orphans, unused and missing names, from places made by hand. */
import assert from "node:assert/strict";

import { type Audit, renderAudit } from "../../../core/audit/render.js";
import { makeSheet, type Read, type Sheet, speaksOfSecret, type Standing } from "../../../core/audit/sheet.js";
import { parseWholeInventory } from "../../../core/model/inventory.js";
import { samplePrint } from "../../support/secrets.js";

const { secrets: inventory, outside } = parseWholeInventory(`secrets:
  smtp_password: { tier: 3 }
  relay: { as: RELAY_PASSWORD, tier: 1 }
outside:
  VERCEL_TOKEN: { tier: 1, purpose: p, replaced_by: r, verify: v }
`);
const SHARED = "secrets/shared.sops.yaml";
const GITHUB = "github:o/r";
const stands = (
  kind: Standing["kind"],
  name: string,
  place: string,
  value?: string,
  more: Partial<Standing> = {},
): Standing => ({
  name,
  place,
  kind,
  ...(value === undefined ? {} : { print: samplePrint(value), isCommon: false }),
  ...more,
});
const source = (name: string, value?: string, path = SHARED) =>
  stands("source", name, path, value, { key: name.toLowerCase() });
const file = (name: string, value?: string, place = "monitoring/.env") => stands("file", name, place, value);

const BASE: Read = { standings: [], uses: [], usersKnownOf: new Set(), wanted: [], inventory, outside };
const use = (name: string, from: readonly string[], isOptional = false) => ({
  name,
  at: "deploy.yml:3",
  from,
  isOptional,
});

/** What is not empty of a sheet, rows in short. */
function short({ rows, plain, ...lists }: Sheet) {
  const filled = Object.entries(lists).filter(([, list]) => (list as unknown[]).length > 0);
  return {
    rows: rows.map(
      ({ name, tier, by, source: from, isProposal }) =>
        `${name} ${String(tier)} ${by}${from === undefined ? "" : ` ${isProposal ? "to make: " : ""}${from}`}`,
    ),
    ...(plain.length === 0 ? {} : { plain: plain.map(({ name }) => name) }),
    ...Object.fromEntries(filled),
  };
}

describe("the sheet of an inventory", () => {
  const cases: readonly [string, Partial<Read>, object][] = [
    ["nothing", {}, { rows: [] }],
    [
      "a secret with its source, and the tier of inventory.yaml, or 3",
      {
        standings: [
          source("SMTP_PASSWORD", "1"),
          file("SMTP_PASSWORD", "1"),
          source("OTHER", "2"),
          stands("source", "RELAY_PASSWORD", SHARED, "3", { key: "relay" }),
        ],
      },
      {
        rows: [
          `OTHER 3 source ${SHARED}`,
          `RELAY_PASSWORD 1 inventory ${SHARED}`,
          `SMTP_PASSWORD 3 inventory ${SHARED}`,
        ],
      },
    ],
    [
      "roots of trust and what is outside of the sources have none, and are no orphans",
      {
        standings: [
          source("A", "1"),
          stands("github", "AGE_KEY_GHA", GITHUB),
          stands("github", "VERCEL_TOKEN", GITHUB),
        ],
      },
      { rows: ["A 3 source secrets/shared.sops.yaml", "AGE_KEY_GHA 2 root of trust", "VERCEL_TOKEN 1 inventory"] },
    ],
    [
      "the first day: no source, so nothing is an orphan; a source is proposed by where it stands",
      {
        standings: [
          file("API_TOKEN", "1"),
          file("DB_PASSWORD", "2"),
          file("DB_PASSWORD", "2", "hostinger/.env"),
          stands("github", "NPM", GITHUB),
        ],
      },
      {
        rows: [
          "API_TOKEN 3 name to make: the source of the host of monitoring",
          "DB_PASSWORD 3 name to make: shared",
          "NPM 3 name to make: github-actions",
        ],
      },
    ],
    [
      "one value under two names",
      { standings: [source("A", "1"), source("B", "1"), file("C", "2")] },
      {
        rows: [
          `A 3 source ${SHARED}`,
          `B 3 source ${SHARED}`,
          "C 3 name to make: the source of the host of monitoring",
        ],
        sameValue: [
          [
            { name: "A", place: SHARED },
            { name: "B", place: SHARED },
          ],
        ],
        orphans: [{ name: "C", place: "monitoring/.env" }],
      },
    ],
    [
      "common values of what is no secret are not told as equal, and make no row of a secret",
      {
        standings: [
          { ...file("PORT", "1"), isCommon: true },
          { ...file("OTHER_PORT", "1"), isCommon: true },
        ],
      },
      { rows: [], plain: ["OTHER_PORT", "PORT"] },
    ],
    [
      "short ones of secrets are",
      {
        standings: [
          { ...file("A_PASSWORD", "1"), isCommon: true },
          { ...file("B_PASSWORD", "1"), isCommon: true },
        ],
      },
      {
        rows: ["A_PASSWORD", "B_PASSWORD"].map(
          (name) => `${name} 3 name to make: the source of the host of monitoring`,
        ),
        sameValue: [["A_PASSWORD", "B_PASSWORD"].map((name) => ({ name, place: "monitoring/.env" }))],
      },
    ],
    [
      "one name with several values, one of which no source has",
      { standings: [source("A", "1"), file("A", "2"), file("A", "1", "hostinger/.env")] },
      {
        rows: [`A 3 source ${SHARED}`],
        differing: [{ name: "A", groups: [[SHARED, "hostinger/.env"], ["monitoring/.env"]] }],
      },
    ],
    [
      "two hosts' own secrets of one name are none",
      {
        standings: [
          source("A", "1", "secrets/vps-i1.sops.yaml"),
          source("A", "2", "secrets/vps-h1.sops.yaml"),
          file("A", "1"),
        ],
      },
      { rows: ["A 3 source secrets/vps-i1.sops.yaml, secrets/vps-h1.sops.yaml"] },
    ],
    [
      "plain variables of the settings",
      { standings: [stands("plain", "TZ", "Pulumi.prod.yaml (vps-i1)"), file("TZ", "1")] },
      { rows: [], plain: ["TZ"] },
    ],
    [
      "unused, where the users are known",
      {
        standings: [stands("github", "A", GITHUB), stands("github", "B", GITHUB), stands("github", "C", "github:o/x")],
        uses: [use("A", [GITHUB])],
        usersKnownOf: new Set([GITHUB]),
      },
      {
        rows: ["A", "B", "C"].map((name) => `${name} 3 name to make: github-actions`),
        unused: [{ name: "B", place: GITHUB }],
      },
    ],
    [
      "missing: needed by somebody, or wanted by git; what has a default, or unknown places, is not",
      {
        standings: [stands("github", "A", `${GITHUB} (organization)`)],
        uses: [
          use("A", [GITHUB, `${GITHUB} (organization)`]),
          use("B", [GITHUB]),
          use("C", [GITHUB], true),
          use("D", []),
        ],
        wanted: [{ name: "E", place: GITHUB }],
      },
      {
        rows: ["A 3 name to make: github-actions"],
        missing: [
          { name: "B", place: GITHUB, neededBy: "deploy.yml:3" },
          { name: "E", place: GITHUB, neededBy: "git" },
        ],
      },
    ],
  ];
  for (const [title, read, expected] of cases) {
    it(title, () => {
      assert.deepEqual(short(makeSheet({ ...BASE, ...read })), expected);
    });
  }

  const names: readonly [boolean, string[]][] = [
    [
      true,
      [
        "SMTP_PASSWORD",
        "GH_PAT",
        "SENTRY_DSN",
        "API_KEY",
        "STRIPE_SECRET",
        "DBPASSWORD",
        "DISCORD_WEBHOOK",
        "npm_token",
      ],
    ],
    [
      false,
      ["TZ", "PORT", "PUBLIC_KEY_ID", "SECRET_NAME", "KEYCLOAK_HOST", "PATTERN", "TOKEN_TTL", "WEBHOOK_URL_FILE"],
    ],
  ];
  for (const [expected, list] of names) {
    it(`${list.join(", ")} ${expected ? "speak" : "do not speak"} of a secret`, () => {
      assert.deepEqual(
        list.map(speaksOfSecret),
        list.map(() => expected),
      );
    });
  }

  it("is Markdown", () => {
    const facts: Omit<Audit, keyof Sheet> = {
      at: "2026-11-26T00:00:00Z",
      stack: "prod",
      read: ["x"],
      unread: [],
      compared: "C.",
    };
    const text = renderAudit({
      ...facts,
      ...makeSheet({ ...BASE, standings: [source("A", "1"), file("A", "1", "a|b/.env")] }),
    });
    assert.match(text, /^# Inventory of secrets\n\n1 secrets, 0 values under several names, .*, 0 missing\.\n/);
    assert.ok(text.includes("\n| `A` | a\\|b/.env | 3 (source) | secrets/shared.sops.yaml |\n"), text);
    assert.match(text, /\n## Not read\n\nNone\.\n/);
  });
});
