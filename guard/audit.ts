import { FaultsError } from "../core/fault.js";
import { run } from "../core/process.js";
import { searchFor } from "../core/seal/valueSearch.js";
import { findIdentities } from "../core/sources/identities.js";
import { ALLOW_FILE, type Allowance, Allowed } from "./allow.mjs";
import { gitleaksCheck, megabytes, sort, valuesCheck, type Verdict } from "./checkRange.js";
import type { Finding } from "./finding.mjs";
import { gitText } from "./git/run.mjs";
import { runGitleaks } from "./gitleaks.js";
import { valuesInHistory } from "./knownValues.js";
import { judgeRange } from "./range.mjs";
import { watcherOf } from "./valueWatcher.js";

/** What an audit says beside its verdict. */
export interface Audit extends Verdict {
  /** The commit that was checked out, the references that lead into the history, and the tools that looked. */
  readonly head: string;
  readonly references: readonly string[];
  readonly tools: readonly string[];
  /** Lines of guard/allow.txt that nothing was found for. */
  readonly unused: readonly Allowance[];
  readonly at: string;
}

/**
 * Looks through everything that any reference of this clone leads to: every path, every content once, every message, for what
 * the rules refuse, for gitleaks's rules, and for every value that any commit's sources ever held. Throws a FaultsError for a
 * clone that does not have the whole history.
 */
export async function auditHistory(root: string, env: NodeJS.ProcessEnv, now: Date = new Date()): Promise<Audit> {
  const revs = ["--all", "HEAD"];
  const [head, references, shallow, version] = await Promise.all([
    gitText(root, ["rev-parse", "--verify", "HEAD"], { env }).catch(() => undefined),
    gitText(root, ["for-each-ref", "--format=%(objecttype) %(objectname) %(refname)"], { env }).catch(() => ""),
    gitText(root, ["rev-parse", "--is-shallow-repository"], { env }).catch(() => ""),
    run("git", ["--version"], { env }),
  ]);
  if (head === undefined || shallow.trim() === "true") {
    const what = head === undefined ? "has no commit" : "is shallow: a part of the history is not here";
    throw new FaultsError([{ where: "git", what: `this clone ${what}`, repair: "git fetch --unshallow" }]);
  }
  const found: Finding[] = [];
  const allowText = await gitText(root, ["show", `HEAD:${ALLOW_FILE}`], { env }).catch(() => "");
  const allowances = Allowed.read(allowText, found);
  const listed = references.split("\n").flatMap((line) => {
    const [type = "", id = "", name = ""] = line.split(" ");
    return name === "" ? [] : [{ type, id, name }];
  });

  const known = await valuesInHistory(root, revs, env);
  const search = searchFor(known.values);
  const judged = await judgeRange(root, revs, {
    env,
    tags: listed.filter(({ type }) => type === "tag").map(({ id }) => id),
    ...(search.patterns === 0 ? {} : { watch: () => watcherOf(search) }),
    onFinding: (finding) => found.push(finding),
  });
  const gitleaks = await runGitleaks(root, ["--all"], env);
  found.push(...("findings" in gitleaks ? gitleaks.findings : []));

  const size = `${String(judged.commits)} commits, ${String(judged.contents)} contents, ${megabytes(judged.bytes)}`;
  return {
    ...sort(found, allowances),
    checks: [
      { name: "names, contents and messages", state: "made", says: size },
      valuesCheck(known, search, await findIdentities(env)),
      gitleaksCheck(gitleaks),
    ],
    head: head.trim(),
    references: listed.map(({ name }) => name),
    tools: [
      version.stdout.trim(),
      ...("version" in gitleaks ? [`gitleaks ${gitleaks.version}`] : []),
      `Node ${process.versions.node}`,
    ],
    unused: allowances.unused(),
    at: now.toISOString().replace(/\.\d+Z$/, "Z"),
  };
}
