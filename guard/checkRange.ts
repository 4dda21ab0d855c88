import { FaultsError } from "../core/fault.js";
import { commitOf } from "../core/observe/git.js";
import { checkLog } from "../core/rotation/logCheck.js";
import { searchFor, type ValueSearch } from "../core/seal/valueSearch.js";
import { findIdentities } from "../core/sources/identities.js";
import { ALLOW_FILE, Allowed } from "./allow.mjs";
import type { Finding } from "./finding.mjs";
import { gitText } from "./git/run.mjs";
import { type GitleaksVerdict, runGitleaks } from "./gitleaks.js";
import { type KnownValues, valuesAt } from "./knownValues.js";
import { judgeRange } from "./range.mjs";
import { judgeTree } from "./tree.js";
import { watcherOf } from "./valueWatcher.js";

/** One check of a run: what it looked at, or why it could not be made, or a warning that stops nothing. */
export interface Check {
  readonly name: string;
  readonly state: "made" | "not made" | "warning";
  readonly says: string;
}

/** What a guard found, what was allowed of it, and what it looked at. */
export interface Verdict {
  readonly findings: readonly Finding[];
  readonly allowed: readonly (Finding & { readonly reason: string })[];
  readonly checks: readonly Check[];
}

/** Which commits: those of `head` that `base` does not have, or that no branch of `remote` has. */
export interface Range {
  readonly head: string;
  readonly base?: string | undefined;
  readonly remote?: string | undefined;
}

const NOBODY = /^0{40,64}$/;

/** Arguments of git-rev-list(1). Throws a FaultsError for a commit that this clone does not know. */
export async function revsOf(root: string, { head, base, remote }: Range): Promise<readonly string[]> {
  const known = async (option: string, revision: string) => {
    const commit = await commitOf(root, revision);
    if (commit === undefined) {
      const repair = "git fetch; in a workflow: actions/checkout with fetch-depth: 0";
      throw new FaultsError([{ where: option, what: "names no commit that this clone knows", repair }]);
    }
    return commit;
  };
  const from = await known("--head", head);
  // A push event of a new branch has a base of zeros: then all that leads to the head is new.
  const until = base === undefined || NOBODY.test(base) ? [] : [`^${await known("--base", base)}`];
  return [from, ...until, ...(remote === undefined ? [] : ["--not", `--remotes=${remote}`])];
}

/**
 * All checks of a range: the rules on every commit, the team's values in every form, gitleaks, recipients and rules of the
 * sources at its head, the rotation log.
 */
export async function checkRange(root: string, range: Range, env: NodeJS.ProcessEnv): Promise<Verdict> {
  const revs = await revsOf(root, range);
  const head = revs[0] ?? "HEAD";
  const base = range.base === undefined || NOBODY.test(range.base) ? undefined : await commitOf(root, range.base);
  const found: Finding[] = [];
  const allowText = await gitText(root, ["show", `${head}:${ALLOW_FILE}`], { env }).catch(() => "");
  const allowances = Allowed.read(allowText, found);

  const known = await valuesAt(root, base === undefined ? [head] : [head, base], env);
  const search = searchFor(known.values);
  const judged = await judgeRange(root, revs, {
    env,
    ...(search.patterns === 0 ? {} : { watch: () => watcherOf(search) }),
    onFinding: (finding) => found.push(finding),
  });
  const [tree, gitleaks, log] = await Promise.all([
    judgeTree(root, head, env),
    runGitleaks(root, revs, env),
    base === undefined ? undefined : logWarnings(root, base, env),
  ]);
  found.push(...tree.findings, ...("findings" in gitleaks ? gitleaks.findings : []));

  const size = `${String(judged.commits)} commits, ${String(judged.contents)} contents, ${megabytes(judged.bytes)}`;
  const plural = tree.templates === 0 ? "" : `, of them ${String(tree.templates)} still templates`;
  return {
    ...sort(found, allowances),
    checks: [
      { name: "rules", state: "made", says: size },
      {
        name: "recipients, lock-out, roots of trust",
        state: "made",
        says: `${String(tree.sources)} sources at the head${plural}`,
      },
      valuesCheck(known, search, await findIdentities(env)),
      gitleaksCheck(gitleaks),
      ...(log ?? [{ name: "rotation log", state: "not made", says: "there is no base to compare with" } as const]),
    ],
  };
}

/** Findings without those that are allowed, each once. */
export function sort(found: readonly Finding[], allowances: Allowed): Pick<Verdict, "findings" | "allowed"> {
  const once = new Map<string, Finding>();
  for (const finding of found) {
    const identity = [finding.path, finding.blob, finding.rule, finding.line, finding.name, finding.what].join("\0");
    once.set(identity, once.get(identity) ?? finding);
  }
  const all = [...once.values()].map((finding) => ({ finding, reason: allowances.find(finding)?.reason }));
  return {
    findings: all.flatMap(({ finding, reason }) => (reason === undefined ? [finding] : [])),
    allowed: all.flatMap(({ finding, reason }) => (reason === undefined ? [] : [{ ...finding, reason }])),
  };
}

/** What the search for the team's values could do here. */
export function valuesCheck(known: KnownValues, search: ValueSearch, identities: readonly unknown[]): Check {
  const name = "the team's values";
  if (known.opened === 0) {
    const why =
      known.closed.length === 0
        ? "no source is encrypted yet"
        : identities.length === 0
          ? "no age identity was found on this machine; set SOPS_AGE_KEY_FILE to your identity file"
          : "no identity of this machine opens a source";
    return { name, state: known.closed.length === 0 ? "made" : "not made", says: why };
  }
  const left = [...search.skipped].map(([secret, why]) => `${secret} (${why})`);
  const says = [
    `${String(search.values)} values in ${String(search.patterns)} forms`,
    ...(left.length === 0 ? [] : [`not searched, because they would be found everywhere: ${left.join(", ")}`]),
    ...(known.closed.length === 0 ? [] : [`not opened: ${known.closed.join(", ")}`]),
  ];
  return { name, state: "made", says: says.join("; ") };
}

export function gitleaksCheck(verdict: Awaited<ReturnType<typeof runGitleaks>>): Check {
  return "why" in verdict
    ? { name: "gitleaks", state: "not made", says: `${verdict.why}. Repair: ${verdict.repair}` }
    : { name: "gitleaks", state: "made", says: `version ${(verdict satisfies GitleaksVerdict).version}` };
}

export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

/** A value that was changed without a row stops nothing: an urgent rotation must get through. */
async function logWarnings(root: string, base: string, env: NodeJS.ProcessEnv): Promise<readonly Check[]> {
  const name = "rotation log";
  const { unlogged, unknown } = await checkLog(root, base, env);
  const warnings = [
    ...unlogged.map(({ path, key }) => `${path}: ${key} was changed without a row. Repair: p24 log check --fix`),
    ...unknown.map((path) => `${path}: was encrypted anew, and nobody here opens both texts`),
  ];
  return warnings.length === 0
    ? [{ name, state: "made", says: "every value that was changed has a row" }]
    : warnings.map((says) => ({ name, state: "warning", says }));
}
