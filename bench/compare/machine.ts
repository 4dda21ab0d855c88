import { spawnSync } from "node:child_process";
import { cpus, release, totalmem } from "node:os";

import type { ToolRecord } from "../../toolchain/setup.mjs";

/** What a run ran on: the machine, and the versions of everything that took part. */
export function machineLines(tools: readonly ToolRecord[]): string[] {
  const gib = (totalmem() / 2 ** 30).toFixed(0);
  const listed = new Set(tools.map(({ name, version, origin }) => `${name} ${version} (${origin})`));
  return [
    `${String(cpus().length)} × ${cpus()[0]?.model ?? "?"}, ${gib} GiB, Linux ${release()}, Node ${process.versions.node}`,
    `${firstLine("ssh", "-V")}; ${firstLine("ansible", "--version")}`,
    [...listed].join(", "),
  ];
}

/** The commit of a checkout, short; with a plus when it has changes that are in none. */
export function commitOf(checkout: string): string {
  const git = (...args: readonly string[]) => spawnSync("git", args, { cwd: checkout, encoding: "utf8" }).stdout.trim();
  return `${git("rev-parse", "--short=7", "HEAD")}${git("status", "--porcelain") === "" ? "" : "+"}`;
}

/** Programs say their version on either stream. */
function firstLine(program: string, option: string): string {
  const { stdout, stderr, error } = spawnSync(program, [option], { encoding: "utf8" });
  return error === undefined ? (`${stdout}${stderr}`.split("\n")[0] ?? "") : `no ${program}`;
}
