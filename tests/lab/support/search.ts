/** Looks for values on a machine: where a person or another program could come across one. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

import type { LabHost } from "../../../lab/host.js";
import type { Searcher } from "../../../core/search/searcher.js";

/**
 * What may hold values: the derived files themselves, and what Docker keeps of the environment that its containers are
 * configured with; the last for as long as a command in a container starts. All of it is root's alone.
 */
const ALLOWED = ["/var/lib/docker/", "/run/docker/", "/tmp/runc-process"];

/** Written at the machine's start: what is older belongs to the machine below. */
const BOOTED = "/etc/ssh/ssh_host_ed25519_key.pub";

/** `PATH: SECRET (FORM)` for every value in a file that this machine has of its own, besides what is allowed. */
export async function findingsOn(host: LabHost, searcher: Searcher): Promise<string[]> {
  const derived = [".env", ".env.previous"].map((name) => `${host.directory}/${name}`);
  const without = [...ALLOWED.map((start) => `${start}*`), ...derived].flatMap((path) => ["!", "-path", path]);
  const search = ["find", "/tmp", "/var", "/run", "/opt", "/etc", "/home", "/root", "-type", "f", "-newercm", BOOTED];
  const paths = (await host.machine.must([...search, ...without])).split("\n").filter(Boolean);
  return paths.flatMap((path) =>
    searcher.find(readFileSync(join(host.root, path))).map(({ secret, form }) => `${path}: ${secret} (${form})`),
  );
}
