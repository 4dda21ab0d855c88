// @ts-check
/** What scripts/git-hooks/pre-push runs: the rules of the hook on every commit that the push would bring (git's githooks(5)). */
import { ALLOW_FILE } from "./allow.mjs";
import { gitText } from "./git/run.mjs";
import { refusal } from "./hook.mjs";
import { judgeRange } from "./range.mjs";
import { allowancesOf } from "./staged.mjs";

/**
 * Arguments of git-rev-list(1), one list for each ref of the push: what its remote does not have.
 *
 * @param {string} stdin lines of `LOCAL-REF LOCAL-ID REMOTE-REF REMOTE-ID`
 * @param {string} remote name or address
 */
export function pushedRanges(stdin, remote) {
  return stdin.split("\n").flatMap((line) => {
    const [, local = "", , there = ""] = line.trim().split(" ");
    if (local === "" || /^0+$/.test(local)) {
      return [];
    }
    // Of an address without a name nothing is known but the ref itself.
    const known = /^[\w.-]+$/.test(remote) ? [`--remotes=${remote}`] : [];
    return [{ head: local, revs: [local, "--not", ...known, ...(/^0*$/.test(there) ? [] : [there])] }];
  });
}

/**
 * Resolves to the exit code.
 *
 * @param {string} root
 * @param {NodeJS.ProcessEnv} env
 * @param {string} remote
 * @param {string} stdin
 * @param {(text: string) => void} print
 */
export async function prePush(root, env, remote, stdin, print) {
  /** @type {import("./finding.mjs").Finding[]} */
  const findings = [];
  for (const { head, revs } of pushedRanges(stdin, remote)) {
    const allowed = allowancesOf(
      await gitText(root, ["show", `${head}:${ALLOW_FILE}`], { env }).catch(() => ""),
      findings,
    );
    /** @param {import("./finding.mjs").Finding} finding */
    const onFinding = (finding) => {
      if (allowed.find(finding) === undefined) {
        findings.push(finding);
      }
    };
    const known = await withoutUnknown(root, env, revs);
    const type = (await gitText(root, ["cat-file", "-t", head], { env })).trim();
    await judgeRange(root, known, { env, tags: type === "tag" ? [head] : [], onFinding });
  }
  if (findings.length > 0) {
    print(refusal(findings, "push"));
    return 1;
  }
  return 0;
}

/**
 * What the remote has may not have been fetched; then it excludes nothing.
 *
 * @param {string} root
 * @param {NodeJS.ProcessEnv} env
 * @param {readonly string[]} revs
 */
async function withoutUnknown(root, env, revs) {
  const there = revs.at(-1) ?? "";
  if (!/^[0-9a-f]{40,}$/.test(there) || revs.length === 1) {
    return revs;
  }
  const isKnown = await gitText(root, ["cat-file", "-e", `${there}^{commit}`], { env }).then(
    () => true,
    () => false,
  );
  return isKnown ? revs : revs.slice(0, -1);
}
