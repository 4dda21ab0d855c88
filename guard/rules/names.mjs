// @ts-check
/** Rules for what a file is called and of what kind it is. */
import { asArgument } from "../finding.mjs";

/** @typedef {import("../finding.mjs").Hit} Hit */

/**
 * Whether a path is one of a source: everything of YAML below `secrets/`, and every `*.sops.yaml` elsewhere. On Windows
 * and macOS `Secrets/` is the same folder.
 *
 * @param {string} path
 */
export function isSourcePath(path) {
  return (/(?:^|\/)secrets\/.*\.ya?ml$/i.test(path) || /[^/]\.sops\.ya?ml$/i.test(path)) && !isRulesPath(path);
}

/** @param {string} path */
export function isRulesPath(path) {
  return /(?:^|\/)\.sops\.ya?ml$/i.test(path);
}

/** Modes of git's tree entries. */
export const MODE = { link: "120000", module: "160000" };

/**
 * Whether a path is one of the `*.env*` that the spec keeps out of git.
 *
 * @param {string} path
 */
export function isEnvPath(path) {
  return nameOf(path).toLowerCase().includes(".env");
}

/** @param {string} path */
export function isExamplePath(path) {
  return isEnvPath(path) && /\.example$/i.test(path);
}

/** Files that hold private parts in a form that no text search sees. */
const CONTAINERS = /\.(?:p12|pfx|jks|bks|keystore|kdbx?|ppk|agekey)$|^id_(?:rsa|dsa|ecdsa|ed25519)(?:_sk)?$/i;

/**
 * @param {string} path
 * @param {string} mode
 * @returns {Hit[]}
 */
export function nameHits(path, mode) {
  /** @type {Hit[]} */
  const hits = [];
  const file = asArgument(path);
  const name = nameOf(path);
  const unstage = `git rm --cached ${file}, and list it in .gitignore`;
  if (isEnvPath(path) && !isExamplePath(path)) {
    const what = "is an .env file: those are derived from secrets/ and never in git";
    hits.push({ rule: "env-file", what, repair: unstage });
  }
  if (CONTAINERS.test(name)) {
    hits.push({ rule: "container", what: "is a kind of file that holds private parts", repair: unstage });
  }
  if (/token|key|password/i.test(path) && !isEncryptedSourcePath(path)) {
    const what = "its name speaks of a token, key or password, which the audit of the history would report for ever";
    hits.push({ rule: "file-name", what, repair: `git mv ${file} to another name` });
  }
  const isBelowSecrets = /(?:^|\/)secrets\//i.test(path);
  if (isBelowSecrets && !isSourcePath(path) && !/\.md$/i.test(path)) {
    const what = "is no source: below secrets/ there are files NAME.sops.yaml only";
    hits.push({ rule: "source-kind", what, repair: unstage });
  } else if (isSourcePath(path) && (mode === MODE.link || mode === MODE.module)) {
    const what = "is a link or a submodule, so it cannot be told what it leads to";
    hits.push({ rule: "source-kind", what, repair: `replace ${file} by the file itself` });
  }
  return hits;
}

/**
 * The one exception that the spec makes for names.
 *
 * @param {string} path
 */
function isEncryptedSourcePath(path) {
  return /^secrets\/[^/]+\.sops\.yaml$/.test(path);
}

/** @param {string} path */
function nameOf(path) {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** Files whose every line is a digest. Their names and lines are written by tools only. */
const LOCKS =
  /(?:^|\/)(?:package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lock|go\.sum|go\.work\.sum|Cargo\.lock|poetry\.lock|uv\.lock|Pipfile\.lock|composer\.lock|Gemfile\.lock|flake\.lock|\.terraform\.lock\.hcl)$/;

/**
 * Whether values that only look random mean nothing in a file.
 *
 * @param {string} path
 */
export function isLockPath(path) {
  return LOCKS.test(path);
}
