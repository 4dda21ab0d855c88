import { spawn } from "node:child_process";
import { existsSync, lstatSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

import type { SandboxPaths } from "../world/paths.js";

/** Where a value could come out. */
export const PLACES = [
  "stack export",
  "backend",
  "PULUMI_HOME",
  "output",
  "arguments",
  "environment",
  "temporary files",
  "passing files",
  "HOME",
  "work tree",
  "git objects",
  "hosts",
  "sandbox",
  "bundles",
  "core dumps",
] as const;

export type Place = (typeof PLACES)[number];

/** Something to search: a file, a variable of a process, what a command printed. */
export interface Sample {
  readonly place: Place;
  /** The file, program or command, for people; never content. */
  readonly where: string;
  readonly content: Buffer;
}

/** All that lies in a sandbox's folders. Links are not followed: what they lead to (the checkout, tools) is not written. */
export function* filesOf(paths: SandboxPaths): Generator<Sample> {
  const inside: readonly [Place, string][] = [
    ["backend", paths.backend],
    ["PULUMI_HOME", paths.pulumiHome],
    ["HOME", paths.home],
    ["work tree", paths.work],
    ["hosts", paths.hosts],
  ];
  for (const [place, folder] of inside) {
    yield* filesBelow(place, folder, paths.dir);
  }
  const met = new Set(inside.map(([, folder]) => folder));
  yield* filesBelow("sandbox", paths.dir, paths.dir, met);
}

/** Every file below a folder. Its name is searched with its content. */
export function* filesBelow(
  place: Place,
  folder: string,
  root: string,
  without: ReadonlySet<string> = new Set(),
): Generator<Sample> {
  for (const entry of existsSync(folder) ? readdirSync(folder, { withFileTypes: true }) : []) {
    const path = join(folder, entry.name);
    const where = relative(root, path);
    if (entry.isDirectory() && !without.has(path)) {
      yield* filesBelow(place, path, root, without);
    } else if (entry.isFile() && lstatSync(path).size > 0) {
      const content = readFileSync(path);
      yield { place: isCoreDump(content) ? "core dumps" : place, where, content };
    }
    yield {
      place,
      where: `name of ${entry.isDirectory() ? "a folder" : "a file"} in ${where.split("/")[0] ?? ""}`,
      content: Buffer.from(entry.name),
    };
  }
}

/** ELF, and of the type that a kernel writes for a process that crashed. */
export function isCoreDump(content: Buffer): boolean {
  return (
    content.subarray(0, 4).toString("latin1") === "\x7fELF" && content.length > 18 && content.readUInt16LE(16) === 4
  );
}

/** Every object of a git repository as git stores it, unpacked: also what no branch holds any more. */
export async function* gitObjects(work: string, env: NodeJS.ProcessEnv): AsyncGenerator<Sample> {
  const all = await output(work, env, ["cat-file", "--batch-all-objects", "--batch"]);
  for (let at = 0; at < all.length;) {
    const end = all.indexOf(10, at);
    const [id = "", kind = "", size = "0"] = all.subarray(at, end).toString("latin1").split(" ");
    const next = end + 1 + Number(size);
    yield { place: "git objects", where: `${kind} ${id.slice(0, 12)}`, content: all.subarray(end + 1, next) };
    at = next + 1;
  }
}

/** What git prints. Its stderr goes nowhere. */
export function output(work: string, env: NodeJS.ProcessEnv, args: readonly string[]): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const child = spawn("git", args, { cwd: work, env, stdio: ["ignore", "pipe", "ignore"] });
    const chunks: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.once("error", reject);
    child.once("close", () => {
      resolve(Buffer.concat(chunks));
    });
  });
}
