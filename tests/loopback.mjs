// `npm run fence [LEVEL …]`: runs tests once where the network is loopback and nothing else (a network namespace of Linux),
// so that a request that went around the sandbox's fence would fail. Without a level: all of them.
//
// `loopbackOnly` is for tests/run.mjs: it gives the command that starts another one in such a namespace.
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Started inside: brings loopback up, makes sure that it is alone, and becomes the command. */
const INSIDE = `ip link set lo up || ifconfig lo up || exit 70
[ "$(sed '1,2d; s/:.*//; s/ //g' /proc/net/dev)" = lo ] || exit 70
exec "$@"`;

/** What starts a command with loopback only, or why this machine cannot. */
export function loopbackOnly() {
  const ways = [
    ["unshare", "--net"],
    ["unshare", "--net", "--map-root-user"],
  ].map((way) => [...way, "sh", "-c", INSIDE, "loopback"]);
  const works = ways.find(
    ([command, ...args]) => spawnSync(command, [...args, "true"], { stdio: "ignore" }).status === 0,
  );
  return works === undefined
    ? { why: "no network namespace can be made here (it takes Linux, unshare and ip, and root or user namespaces)" }
    : { prefix: works };
}

/** A build machine that runs as root can make one: there it is a fault when it does not work. */
export function isRequired() {
  return process.env.CI === "true" && process.getuid?.() === 0;
}

function main(levels) {
  const { prefix, why } = loopbackOnly();
  if (prefix === undefined) {
    console.log(`The fence was not proved: ${why}.`);
    return isRequired() ? 1 : 0;
  }
  const known = readdirSync(join(root, "tests"), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const chosen = levels.length > 0 ? levels : known.map(({ name }) => name).filter((name) => name !== "support");
  const patterns = chosen.map((level) => (level.endsWith(".ts") ? level : `tests/${level}/**/*.test.ts`));
  const mocha = [process.execPath, join(root, "node_modules/mocha/bin/mocha.js"), ...patterns];
  const [command, ...args] = [...prefix, ...mocha];
  const { status } = spawnSync(command, args, {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, P24_LOOPBACK_ONLY: "1" },
  });
  console.log(status === 0 ? "All of it ran with loopback only." : "Not all of it passed with loopback only.");
  return status === 0 ? 0 : 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.exitCode = main(process.argv.slice(2));
}
