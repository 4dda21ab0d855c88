// @ts-check
/**
 * Judges what is staged: the very contents that the commit would get, whatever lies in the folder. Each entry that differs
 * from HEAD is judged as new, so renames, copies, changed modes and merges need no rule of their own.
 */
import { ALLOW_FILE, Allowed, isAllowable, parseAllowances } from "./allow.mjs";
import { Blobs } from "./git/blobs.mjs";
import { parseListed, parseRaw } from "./git/entries.mjs";
import { gitText } from "./git/run.mjs";
import { ContentJudge, judgePath } from "./judge.mjs";
import { MODE } from "./rules/names.mjs";
import { NotUnderstood } from "./read/yaml.mjs";
import { changerHits, lockoutHits, readRules, recipientHits } from "./rules/recipients.mjs";
import { isSourcePath, readSource } from "./rules/sources.mjs";

/** @typedef {import("./finding.mjs").Finding} Finding */
/** @typedef {import("./finding.mjs").Hit} Hit */
/** @typedef {import("./git/entries.mjs").Entry} Entry */

/**
 * @typedef {object} Source one that is staged and differs from HEAD
 * @property {string} path
 * @property {string} text
 * @property {string | undefined} former its text in HEAD
 */

/** @typedef {{ findings: Finding[], sources: Source[], judged: number }} Verdict */

export const RULES_FILE = ".sops.yaml";

/** Independent of the user's settings for `git diff`. */
const STAGED = [
  ...["diff", "--cached", "--raw", "-z", "--no-abbrev", "--no-renames", "--no-ext-diff", "--no-relative"],
  "--ignore-submodules=none",
];

/**
 * @param {string} root
 * @param {{ env?: NodeJS.ProcessEnv, mine: () => Promise<ReadonlySet<string>> }} options `mine`: the recipients of the
 *   identities on this machine; asked for only when .sops.yaml is staged
 * @returns {Promise<Verdict>}
 */
export async function judgeStaged(root, { env = process.env, mine }) {
  const blobs = new Blobs(root, env);
  try {
    const allowText = blobs.text(`:${ALLOW_FILE}`);
    const raw = await gitText(root, STAGED, { env });
    const entries = parseRaw(raw);
    /** @type {Finding[]} */
    const findings = [];
    /** @type {Source[]} */
    const sources = [];
    await Promise.all(entries.map((entry) => judgeEntry(blobs, entry, findings, sources)));
    // Their own entry is there also when they are deleted.
    if (sources.length > 0 || raw.split("\0").includes(RULES_FILE)) {
      findings.push(...(await judgeRecipients(root, env, blobs, entries, sources, mine)));
    }
    const allowed = allowancesOf(await allowText, findings);
    return {
      findings: findings.filter((finding) => !isAllowable(finding.rule) || allowed.find(finding) === undefined),
      sources,
      judged: entries.length,
    };
  } finally {
    await blobs.close();
  }
}

/**
 * @param {Blobs} blobs
 * @param {Entry} entry
 * @param {Finding[]} findings
 * @param {Source[]} sources
 */
async function judgeEntry(blobs, { path, mode, blob, former }, findings, sources) {
  findings.push(...judgePath(path, mode).map((hit) => ({ ...hit, path, blob })));
  if (mode === MODE.module) {
    return;
  }
  const judge = new ContentJudge(path, mode);
  await new Promise((resolve, reject) => {
    let isThere = false;
    void blobs.ask(blob, {
      begin: (info) => (isThere = info !== undefined),
      chunk: (chunk) => judge.push(chunk),
      end: () => (isThere ? resolve(undefined) : reject(new Error("a staged content cannot be read"))),
    });
  });
  findings.push(...judge.end().map((hit) => ({ ...hit, path, blob })));
  if (judge.source?.state === "encrypted" && judge.text !== undefined) {
    sources.push({ path, text: judge.text, former: former === undefined ? undefined : await blobs.text(former) });
  }
}

/**
 * Recipients against rules: of the staged sources, and of all when the rules themselves are staged.
 *
 * @param {string} root
 * @param {NodeJS.ProcessEnv} env
 * @param {Blobs} blobs
 * @param {readonly Entry[]} entries
 * @param {readonly Source[]} sources
 * @param {() => Promise<ReadonlySet<string>>} mine
 * @returns {Promise<Finding[]>}
 */
async function judgeRecipients(root, env, blobs, entries, sources, mine) {
  const staged = entries.find(({ path }) => path === RULES_FILE);
  const text = await blobs.text(`:${RULES_FILE}`);
  if (text === undefined) {
    const left = parseListed(await gitText(root, ["ls-files", "--stage", "-z"], { env }));
    if (!left.some(({ path }) => isSourcePath(path))) {
      return [];
    }
    const what = "is missing, so nobody can tell who should open the sources";
    return [{ path: RULES_FILE, blob: "", rule: "sops-rules", what, repair: `git restore --staged ${RULES_FILE}` }];
  }
  const place = { path: RULES_FILE, blob: staged?.blob ?? "" };
  const { rules, hits } = readRules(text);
  if (rules === undefined) {
    return hits.map((hit) => ({ ...hit, ...place }));
  }
  if (staged === undefined) {
    return sources.flatMap(({ path, text: source }) => recipientFindings(rules, path, "", source));
  }
  const former = staged.former === undefined ? undefined : await blobs.text(staged.former);
  const before = former === undefined ? undefined : readRules(former).rules;
  const own = [...lockoutHits(rules), ...changerHits(before, rules, await mine())];
  const listed = parseListed(await gitText(root, ["ls-files", "--stage", "-z"], { env }));
  const present = await Promise.all(
    listed
      .filter(({ path }) => isSourcePath(path))
      .map(async ({ path, blob }) => recipientFindings(rules, path, blob, (await blobs.text(blob)) ?? "")),
  );
  return [...own.map((hit) => ({ ...hit, ...place })), ...present.flat()];
}

/**
 * @param {import("./rules/recipients.mjs").Rules} rules
 * @param {string} path
 * @param {string} blob
 * @param {string} text
 * @returns {Finding[]}
 */
function recipientFindings(rules, path, blob, text) {
  const source = readSource(text, path);
  const hits = source.state === "encrypted" ? recipientHits(rules, path, source.recipients) : [];
  return hits.map((hit) => ({ ...hit, path, blob }));
}

/**
 * @param {string | undefined} text
 * @param {Finding[]} findings a fault in the list itself is added
 */
export function allowancesOf(text, findings) {
  try {
    return new Allowed(parseAllowances(text ?? ""));
  } catch (error) {
    if (!(error instanceof NotUnderstood)) {
      throw error;
    }
    const repair = "write the whole object id, one rule, and the reason";
    findings.push({ path: ALLOW_FILE, blob: "", rule: "allow-list", line: error.line, what: error.message, repair });
    return new Allowed([]);
  }
}
