import { execFileSync } from "node:child_process";
import { accessSync, chmodSync, constants, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { HostBinaries } from "./options.js";

/** Where the host program looks after the host's own folder of programs. */
export const SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

const OPENSSL = `
// Stand-in of the p24 sandbox for openssl: knows the one call of host/p24-host and nothing else.
const { createPublicKey, verify } = require("node:crypto");
const { readFileSync } = require("node:fs");
const [verb, ...args] = process.argv.slice(2);
if (verb === "version") {
  console.log("OpenSSL 3.0.0 (stand-in of the p24 sandbox)");
  process.exit(0);
}
const after = (option) => readFileSync(args[args.indexOf(option) + 1]);
const shape = args.filter((word, at) => word.startsWith("-")).join(" ");
if (verb !== "pkeyutl" || shape !== "-verify -pubin -inkey -rawin -in -sigfile") {
  process.exit(2);
}
process.exit(verify(null, after("-in"), createPublicKey(after("-inkey")), after("-sigfile")) ? 0 : 1);
`;

const FLOCK = `#!/bin/sh
# Stand-in of the p24 sandbox for flock -w SECONDS DESCRIPTOR: a folder beside the lock file instead of a kernel lock.
lock=$(readlink "/proc/$$/fd/$3").held
waited=0
until mkdir "$lock" 2>/dev/null; do
  holder=$(cat "$lock/pid" 2>/dev/null)
  if [ -n "$holder" ] && ! kill -0 "$holder" 2>/dev/null; then
    rm -rf "$lock"
    continue
  fi
  [ "$waited" -lt "$(($2 * 10))" ] || exit 1
  waited=$((waited + 1))
  sleep 0.1
done
echo "$PPID" >"$lock/pid"
`;

/**
 * Fills a host's folder of programs: age as given, and stand-ins for openssl and flock where the machine has none.
 * Returns a sentence about every stand-in.
 */
export function installPrograms(bin: string, { age, ageKeygen }: HostBinaries): string[] {
  symlinkSync(age, join(bin, "age"));
  symlinkSync(ageKeygen, join(bin, "age-keygen"));
  const said: string[] = [];
  if (!hasRecentOpenssl()) {
    const node = `'${process.execPath.replaceAll("'", "'\\''")}'`;
    writeFileSync(join(bin, "openssl.cjs"), OPENSSL);
    install(join(bin, "openssl"), `#!/bin/sh\nexec ${node} "$0.cjs" "$@"\n`);
    said.push("openssl: stand-in, this machine has none that verifies Ed25519");
  }
  if (onPath("flock") === undefined) {
    install(join(bin, "flock"), FLOCK);
    said.push("flock: stand-in, this machine has none");
  }
  return said;
}

function install(path: string, text: string): void {
  writeFileSync(path, text);
  chmodSync(path, 0o755);
}

function hasRecentOpenssl(): boolean {
  const openssl = onPath("openssl");
  try {
    return (
      openssl !== undefined && /^OpenSSL ([3-9]|\d\d)/.test(execFileSync(openssl, ["version"], { encoding: "utf8" }))
    );
  } catch {
    return false;
  }
}

function onPath(program: string): string | undefined {
  return SYSTEM_PATH.split(":")
    .map((folder) => join(folder, program))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}
