// @ts-check
/** What scripts/git-hooks/pre-push runs: the rules of the hook on every commit that the push would bring (git's githooks(5)). */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

import { ALLOW_FILE, Allowed } from "./allow.mjs";
import { gitText } from "./git/run.mjs";
import { judgeRange } from "./range.mjs";
import { refusal } from "./refusal.mjs";

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
    const isThere = !/^0*$/.test(there);
    return [
      {
        head: local,
        there: isThere ? there : undefined,
        revs: [local, "--not", ...known, ...(isThere ? [there] : [])],
      },
    ];
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
  const ranges = pushedRanges(stdin, remote);
  for (const { head, revs } of ranges) {
    const allowed = Allowed.read(
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
  return ranges.every(({ head, there }) => wholeGuard(root, env, remote, head, there, print)) ? 0 : 1;
}

/**
 * The checks that take more than the hook has: the team's values, gitleaks, recipients. Where the program is not installed
 * they are left to CI.
 *
 * @param {string} root
 * @param {NodeJS.ProcessEnv} env
 * @param {string} remote
 * @param {string} head
 * @param {string | undefined} there
 * @param {(text: string) => void} print
 */
function wholeGuard(root, env, remote, head, there, print) {
  const program = join(root, "cli/p24.mjs");
  if (!existsSync(program) || !existsSync(join(root, "node_modules/tsx"))) {
    return true;
  }
  const named = /^[\w.-]+$/.test(remote) ? ["--remote", remote] : [];
  const base = there === undefined ? [] : ["--base", there];
  const args = [program, "guard", "--head", head, ...base, ...named];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, env, encoding: "utf8" });
  if (status !== 0) {
    print(`${stdout}${stderr}guard: this push is refused.`);
  }
  return status === 0;
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
