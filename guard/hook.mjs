// @ts-check
/** What scripts/git-hooks/pre-commit and pre-merge-commit run. */
import { Blobs } from "./git/blobs.mjs";
import { gitText } from "./git/run.mjs";

/** Independent of the user's settings for `git diff`. */
const STAGED = [
  ...["diff", "--cached", "--raw", "-z", "--no-abbrev", "--no-renames", "--no-ext-diff", "--no-relative"],
  "--ignore-submodules=none",
];

/**
 * Judges what is staged and, when it is in order and values of sources were changed, stages their rows of the rotation log.
 * Resolves to the exit code.
 *
 * @param {string} root the top of the working tree, where git starts hooks
 * @param {NodeJS.ProcessEnv} env
 * @param {(text: string) => void} print
 */
export async function preCommit(root, env, print) {
  try {
    const { findings, sources } = await judge(root, env);
    if (findings.length > 0) {
      const { refusal } = await import("./refusal.mjs");
      print(refusal(findings, "commit"));
      return 1;
    }
    if (sources.length > 0) {
      const { stageRows } = await import("./rows.mjs");
      for (const note of await stageRows(root, env, sources)) {
        print(`guard: ${note}`);
      }
    }
    return 0;
  } catch (error) {
    // What went wrong may repeat what is staged; only its kind is shown.
    const kind = error instanceof Error && /^git |^a staged /.test(error.message) ? error.message : kindOf(error);
    print(
      `guard: the commit could not be judged (${kind}), so it is refused. Repair: git status; npm ci; then try again`,
    );
    return 1;
  }
}

/**
 * git works while the rules are loaded.
 *
 * @param {string} root
 * @param {NodeJS.ProcessEnv} env
 */
async function judge(root, env) {
  const blobs = new Blobs(root, env);
  try {
    const listing = gitText(root, STAGED, { env });
    listing.catch(() => undefined);
    const { judgeStaged } = await import("./staged.mjs");
    const mine = async () => (await import("./identities.mjs")).recipientsOnThisMachine(env);
    return await judgeStaged({ blobs, listing, surroundings: { root, env, mine } });
  } finally {
    await blobs.close();
  }
}

/** @param {unknown} error */
function kindOf(error) {
  if (!(error instanceof Error)) {
    return typeof error;
  }
  const code = "code" in error && typeof error.code === "string" ? ` ${error.code}` : "";
  const at = /\n\s+at ([^\n]*)/.exec(error.stack ?? "")?.[1];
  return `${error.name}${code}${at === undefined ? "" : ` at ${at}`}`;
}
