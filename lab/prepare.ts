/**
 * `tsx lab/prepare.ts`: what the lab needs from the distribution, fetched once by apt-get. Ends with 1 and the reason when
 * this machine cannot run the lab.
 */
import { mkdirSync } from "node:fs";

import { apt, installAll, isInstalled } from "./debian.js";
import { isKept, packageFolder } from "./packages.js";

const INSTALLED = ["docker.io", "openssh-server", "openssh-client", "sudo", "util-linux", "iproute2"];
/**
 * Kept as package files: age, which host/install shall install on machines, busybox as another shell there, and for images;
 * promtool and node_exporter for what hosts report of themselves.
 */
const KEPT = ["age", "busybox", "busybox-static", "prometheus", "prometheus-node-exporter"];

function prepare(): void {
  if (process.platform !== "linux" || process.getuid?.() !== 0) {
    throw new Error("it makes machines of its own, which takes Linux and root");
  }
  const [install, keep] = [INSTALLED.filter((name) => !isInstalled(name)), KEPT.filter((name) => !isKept(name))];
  if (install.length + keep.length === 0) {
    return;
  }
  console.log(`from the distribution: ${[...install, ...keep].join(", ")}`);
  apt(["update"]);
  if (install.length > 0) {
    installAll(install);
  }
  if (keep.length > 0) {
    const folder = packageFolder();
    mkdirSync(folder, { recursive: true });
    apt(["-o", "APT::Sandbox::User=root", "download", ...keep], folder);
  }
}

try {
  prepare();
} catch (error) {
  console.error(`the lab cannot run here: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
