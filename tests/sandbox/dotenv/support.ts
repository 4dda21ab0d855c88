/** Compose's own parser and a POSIX shell, as readers of `.env` files, many in one go. */
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { ensureToolchain } from "../../../toolchain/setup.mjs";

export const SEED = Number(process.env["P24_SEED"] ?? Math.floor(Math.random() * 0x7fffffff));

/** What Compose reads out of one file; `undefined` when it refuses the file. */
export type Read = Readonly<Record<string, string>> | undefined;

/** Compose's parser in one process (toolchain/go/compose-dotenv), whose environment is empty. */
export interface ComposeParser {
  /** One answer a file, in their order. */
  read(files: readonly string[]): Promise<Read[]>;
  close(): void;
}

export async function startComposeParser(): Promise<ComposeParser> {
  const { tools } = await ensureToolchain({ only: ["compose-dotenv"], with: ["compose-dotenv"], quiet: true });
  const program = tools.find(({ name }) => name === "compose-dotenv")?.location ?? "compose-dotenv";
  const child = spawn(program, [], { env: {}, stdio: ["pipe", "pipe", "ignore"] });
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    read: async (files) => {
      for (const file of files) {
        const bytes = Buffer.from(file, "utf8");
        child.stdin.write(`${String(bytes.length)}\n`);
        child.stdin.write(bytes);
      }
      const read: Read[] = [];
      while (read.length < files.length) {
        const { done, value } = await answers.next();
        if (done === true) {
          throw new Error("compose-dotenv ended");
        }
        read.push((JSON.parse(value) as { values?: Record<string, string> }).values);
      }
      return read;
    },
    close: () => {
      child.stdin.end();
    },
  };
}

/** The POSIX shells of this machine. */
export const SHELLS = [["/bin/sh"], ["/bin/bash", "--posix"], ["/usr/bin/busybox", "sh"]].filter(([path]) =>
  existsSync(path ?? ""),
);

/** A shell in a folder of its own. */
export interface Shell {
  /** The environment of a program that is started after `set -a; . FILE`. */
  source(file: string): Map<string, string>;
  /** Names of all files in the folder but the sourced one: empty as long as a file ran nothing that leaves a trace. */
  traces(): string[];
  close(): void;
}

export function openShell([program = "/bin/sh", ...args]: readonly string[] = []): Shell {
  const dir = mkdtempSync(join(tmpdir(), "p24-dotenv-"));
  return {
    source: (file) => {
      writeFileSync(join(dir, "file.env"), file);
      const printed = execFileSync(program, [...args, "-c", "set -eua; . ./file.env; exec env -0"], {
        cwd: dir,
        env: { PATH: "/usr/bin:/bin" },
        stdio: ["ignore", "pipe", "pipe"],
        encoding: "utf8",
        maxBuffer: 64 * 1024 * 1024,
      });
      const pairs = printed.split("\0").slice(0, -1);
      return new Map(pairs.map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]));
    },
    traces: () => readdirSync(dir).filter((name) => name !== "file.env"),
    close: () => {
      rmSync(dir, { recursive: true });
    },
  };
}
