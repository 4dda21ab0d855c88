/**
 * Kills `p24` from outside at each thing that it does to the world: at each call of a program that changes something, before it
 * begins and after it is done, and at each file that it puts in another's place. The program has no hooks for this: programs
 * are wrapped on PATH, and Node loads a module that wraps `rename`. Linux only.
 */
import { chmod, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";

export interface KillPoints {
  /** For the environment of `p24`. */
  readonly env: Record<string, string>;
  /** Points at which it was killed: `sops_encrypt_stack before`, `rename_other_sops_yaml after`. Sources but one are alike. */
  killed(): Promise<string[]>;
  /** The command lines of all programs that were called. */
  calls(): Promise<string>;
}

/** `originals`: program to the path that is started in the end. */
export async function layKillPoints(
  folder: string,
  originals: Readonly<Record<string, string>>,
  path: string,
): Promise<KillPoints> {
  const bin = join(folder, "bin");
  const marks = join(folder, "marks");
  await Promise.all([bin, marks].map((one) => mkdir(one, { recursive: true })));
  for (const [name, original] of Object.entries(originals)) {
    await writeFile(join(bin, name), wrapper(name, original, marks));
    await chmod(join(bin, name), 0o755);
  }
  const preload = join(folder, "renames.cjs");
  await writeFile(preload, RENAMES);
  return {
    env: { PATH: [bin, path].join(delimiter), NODE_OPTIONS: `--require ${preload}`, P24_TEST_MARKS: marks },
    killed: async () => (await readdir(marks)).filter((name) => name !== "calls").map((name) => name.replace(".", " ")),
    calls: () => readFile(join(marks, "calls"), "utf8"),
  };
}

/** What changes something, by program, and what it is about. */
const wrapper = (name: string, original: string, marks: string) => `#!/bin/sh
# Stand-in of a test: kills p24 at the first call of its kind, then at the first that is done; else starts the real ${name}.
echo "${name} $*" >>'${marks}/calls'
case "${name} $1 $2" in
"git init "* | "git add "* | "git commit "* | "sops encrypt "* | "sops set "* | "sops unset "* | "sops updatekeys "* | "sops rotate "* | "pulumi stack init" | "ssh "*) ;;
*) exec '${original}' "$@" ;;
esac
about=
for word; do case $word in */stack.sops.yaml.new) about=' stack' ;; *.new) about=' other' ;; esac; done
[ "${name}" != ssh ] || about=" $5"
point=$(printf '%s' "${name} $1$about" | tr -c 'A-Za-z0-9' _)
die() {
  [ ! -e "${marks}/$point.$1" ] || return 0
  : >"${marks}/$point.$1"
  pid=$PPID
  while ! tr '\\0' ' ' <"/proc/$pid/cmdline" | grep -q 'cli/p24\\.mjs'; do
    pid=$(sed 's/.*) . \\([0-9]*\\) .*/\\1/' "/proc/$pid/stat")
    [ "$pid" -gt 1 ] || exit 1
  done
  kill -9 "$pid"
  exit 1
}
die before
case "${name} $1" in
"sops set")
  '${original}' "$@" || exit
  # Only half of it has reached the disk when everything ends.
  for word; do case $word in *.new) [ -e "${marks}/$point.torn" ] || truncate --size 200 "$word" ;; esac; done
  die torn
  ;;
*) '${original}' "$@" || exit ;;
esac
die after
exit 0
`;

const RENAMES = `
// Of a test: ends this process where p24 puts a file in another's place, before and after, at each file once.
const fs = require("node:fs");
const { basename, join } = require("node:path");
const marks = process.env.P24_TEST_MARKS;
const rename = fs.promises.rename;
const die = (point, when) => {
  const mark = join(marks, point + "." + when);
  if (!fs.existsSync(mark)) {
    fs.writeFileSync(mark, "");
    process.kill(process.pid, "SIGKILL");
  }
};
if (process.argv[1]?.endsWith("cli/p24.mjs")) {
  fs.promises.rename = async (from, to) => {
    const name = basename(String(to)).replace(/^(?!stack).+(?=\\.sops\\.yaml$)/, "other");
    const point = "rename_" + name.replace(/[^A-Za-z0-9]/g, "_");
    die(point, "before");
    await rename(from, to);
    die(point, "after");
  };
}
`;
