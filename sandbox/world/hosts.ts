import { join } from "node:path";

import type { ServiceView } from "../docker/index.js";
import { type HostOptions, PROJECTS, type ReachableHost, startHost } from "../hosts/index.js";

/** The team's hosts and the target of each: a Compose project below sandbox/hosts/projects/. */
const TARGETS = { "vps-i1": "monitoring", "vps-h1": "hostinger" } as const;

export type HostName = keyof typeof TARGETS;
export const HOST_NAMES = Object.keys(TARGETS) as HostName[];

/** One of the team's hosts, with its only target: a stand-in of the sandbox, or a machine of the lab. */
export interface TeamHost extends ReachableHost {
  readonly target: string;
  /** The target's `.env`, `undefined` when there is none. */
  readEnv(): string | undefined;
  /** Edits it as a person on the host would; `undefined` deletes it. */
  writeEnv(text: string | undefined): void;
  services(): Promise<readonly ServiceView[]>;
  /** Its services end and are gone, as by `docker compose down`. */
  removeServices(): Promise<void>;
  /** Docker's daemon stops or comes back; containers go on running meanwhile. */
  setDaemon(up: boolean): Promise<void>;
}

/** What all hosts of a team have in common. */
export type HostCommon = Omit<HostOptions, "name" | "targets">;

/** Starts a host of the team. Its services start with the first apply. */
export type StartTeamHost = (name: string, target: TeamTarget, options: HostCommon) => Promise<TeamHost>;

/** A target's name, which is its Compose project's too, and that project's file. */
export interface TeamTarget {
  readonly name: string;
  readonly composeFile: string;
}

/** The target of one of the team's hosts. */
export function targetOf(name: HostName): TeamTarget {
  const target = TARGETS[name];
  return { name: target, composeFile: join(PROJECTS, target, "compose.yaml") };
}

/** The team's hosts, each with its target. */
export function teamTargets(): Map<HostName, TeamTarget> {
  return new Map(HOST_NAMES.map((name) => [name, targetOf(name)]));
}

/** With stand-ins for sshd and Docker. */
export const startTeamHost: StartTeamHost = async (name, { name: target, composeFile }, options) => {
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
    removeServices: { value: () => host.docker.removeProject(target) },
    setDaemon: {
      value: (up: boolean) => {
        host.docker.setDaemon(up);
        return Promise.resolve();
      },
    },
  }) as TeamHost;
};
