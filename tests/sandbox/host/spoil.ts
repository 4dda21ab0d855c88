import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

import { on, type TestHost } from "./support.js";

/** Puts a shell script of the test's own in front of a program of the host; returns how to take it away again. */
export function wrapProgram(host: TestHost, name: string, text: string): () => void {
  const path = on(host, `usr/local/bin/${name}`);
  const kept = existsSync(path) ? moveAway(path) : () => undefined;
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
  return () => {
    rmSync(path);
    kept();
  };
}

/** Renames a file; returns how to bring it back. */
export function moveAway(path: string): () => void {
  renameSync(path, `${path}.away`);
  return () => {
    renameSync(`${path}.away`, path);
  };
}

/** Writes over a file; returns how to bring the former text back. */
export function writeOver(path: string, text: string): () => void {
  const kept = readFileSync(path);
  writeFileSync(path, text);
  return () => {
    writeFileSync(path, kept);
  };
}

/** A folder with links to every tool that the host program uses, but for one. */
export function linkTools(host: TestHost, missing: string): string {
  const bin = join(host.base, `without-${missing}`);
  mkdirSync(bin);
  const own = ["age", "age-keygen", "docker"];
  const tools =
    "env sh id stat openssl flock mkdir rm head cat base64 awk sync mv ln chown chmod cmp sha256sum timeout date".split(
      " ",
    );
  for (const tool of [...own, ...tools].filter((name) => name !== missing)) {
    const target = own.includes(tool)
      ? on(host, `usr/local/bin/${tool}`)
      : execFileSync("sh", ["-c", `command -v ${tool}`], { encoding: "utf8" }).trim();
    symlinkSync(target, join(bin, tool));
  }
  return bin;
}
