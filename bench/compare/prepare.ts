/**
 * `tsx bench/compare/prepare.ts`: what the comparison needs from the distribution, installed once by apt-get. Ends with 1 and
 * the reason when this machine cannot run it.
 */
import { apt, installAll, isInstalled } from "../../lab/debian.js";

/** Ansible's package brings community.sops too; Perl and setpriv (util-linux) are on every Debian. */
const PACKAGES = ["ansible", "openssh-server", "openssh-client"];

function prepare(): void {
  if (process.platform !== "linux" || process.getuid?.() !== 0) {
    throw new Error("it starts an sshd a host, which takes Linux and root");
  }
  const missing = PACKAGES.filter((name) => !isInstalled(name));
  if (missing.length > 0) {
    console.error(`from the distribution: ${missing.join(", ")}`);
    apt(["update"]);
    installAll(missing);
  }
}

try {
  prepare();
} catch (error) {
  console.error(`the comparison cannot run here: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
