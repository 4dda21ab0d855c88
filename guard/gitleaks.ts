import { join } from "node:path";

import { z } from "zod";

import { run } from "../core/process.js";
import type { Finding } from "./finding.mjs";
import { gitText } from "./git/run.mjs";

/** Why there is no answer of gitleaks: it is not here, or it failed. */
export interface NotRun {
  readonly why: string;
  readonly repair: string;
}

/** What gitleaks found, and its version. */
export interface GitleaksVerdict {
  readonly findings: readonly Finding[];
  readonly version: string;
}

const reportSchema = z.array(
  z.object({ RuleID: z.string(), File: z.string(), StartLine: z.number(), Commit: z.string() }),
);

const REPAIR = "node toolchain/setup.mjs --no-npm --only gitleaks";

/**
 * Runs gitleaks over a range of commits. It is taken from PATH or from the toolchain's folder, where its version is pinned;
 * nothing is fetched here. Its own ways to leave something out (`.gitleaks.toml`, `.gitleaksignore`, `gitleaks:allow` in a
 * line) do not count: what is allowed stands in guard/allow.txt, by content and with a reason. It reports redacted, and of its
 * report only rule, file, line and commit are read.
 *
 * `logOptions` are those of git-log(1); none may hold a blank.
 */
export async function runGitleaks(
  root: string,
  logOptions: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<GitleaksVerdict | NotRun> {
  const program = await findGitleaks(env);
  if (program === undefined) {
    return { why: "gitleaks is not on this machine", repair: REPAIR };
  }
  // It reads a .gitleaksignore of the folder that it is given whatever it is told; git's own folder has none.
  const folder = (await gitText(root, ["rev-parse", "--absolute-git-dir"], { env })).trim();
  // When its git fails it ends with 0 and finds nothing; only its log tells. What that says may repeat input.
  const errors: string[] = [];
  const { code, stdout } = await run(
    program.path,
    [
      ...["git", "--no-banner", "--no-color", "--log-level", "error", "--redact=100", "--exit-code", "0"],
      ...["--config", join(__dirname, "gitleaks.toml"), "--ignore-gitleaks-allow"],
      ...["--gitleaks-ignore-path", join(__dirname, "no-such-list")],
      ...["--report-format", "json", "--report-path", "-", `--log-opts=${logOptions.join(" ")}`, folder],
    ],
    { cwd: root, env: withoutOwnSettings(env), listen: (text) => errors.push(text) },
  );
  const report = code === 0 && errors.length === 0 ? parse(stdout) : undefined;
  if (report === undefined) {
    const why = code === 0 ? "gitleaks could not read all" : `gitleaks ended with ${String(code)}`;
    return { why, repair: `${program.path} git . shows why` };
  }
  const findings = await Promise.all(report.map((one) => findingOf(root, one, env)));
  return { findings, version: program.version };
}

/**
 * GITLEAKS_CONFIG and the like would change what is looked for; its git is kept from holding much of a large pack, and keeps
 * what the environment tells it else (git-config(1), GIT_CONFIG_COUNT).
 */
function withoutOwnSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const count = Number(env["GIT_CONFIG_COUNT"] ?? 0);
  return {
    ...Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith("GITLEAKS_"))),
    GIT_CONFIG_COUNT: String(count + 1),
    [`GIT_CONFIG_KEY_${String(count)}`]: "core.deltaBaseCacheLimit",
    [`GIT_CONFIG_VALUE_${String(count)}`]: "8m",
  };
}

/** From PATH or from the toolchain's folder, in a version that is known; nothing is fetched. */
async function findGitleaks(env: NodeJS.ProcessEnv): Promise<{ path: string; version: string } | undefined> {
  const { ensureToolchain } = await import("../toolchain/setup.mjs");
  try {
    const { tools } = await ensureToolchain({ only: ["gitleaks"], quiet: true, presentOnly: true, env });
    const [found] = tools;
    return found === undefined ? undefined : { path: found.location, version: found.version };
  } catch {
    return undefined;
  }
}

function parse(stdout: string): z.infer<typeof reportSchema> | undefined {
  try {
    const parsed = reportSchema.safeParse(JSON.parse(stdout.trim() === "" ? "[]" : stdout));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

/** In the form of our own findings: by the content's id, so that it can be allowed by it. */
async function findingOf(
  root: string,
  { RuleID, File, StartLine, Commit }: z.infer<typeof reportSchema>[number],
  env: NodeJS.ProcessEnv,
): Promise<Finding> {
  const blob = await gitText(root, ["rev-parse", "--verify", "--quiet", `${Commit}:${File}`], { env }).catch(() => "");
  return {
    path: File,
    blob: blob.trim(),
    commit: Commit,
    rule: `gitleaks:${RuleID}`,
    line: StartLine,
    what: "is a credential in gitleaks's eyes",
    repair: "take the value out and rotate it",
  };
}
