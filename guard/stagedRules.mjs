// @ts-check
/**
 * Judges what is staged of sources' recipients and of .sops.yaml. Apart from staged.mjs, because the hook loads it only for a
 * commit that has one of them.
 */
import { parseListed } from "./git/entries.mjs";
import { gitText } from "./git/run.mjs";
import { isSourcePath } from "./rules/names.mjs";
import { changerHits, lockoutHits, readRules, recipientHits } from "./rules/recipients.mjs";
import { readSource } from "./rules/sources.mjs";
import { RULES_FILE } from "./staged.mjs";

/** @typedef {import("./finding.mjs").Finding} Finding */
/** @typedef {import("./git/entries.mjs").Entry} Entry */

/**
 * @typedef {object} Surroundings
 * @property {string} root
 * @property {NodeJS.ProcessEnv} env
 * @property {() => Promise<ReadonlySet<string>>} mine the recipients of the identities on this machine
 */

/**
 * Recipients against rules: of the staged sources, and of all when the rules themselves are staged.
 *
 * @param {Surroundings} surroundings
 * @param {import("./git/blobs.mjs").Blobs} blobs
 * @param {readonly Entry[]} entries
 * @param {readonly import("./staged.mjs").Source[]} sources
 * @returns {Promise<Finding[]>}
 */
export async function judgeRecipients({ root, env, mine }, blobs, entries, sources) {
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
