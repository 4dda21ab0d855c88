// @ts-check
/**
 * Judges what is staged: the very contents that the commit would get, whatever lies in the folder. Each entry that differs
 * from HEAD is judged as new, so renames, copies, changed modes and merges need no rule of their own.
 */
import { ALLOW_FILE, Allowed, isAllowable } from "./allow.mjs";
import { parseRaw } from "./git/entries.mjs";
import { ContentJudge, judgePath } from "./judge.mjs";
import { MODE } from "./rules/names.mjs";

/** @typedef {import("./finding.mjs").Finding} Finding */
/** @typedef {import("./finding.mjs").Hit} Hit */
/** @typedef {import("./git/entries.mjs").Entry} Entry */

/**
 * @typedef {object} Source one that is staged and differs from HEAD
 * @property {string} path
 * @property {string} text
 * @property {string | undefined} former its text in HEAD
 */

/** @typedef {{ findings: Finding[], sources: Source[] }} Verdict */

export const RULES_FILE = ".sops.yaml";

/**
 * @param {object} staged
 * @param {import("./git/blobs.mjs").Blobs} staged.blobs
 * @param {Promise<string>} staged.listing what `git diff --cached` lists, see hook.mjs
 * @param {import("./stagedRules.mjs").Surroundings} staged.surroundings what is needed for sources and rules only
 * @returns {Promise<Verdict>}
 */
export async function judgeStaged({ blobs, listing, surroundings }) {
  const [raw, allowText] = await Promise.all([listing, blobs.text(`:${ALLOW_FILE}`)]);
  const entries = parseRaw(raw);
  /** @type {Finding[]} */
  const findings = [];
  /** @type {Source[]} */
  const sources = [];
  await Promise.all(entries.map((entry) => judgeEntry(blobs, entry, findings, sources)));
  // Their own entry is there also when they are deleted.
  if (sources.length > 0 || raw.split("\0").includes(RULES_FILE)) {
    const { judgeRecipients } = await import("./stagedRules.mjs");
    findings.push(...(await judgeRecipients(surroundings, blobs, entries, sources)));
  }
  const allowed = Allowed.read(allowText, findings);
  return {
    findings: findings.filter((finding) => !isAllowable(finding.rule) || allowed.find(finding) === undefined),
    sources,
  };
}

/**
 * @param {import("./git/blobs.mjs").Blobs} blobs
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
  const { kind, text } = judge;
  if (text !== undefined && kind !== "rules") {
    const { judgeText } = await import("./texts.mjs");
    const { hits, source } = judgeText(kind, text, path);
    findings.push(...hits.map((hit) => ({ ...hit, path, blob })));
    if (source?.state === "encrypted") {
      sources.push({ path, text, former: former === undefined ? undefined : await blobs.text(former) });
    }
  }
}
