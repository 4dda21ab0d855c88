import { join } from "node:path";

import type { ServiceView } from "../docker/index.js";
import { type HostOptions, PROJECTS, type SandboxHost, startHost } from "../hosts/index.js";

/** The team's hosts and the target of each: a Compose project below sandbox/hosts/projects/. */
const TARGETS = { "vps-i1": "monitoring", "vps-h1": "hostinger" } as const;

export type HostName = keyof typeof TARGETS;
export const HOST_NAMES = Object.keys(TARGETS) as HostName[];

/** One of the team's hosts, with its only target. */
export interface TeamHost extends Omit<SandboxHost, "readEnv" | "writeEnv" | "services"> {
  readonly target: string;
  /** The target's `.env`, `undefined` when there is none. */
  readEnv(): string | undefined;
  /** Edits it as a person on the host would; `undefined` deletes it. */
  writeEnv(text: string | undefined): void;
  services(): Promise<ServiceView[]>;
}

/** Starts a host of the team. Its services start with the first apply. */
export async function startTeamHost(name: HostName, options: Omit<HostOptions, "name" | "targets">): Promise<TeamHost> {
  const target = TARGETS[name];
  const composeFile = join(PROJECTS, target, "compose.yaml");
  const host = await startHost({ ...options, name, targets: [{ name: target, project: target, composeFile }] });
  return Object.create(host, {
    target: { value: target },
    readEnv: { value: () => host.readEnv(target) },
    writeEnv: {
      value: (text: string | undefined) => {
        host.writeEnv(target, text);
      },
    },
    services: { value: () => host.services(target) },
  }) as TeamHost;
}
