/**
 * `npm run bench:audit`: `p24 history audit` over generated histories of 1,000 and 10,000 commits, with the team's values and
 * gitleaks: time, and peak memory by program, which must not grow with the history. Exit codes: 0, 1 when it does or a finding
 * is missed, 2 usage. Linux only (/proc).
 */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { signs } from "../tests/support/corpus/material.js";
import { Repository } from "../tests/support/guardRepository.js";
import { ageIdentity } from "../tests/support/identities.js";
import { generator } from "../tests/support/random.js";
import { sopsText } from "../tests/support/sopsFiles.js";
import { costOf } from "./memory.js";

const ROOT = resolve(__dirname, "..");
const LENGTHS = [1_000, 10_000];
/** Of the audit's own process, from the shorter history to the longer one. */
const MOST_GROWTH = 1.25;

interface Result {
  readonly commits: number;
  readonly megabytes: number;
  readonly seconds: number;
  readonly peaks: ReadonlyMap<string, number>;
}

async function main(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "p24-bench-audit-"));
  try {
    const results: Result[] = [];
    for (const commits of LENGTHS) {
      results.push(await measure(folder, commits));
    }
    const [short, long] = results.map(({ peaks }) => peaks.get("node") ?? 0);
    const growth = (long ?? 0) / (short ?? 1);
    console.log(
      `ten times the history: ${growth.toFixed(2)} times the memory of the audit (limit ${String(MOST_GROWTH)})`,
    );
    return growth <= MOST_GROWTH ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(folder: string, commits: number): Promise<Result> {
  const repo = new Repository(join(folder, String(commits)));
  const { identity, recipient } = await ageIdentity();
  const values = Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`value_${String(at)}`, signs(32)]));
  const megabytes = await generate(repo, commits, await sopsText(folder, values, [recipient]), values["value_7"] ?? "");
  const env = {
    ...repo.env,
    PATH: process.env["PATH"],
    SOPS_AGE_KEY: identity,
    XDG_CACHE_HOME: process.env["XDG_CACHE_HOME"] ?? join(process.env["HOME"] ?? "", ".cache"),
  };
  const report = join(folder, "report.md");
  const args = [join(ROOT, "cli/p24.mjs"), "history", "audit", "--report", report];
  const { elapsedMs, peakByProgramMb, code } = await costOf(process.execPath, args, { cwd: repo.root, env });
  const text = readFileSync(report, "utf8");
  const found = ["value:shared/value_7", "github", "env-file", "file-name"].filter((rule) =>
    text.includes(`| ${rule} |`),
  );
  if (code !== 3 || found.length !== 4) {
    throw new Error(`the audit ended with ${String(code)} and found ${found.join(", ")}`);
  }
  const parts = [...peakByProgramMb].map(([program, mb]) => `${program} ${mb.toFixed(0)}`).join(", ");
  console.log(
    `${String(commits)} commits, ${megabytes.toFixed(0)} MB of contents: ${(elapsedMs / 1000).toFixed(1)} s; peak MB: ${parts}`,
  );
  rmSync(repo.root, { recursive: true, force: true });
  return { commits, megabytes, seconds: elapsedMs / 1000, peaks: peakByProgramMb };
}

/**
 * A history by git fast-import(1): each commit changes three of 300 files of some kilobytes, every hundredth is a merge. Four
 * things to find are hidden in its midst. Gives the size of all contents in MB.
 */
async function generate(repo: Repository, commits: number, source: string, value: string): Promise<number> {
  const next = generator(commits);
  const child = spawn("git", ["fast-import", "--quiet"], {
    cwd: repo.root,
    env: repo.env,
    stdio: ["pipe", "ignore", "inherit"],
  });
  let bytes = 0;
  const write = async (text: string) => {
    bytes += text.length;
    if (!child.stdin.write(text)) {
      await once(child.stdin, "drain");
    }
  };
  const file = (path: string, text: string) =>
    `M 100644 inline ${path}\ndata ${String(Buffer.byteLength(text))}\n${text}\n`;
  const hidden: Readonly<Record<number, string>> = {
    [Math.floor(commits / 2)]: file("notes.md", `see ${value}\n`) + file("src/1.ts", `const x = "ghp_${signs(36)}";\n`),
    [Math.floor(commits / 2) + 1]: file("monitoring/.env", "A=1\n") + file("old-tokens.txt", "none\n"),
    [Math.floor(commits / 2) + 2]: "D notes.md\nD monitoring/.env\nD old-tokens.txt\n",
  };
  for (let at = 0; at < commits; at += 1) {
    const message = `change ${String(at)}`;
    const merge = at % 100 === 99 ? `merge :${String(at - 50)}\n` : "";
    const changes =
      at === 0
        ? file("secrets/shared.sops.yaml", source) + file("Pulumi.yaml", "name: p24-infra\n")
        : Array.from({ length: 3 }, () => file(`src/${String(next(300))}.ts`, code(next))).join("");
    await write(
      `commit refs/heads/main\nmark :${String(at + 1)}\ncommitter A <a@b.example> ${String(1_700_000_000 + at)} +0000\n` +
        `data ${String(message.length)}\n${message}\n${merge}${changes}${hidden[at] ?? ""}`,
    );
  }
  child.stdin.end();
  const [status] = (await once(child, "close")) as [number | null];
  if (status !== 0) {
    throw new Error(`git fast-import ended with ${String(status)}`);
  }
  const { status: reset } = spawnSync("git", ["reset", "-q", "--hard", "main"], { cwd: repo.root, env: repo.env });
  if (reset !== 0) {
    throw new Error("git reset failed");
  }
  return bytes / 1e6;
}

/** Some kilobytes that look like code and are new each time. */
function code(next: (below: number) => number): string {
  const words = ["const", "answer", "await", "observe", "repository", "settings", "return", "host", "place", "secret"];
  const line = () =>
    `  ${Array.from({ length: 8 }, () => words[next(words.length)] ?? "").join(" ")}; // ${String(next(1e6))}\n`;
  return Array.from({ length: 20 + next(60) }, line).join("");
}

if (process.argv.length > 2) {
  console.error("npm run bench:audit takes no arguments");
  process.exitCode = 2;
} else {
  void main().then((exitCode) => (process.exitCode = exitCode));
}
