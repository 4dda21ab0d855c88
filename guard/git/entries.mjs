// @ts-check
/** Reads git's lists of changed and present entries (git-diff(1), "RAW OUTPUT FORMAT"; git-ls-files(1), `--stage`). */

/**
 * @typedef {object} Entry
 * @property {string} path
 * @property {string} mode
 * @property {string} blob
 * @property {string | undefined} former the content that it replaces, when there was one
 */

const NONE = /^0+$/;

/**
 * What `git diff --raw -z` lists, without what is gone.
 *
 * @param {string} raw
 * @returns {Entry[]}
 */
export function parseRaw(raw) {
  const fields = raw.split("\0");
  const entries = [];
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const [, mode = "", former = "", blob = ""] = (fields[at] ?? "").slice(1).split(" ");
    if (!NONE.test(mode)) {
      entries.push({ path: fields[at + 1] ?? "", mode, blob, former: NONE.test(former) ? undefined : former });
    }
  }
  return entries;
}

/**
 * What `git ls-files --stage -z` or `git ls-tree -r -z` lists.
 *
 * @param {string} listed
 * @returns {Entry[]}
 */
export function parseListed(listed) {
  return listed.split("\0").flatMap((line) => {
    const [, mode = "", blob = "", path = ""] = /^(\d+) (?:blob |commit )?([0-9a-f]+)(?: \d)?\t(.*)$/s.exec(line) ?? [];
    return path === "" ? [] : [{ path, mode, blob, former: undefined }];
  });
}
