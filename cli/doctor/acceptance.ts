import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { auditHistory } from "../../guard/audit.js";
import { isConverged } from "../../core/compare/report.js";
import { FaultsError } from "../../core/fault.js";
import { sourcePath } from "../../core/model/sources.js";
import { run } from "../../core/process.js";
import { isOpen, LOG_FILE, type LogRow, parseLog } from "../../core/rotation/log.mjs";
import { sourceNames } from "../../core/sources/import.js";
import { decryptSource } from "../../core/sources/decrypt.js";
import { identityPlaces } from "../../core/sources/identities.js";
import { migrate } from "../../core/workflows/migrate.js";
import { readRules } from "../init/rules.js";
import { readWorkflowFiles } from "../workflowFiles.js";
import type { Patient } from "./check.js";
import { tryHook } from "./tryHook.js";

/** What the evidence says of a criterion. */
export type Verdict = "met" | "not met" | "needs a human";

export interface Criterion {
  /** In the spec's order, from 1. */
  readonly number: number;
  readonly text: string;
  readonly verdict: Verdict;
  /** What was looked at, and what it said. */
  readonly evidence: string;
  /** What to do about it, when it is not met. */
  readonly next?: string;
}

type Proof = Pick<Criterion, "verdict" | "evidence" | "next">;

/** The spec's acceptance criteria, in its words, each with the look that decides it. */
const CRITERIA: readonly (readonly [text: string, prove: (patient: Patient) => Promise<Proof>])[] = [
  ["All 6 flagged secrets have new values in production", flagged],
  ["secrets/*.sops.yaml exist; the dev key opens them as valid YAML", openable],
  ["the pre-commit hook rejects an unencrypted secrets/test.sops.yaml", hookRejects],
  ["rotating SMTP password deploys to both VPSes within 5 minutes", drilled],
  ["monitoring/.env and hostinger/.env are listed in .gitignore", ignored],
  ["no file matching *token*, *key*, *password* in git history except secrets/*.sops.yaml", history],
  ["GH App p24-infra-bot installed; workflows use installation tokens (ghs_, not ghp_)", appInUse],
  ["docs/secrets-management.md published; the rotation log shows at least 7 entries (6 rotations, drill)", documented],
];

/** Decides each of them; one that cannot be looked at is not met, and says why. */
export async function accept(patient: Patient): Promise<Criterion[]> {
  return Promise.all(
    CRITERIA.map(async ([text, prove], index) => {
      const proof = await prove(patient).catch((error: unknown): Proof => {
        if (!(error instanceof FaultsError)) {
          throw error;
        }
        const [first] = error.faults;
        return {
          verdict: "not met",
          evidence: `${first?.where ?? ""}: ${first?.what ?? ""}`,
          next: first?.repair ?? "",
        };
      });
      return { number: index + 1, text, ...proof };
    }),
  );
}

async function rows({ root }: Patient): Promise<LogRow[]> {
  return parseLog(await readFile(join(root, LOG_FILE), "utf8").catch(() => ""));
}

/** The rows that the log was shipped with, for what docs/infrastructure-overview.md §9 flags. */
const FLAGGED = /infrastructure-overview\.md §9/;
const FLAGGED_COUNT = 6;

async function flagged(patient: Patient): Promise<Proof> {
  const all = (await rows(patient)).filter(({ reason }) => FLAGGED.test(reason));
  const closed = all.filter(({ state }) => state === "confirmed");
  const evidence = `${LOG_FILE}: ${String(closed.length)} of ${String(all.length)} flagged rows are confirmed in sync`;
  return closed.length >= FLAGGED_COUNT && closed.length === all.length
    ? { verdict: "met", evidence }
    : {
        verdict: "not met",
        evidence,
        next: `name the secret in each row, then npm run p24 -- rotate NAME and confirm`,
      };
}

async function openable({ root, env }: Patient): Promise<Proof> {
  const names = await sourceNames(root);
  const [{ byName }, places] = await Promise.all([readRules(root), identityPlaces(env)]);
  const opened = await Promise.allSettled(names.map((name) => decryptSource(root, sourcePath(name), env)));
  const failed = opened.find(({ status }) => status === "rejected"); // the first by name, not by time
  if (failed?.status === "rejected") {
    throw failed.reason;
  }
  const mine = places.flatMap(({ recipients }) => recipients);
  const developer = [...byName].find(([name, recipient]) => name.startsWith("dev_") && mine.includes(recipient))?.[0];
  const evidence = `${String(names.length)} files, each opened by sops and read as flat YAML`;
  return developer === undefined
    ? {
        verdict: "needs a human",
        evidence: `${evidence}, but not with a developer's identity`,
        next: "run it where a developer's identity is",
      }
    : { verdict: "met", evidence: `${evidence} with ${developer}'s identity` };
}

async function hookRejects({ root, env }: Patient): Promise<Proof> {
  const tried = await tryHook(root, env);
  const said = `staged in an index of its own: ${tried.rejected ? "rejected" : "let through"}; without it: ${tried.rejectedWithout ? "rejected" : "let through"}`;
  return tried.rejected && !tried.rejectedWithout
    ? { verdict: "met", evidence: said }
    : {
        verdict: "not met",
        evidence: tried.ran ? said : "git starts no pre-commit hook in this clone",
        next: "npm run p24 -- hook install",
      };
}

const LIMIT_S = 300;

async function drilled(patient: Patient): Promise<Proof> {
  const timed = (await rows(patient)).flatMap((row) => {
    const [, minutes, seconds] = /drill: (\d+):(\d\d)/.exec(row.confirmed) ?? [];
    return minutes === undefined || row.state !== "confirmed"
      ? []
      : [{ row, seconds: Number(minutes) * 60 + Number(seconds) }];
  });
  const last = timed.at(-1);
  if (last === undefined) {
    return {
      verdict: "not met",
      evidence: `${LOG_FILE} has no row of a drill`,
      next: "npm run p24 -- drill smtp_password",
    };
  }
  const evidence = `${LOG_FILE}: ${last.row.secret} on ${last.row.date}, ${String(last.seconds)} s from the edit to verified at every place`;
  return last.seconds < LIMIT_S
    ? { verdict: "met", evidence }
    : { verdict: "not met", evidence, next: "npm run p24 -- drill smtp_password" };
}

const DERIVED = ["monitoring/.env", "hostinger/.env"];

async function ignored({ root, env }: Patient): Promise<Proof> {
  const { stdout } = await run("git", ["check-ignore", "--no-index", ...DERIVED], { cwd: root, env });
  const said = stdout.split(/\r?\n/).filter((line) => line !== "");
  const left = DERIVED.filter((path) => !said.includes(path));
  return left.length === 0
    ? { verdict: "met", evidence: `git check-ignore: ${DERIVED.join(", ")}` }
    : {
        verdict: "not met",
        evidence: `git would add ${left.join(", ")}`,
        next: `add ${left.join(", ")} to .gitignore`,
      };
}

/** Names, and with them contents and messages: the spec wants it read commit by commit (`git log -p`). */
async function history({ root, env, now }: Patient): Promise<Proof> {
  const { findings, allowed, checks } = await auditHistory(root, env, now);
  const said = checks.map(({ name, state, says }) => `${name}: ${state === "made" ? says : `${state}, ${says}`}`);
  const count = `${String(findings.length)} findings, ${String(allowed.length)} allowed with a reason`;
  const evidence = `history audit: ${count}; ${said.join("; ")}`;
  return findings.length === 0
    ? { verdict: "met", evidence }
    : {
        verdict: "not met",
        evidence,
        next: "npm run p24 -- history audit    shows where; docs/guard.md says what to do",
      };
}

async function appInUse({ root, opened }: Patient): Promise<Proof> {
  const report = opened?.seen?.reports.find(({ place }) => place.startsWith("githubApp:"));
  if (opened === undefined || report === undefined) {
    return { verdict: "needs a human", evidence: "the App could not be looked at", next: "npm run p24 -- doctor" };
  }
  const files = await readWorkflowFiles(root).catch(() => []);
  if (files.length === 0) {
    return { verdict: "not met", evidence: "there are no workflows in .github", next: "git restore .github" };
  }
  const { changes, left } = migrate(files, opened.context.settings.github);
  const personal = [...changes.map(({ path }) => path), ...left.map(({ path }) => path)];
  if (personal.length > 0) {
    const next = "npm run p24 -- workflows migrate .";
    return { verdict: "not met", evidence: `personal tokens in ${[...new Set(personal)].join(", ")}`, next };
  }
  const evidence = `${report.place} ${report.status} (${report.confidence}); no personal token in ${String(files.length)} workflow files`;
  if (!isConverged(report)) {
    return { verdict: "not met", evidence, next: report.faults[0]?.repair ?? "npm run preview" };
  }
  return report.confidence === "verified"
    ? { verdict: "met", evidence: `${evidence}; this run's own token is the App's` }
    : {
        verdict: "needs a human",
        evidence,
        next: "what a run's log says of its token: gh run view --log; in CI this is met by itself",
      };
}

const GUIDE = "docs/secrets-management.md";
const ENTRIES = 7;

async function documented(patient: Patient): Promise<Proof> {
  const { root, env } = patient;
  const tracked = (await run("git", ["ls-files", "--error-unmatch", GUIDE], { cwd: root, env })).code === 0;
  const all = await rows(patient);
  const closed = all.filter((row) => !isOpen(row));
  const drills = closed.filter(({ confirmed }) => /drill: /.test(confirmed)).length;
  const evidence = `${GUIDE} ${tracked ? "is in git" : "is not in git"}; ${LOG_FILE}: ${String(closed.length)} closed rows, ${String(drills)} of a drill`;
  return tracked && closed.length >= ENTRIES && drills > 0
    ? { verdict: "met", evidence }
    : { verdict: "not met", evidence, next: "rotate the flagged secrets, then npm run p24 -- drill smtp_password" };
}
