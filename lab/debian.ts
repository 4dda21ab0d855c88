/** Packages of the distribution, through its own client. */
import { spawnSync } from "node:child_process";

/** Runs apt-get. Throws with all that it said when it fails. */
export function apt(args: readonly string[], cwd?: string): void {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const { status, stdout, stderr } = spawnSync("apt-get", ["-qq", ...args], { cwd, env, encoding: "utf8" });
  if (status !== 0) {
    throw new Error(`apt-get ${args.join(" ")} failed:\n${stdout}${stderr}`);
  }
}

/** Installs packages with what they cannot do without. */
export function installAll(names: readonly string[]): void {
  apt(["install", "--yes", "--no-install-recommends", ...names]);
}

/** Whether a package is installed. */
export function isInstalled(name: string): boolean {
  const { stdout } = spawnSync("dpkg-query", ["-W", "-f", "${Status}", name], { encoding: "utf8" });
  return stdout === "install ok installed";
}
