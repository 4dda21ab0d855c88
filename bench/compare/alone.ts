import { readFileSync } from "node:fs";

import { type CommandResult, inWorktree } from "../../sandbox/world/engine.js";
import { median } from "../statistics.js";
import type { Alone } from "./results.js";
import { succeeded } from "./ways/way.js";
import type { Fleet } from "./world.js";

const ROUNDS = 7;

/** What the programs cost that every way starts, one at a time on an idle fleet. */
export async function aloneIn({ world, sshConfig, hostList }: Fleet): Promise<Alone[]> {
  const [name = "", directory = ""] = (readFileSync(hostList, "utf8").split("\n")[0] ?? "").split(" ");
  const docker = `${world.hosts.get(name)?.root ?? ""}/usr/local/bin/docker`;
  const calls: Readonly<Record<string, () => Promise<CommandResult>>> = {
    "sops -d secrets/shared.sops.yaml": () => inWorktree(world, "sops", ["-d", "secrets/shared.sops.yaml"]),
    "ssh HOST true": () => inWorktree(world, "ssh", ["-F", sshConfig, name, "true"]),
    "docker compose up -d (the stand-in, nothing changed)": () =>
      inWorktree(world, docker, ["compose", "up", "-d"], { cwd: directory }),
  };
  const alone: Alone[] = [];
  for (const [what, call] of Object.entries(calls)) {
    const times: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const result = await call();
      succeeded(result);
      times.push(result.elapsedMs);
    }
    alone.push({ what, ms: median(times) });
  }
  return alone;
}
