/**
 * Reports made by hand: what a comparison of so many secrets could have said. Fingerprints are random, places are those of a
 * team, and everything that a report can hold occurs when there is room for it.
 */
import { randomBytes } from "node:crypto";

import {
  checkReport,
  type NameReport,
  placeReport,
  type PlaceReport,
  unreachableReport,
} from "../../core/compare/report.js";
import { type InventoryEntry, type OutsideEntry, parseWholeInventory } from "../../core/model/inventory.js";
import { buildReport, type ReportInput } from "../../core/report/build.js";
import type { Report } from "../../core/report/model.js";
import { ageOf, dayOf } from "../../core/rotation/due.js";
import type { Located } from "../../core/rotation/locate.js";
import { appendRows, confirmedAt, parseLog, PENDING, TO_ROTATE } from "../../core/rotation/log.mjs";
import type { Fingerprint } from "../../core/seal/fingerprint.js";

export const NOW = new Date("2026-11-26T08:15:00Z");
export const REPOSITORY = "github:radieu/p24-infra";
const MS_A_DAY = 86_400_000;

export const EMPTY_INPUT: ReportInput = {
  at: NOW,
  stack: "prod",
  seen: { reports: [], warnings: [], head: undefined, converged: undefined, placed: [] },
  prints: new Map(),
  inventory: { secrets: new Map(), outside: new Map() },
  keys: [],
  rows: [],
  ages: [],
};

/** What inventory.yaml says of one secret, with its defaults. */
export function entryOf(fields: Partial<InventoryEntry>): InventoryEntry {
  const { secrets } = parseWholeInventory(`secrets: { a: {} }`);
  return { ...(secrets.get("a") as InventoryEntry), ...fields };
}

export function outsideOf(fields: Partial<OutsideEntry> = {}): OutsideEntry {
  return { tier: 1, purpose: "deploys", replaced_by: "the integration", verify: "`p24 status`", ...fields };
}

export function located(key: string, source: string): Located {
  return { key, source, path: `secrets/${source}.sops.yaml`, row: key };
}

export function randomPrint(): Fingerprint {
  return randomBytes(32).toString("hex") as Fingerprint;
}

const WORDS = [
  "smtp",
  "wasabi",
  "supabase",
  "grafana",
  "n8n",
  "discord",
  "sentry",
  "redis",
  "loki",
  "waha",
  "trello",
  "npm",
];
const PARTS = [
  "webhook",
  "credential",
  "access_id",
  "signing_secret",
  "dsn",
  "api_secret",
  "basic_auth",
  "user",
  "passphrase",
];
const ISSUERS = ["SMTP provider", "Wasabi, scoped IAM user", "Supabase, project settings, API keys", "ours", undefined];

/** A team's report with `count` secrets: in order for the most part, with something of everything that can be wrong. */
export function teamInput(count: number, hosts: readonly string[] = ["vps-i1", "vps-h1"]): ReportInput {
  const sources = ["shared", "shared", "github-actions", "vps-i1", "vps-h1", "stack"];
  const keys = Array.from({ length: count }, (_, index) => {
    const word = WORDS[index % WORDS.length] ?? "";
    const part = PARTS[Math.floor(index / WORDS.length) % PARTS.length] ?? "";
    const more = index < WORDS.length * PARTS.length ? "" : `_${String(Math.floor(index / 108) + 1)}`;
    return located(`${word}_${part}${more}`, sources[index % sources.length] ?? "");
  });
  const placed = keys
    .filter(({ source }) => source !== "stack")
    .map(({ key, source, path }) => ({
      key,
      name: key.toUpperCase(),
      path,
      places: source === "shared" ? hosts : source === "github-actions" ? ["github"] : [source],
    }));
  const at = (place: string) => placed.filter(({ places }) => places.includes(place)).map(({ name }) => name);
  const prints = new Map(
    ["github", ...hosts].map((place) => [place, new Map(at(place).map((name) => [name, randomPrint()]))]),
  );
  const off = (place: string, ...names: readonly Partial<NameReport>[]): NameReport[] =>
    names.flatMap((fields, index) => {
      const name = at(place)[index * 3];
      const git = prints.get(place)?.get(name ?? "");
      return name === undefined || git === undefined ? [] : [{ name, status: "differs", git, ...fields }];
    });
  const place = (name: string, wanted: string, names: readonly NameReport[], notes: readonly string[] = []) =>
    placeReport(
      name,
      wanted === "github" ? "recorded" : "verified",
      at(wanted).length - names.filter(({ status }) => status !== "foreign").length,
      names,
      [],
      notes,
    );
  const github = off("github", { there: randomPrint() }, { status: "missing" });
  const i1 = off("vps-i1", { there: randomPrint() }, { status: "stale process", services: ["mailer", "alertmanager"] });
  const reports: PlaceReport[] = [
    place(REPOSITORY, "github", [...github, { name: "SOMEBODYS_EXPERIMENT", status: "foreign" }]),
    place("github:radieu/et-operational-platform", "github", [{ name: "GH_PAT", status: "foreign" }]),
    checkReport("githubApp:p24-infra-bot", "verified", 9, []),
    checkReport("roots:radieu/p24-infra", "present", 5, []),
    ...hosts.map((host) =>
      host === "vps-i1"
        ? place(`host:${host}`, host, i1, ["service loki is restarting"])
        : place(`host:${host}`, host, []),
    ),
    unreachableReport("host:vps-x9", 12, {
      where: "host vps-x9",
      what: "cannot be reached at 127.0.0.1 port 22",
      repair: "start the host or correct its address in the settings",
    }),
    placeReport("cloudflare:p24-dns-gateway", "recorded", 5, []),
    checkReport("vercel:platform", "verified", 4, []),
    checkReport("vercel-tokens", "present", 2, []),
  ].sort((a, b) => (a.place < b.place ? -1 : 1));
  const changedOf = (index: number) => dayOf(new Date(NOW.getTime() - ((index * 37) % 118) * MS_A_DAY));
  const timed = keys.flatMap((secret, index) => (index % 4 === 3 ? [] : [{ secret, index }]));
  const log = appendRows("", [
    { date: "2026-05-06", secret: "flagged 1 of 6", reason: "LLM exposure", rotator: "", confirmed: TO_ROTATE },
    ...keys.slice(0, 60).map(({ row }, index) => ({
      date: changedOf(index),
      secret: row,
      reason: index % 5 === 0 ? "exposed in a session" : "scheduled",
      rotator: "Radieu",
      confirmed: index === 2 ? PENDING : confirmedAt(`${changedOf(index)}T09:12:44Z`),
    })),
  ]);
  return {
    at: NOW,
    stack: "prod",
    seen: {
      reports,
      warnings: [
        {
          where: ".sops.yaml",
          name: "vps_i1",
          what: "alone can open secrets/vps-i1.sops.yaml",
          repair: "add a developer",
        },
      ],
      head: "acc96334349b1f0e7a52c60dd1d2a1b7ee2b3c4d",
      converged: "11d4ac0be2f49b1f0e7a52c60dd1d2a1b7ee2b3c",
      placed,
    },
    prints,
    inventory: {
      secrets: new Map(
        keys.map(({ key }, index) => {
          const issuer = ISSUERS[index % ISSUERS.length];
          const fields = { flagged: index === 1, ...(issuer === undefined ? {} : { issuer, owner: "radieu" }) };
          return [key, entryOf(index % 23 === 22 ? { ...fields, tier: 2 } : fields)];
        }),
      ),
      outside: new Map([
        [
          "VERCEL_TOKEN",
          outsideOf({ purpose: "GitHub Actions deployed to Vercel with it", replaced_by: "Vercel’s Git integration" }),
        ],
        [
          "GH_PAT",
          outsideOf({
            tier: 2,
            purpose: "the personal one, in workflows",
            replaced_by: "the App’s, which lives an hour",
          }),
        ],
      ]),
    },
    keys,
    rows: parseLog(log),
    ages: timed.map(({ secret, index }) =>
      ageOf(secret, 90, index % 50 === 6 ? undefined : changedOf(index), dayOf(NOW)),
    ),
  };
}

export function teamReport(count: number, hosts?: readonly string[]): Report {
  return buildReport(teamInput(count, hosts));
}
