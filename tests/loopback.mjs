// Runs a command where the network is loopback and nothing else (a network namespace of Linux), so that a request that went
// around the sandbox's fence would fail.
import { spawnSync } from "node:child_process";

/** Started inside: brings loopback up, makes sure that it is alone, and becomes the command. */
const INSIDE = `ip link set lo up || ifconfig lo up || exit 70
[ "$(sed '1,2d; s/:.*//; s/ //g' /proc/net/dev)" = lo ] || exit 70
exec "$@"`;

/**
 * `prefix`: what starts a command with loopback only; else `why` this machine cannot. A user namespace would do without
 * root, but shows other owners of files than the tests expect. A build machine that runs as root can: there it is a fault
 * when it does not work.
 */
export function loopbackOnly() {
  const prefix = ["unshare", "--net", "sh", "-c", INSIDE, "loopback"];
  const [command, ...args] = [...prefix, "true"];
  if (spawnSync(command, args, { stdio: "ignore" }).status === 0) {
    return { prefix, isFault: false };
  }
  return {
    why: "no network namespace can be made here (it takes Linux, root, unshare and ip)",
    isFault: process.env.CI === "true" && process.getuid?.() === 0,
  };
}
