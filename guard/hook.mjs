// @ts-check
/** What scripts/git-hooks/pre-commit and pre-merge-commit run. */
import { isAllowable } from "./allow.mjs";
import { renderFinding } from "./finding.mjs";
import { judgeStaged } from "./staged.mjs";

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
    const mine = async () => (await import("./identities.mjs")).recipientsOnThisMachine(env);
    const { findings, sources } = await judgeStaged(root, { env, mine });
    if (findings.length > 0) {
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

/** @param {unknown} error */
function kindOf(error) {
  if (!(error instanceof Error)) {
    return typeof error;
  }
  const code = "code" in error && typeof error.code === "string" ? ` ${error.code}` : "";
  const at = /\n\s+at ([^\n]*)/.exec(error.stack ?? "")?.[1];
  return `${error.name}${code}${at === undefined ? "" : ` at ${at}`}`;
}

/**
 * @param {readonly import("./finding.mjs").Finding[]} findings
 * @param {"commit" | "push"} what
 */
export function refusal(findings, what) {
  const blobs = findings.filter(({ blob, rule }) => blob !== "" && isAllowable(rule));
  return [
    `guard: this ${what} is refused.`,
    ...findings.map(renderFinding),
    ...(blobs.length === 0
      ? []
      : [
          "A false alarm? Write its line into guard/allow.txt, with the reason, and stage that file:",
          ...new Set(blobs.map(({ blob, rule }) => `  ${blob} ${rule} REASON`)),
        ]),
  ].join("\n");
}
