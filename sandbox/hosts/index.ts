import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type Docker, type ServiceView, startDocker } from "../docker/index.js";
import { makeSshIdentity } from "./identity.js";
import { authorizedKeys, layOut, type Layout, targetDirectory } from "./layout.js";
import { type HostOptions, SYNC_USER } from "./options.js";
import { type ConnectionFault, HostServer, type SshServer } from "./server.js";

export type { ConnectionFault } from "./server.js";
export { makeSshIdentity, type SshIdentity } from "./identity.js";
export { PROJECTS } from "./layout.js";
export type { HostOptions, TargetOptions } from "./options.js";
export type { ServiceView } from "../docker/index.js";

/** A host as its callers reach it, whatever it is made of. */
export interface ReachableHost {
  readonly name: string;
  readonly port: number;
  readonly user: string;
  /** What the settings pin: `ssh-ed25519 AAAA…`. */
  readonly hostKeyPublic: string;
  /** The host's age recipient, `age1…`. */
  readonly recipient: string;
  /** What is `/` on a real host. */
  readonly root: string;
  /** The host's network goes or comes back, on the same port. */
  down(): Promise<void>;
  up(): Promise<void>;
  /** The server shows another identity (an attacker in between, a host set up anew) until `up` is called. */
  showOtherIdentity(): Promise<void>;
  /** A sentence about every stand-in. */
  describe(): readonly string[];
  close(): Promise<void>;
}

/** One VPS of the sandbox: an SSH server on loopback, the real host program, a stand-in for Docker. */
export interface SandboxHost extends ReachableHost {
  /** The installed host program. */
  readonly program: string;
  readonly docker: Docker;
  /** The directory of a target on this machine. */
  dir(target: string): string;
  /** The target's `.env`, `undefined` when there is none. */
  readEnv(target: string): string | undefined;
  /** Edits it as a person on the host would: in place, without telling anybody. `undefined` deletes it. */
  writeEnv(target: string, text: string | undefined): void;
  services(target: string): Promise<ServiceView[]>;
  setFault(fault: ConnectionFault): void;
}

/** Starts one host below `options.dir`. The first start of its services is up to the caller's first apply. */
export async function startHost(options: HostOptions): Promise<SandboxHost> {
  const layout = layOut(options);
  const socket = join(tmpdir(), `p24-${randomBytes(6).toString("hex")}.sock`);
  const docker = await startDocker({ dir: join(options.dir, "docker"), socket });
  docker.installClient(layout.bin, options.dockerClient);
  const identity = makeSshIdentity();
  const serve = options.startServer ?? ((wanted) => new HostServer(wanted));
  const server = serve({
    user: options.user ?? SYNC_USER,
    authorizedKeys: authorizedKeys(layout.root, options),
    identity: identity.private,
    command: [layout.program, "gate"],
    port: options.port ?? 0,
  });
  try {
    await server.up();
  } catch (error) {
    await docker.close();
    throw error;
  }
  const hostKeyPublic = identity.public.split(" ").slice(0, 2).join(" ");
  return new Host(options, layout, docker, server, hostKeyPublic);
}

class Host implements SandboxHost {
  readonly name: string;
  readonly user: string;
  readonly recipient: string;
  readonly root: string;
  readonly program: string;

  constructor(
    private readonly options: HostOptions,
    private readonly layout: Layout,
    readonly docker: Docker,
    private readonly server: SshServer,
    readonly hostKeyPublic: string,
  ) {
    this.name = options.name;
    this.user = options.user ?? SYNC_USER;
    this.recipient = layout.recipient;
    this.root = layout.root;
    this.program = layout.program;
  }

  get port(): number {
    return this.server.port;
  }

  dir(target: string): string {
    return join(this.root, targetDirectory(this.target(target)));
  }

  readEnv(target: string): string | undefined {
    const path = join(this.dir(target), ".env");
    return existsSync(path) ? readFileSync(path, "utf8") : undefined;
  }

  writeEnv(target: string, text: string | undefined): void {
    const path = join(this.dir(target), ".env");
    if (text === undefined) {
      rmSync(path, { force: true });
    } else {
      writeFileSync(path, text, { mode: 0o600 });
    }
  }

  async services(target: string): Promise<ServiceView[]> {
    return await this.docker.services(this.target(target).project);
  }

  async down(): Promise<void> {
    await this.server.down();
  }

  async up(): Promise<void> {
    await this.server.up();
  }

  async showOtherIdentity(): Promise<void> {
    await this.server.up(makeSshIdentity().private);
  }

  setFault(fault: ConnectionFault): void {
    this.server.fault = fault;
  }

  describe(): readonly string[] {
    return [this.server.describe(), this.docker.describe(), ...this.layout.standIns].map(
      (said) => `host ${this.name}: ${said}`,
    );
  }

  async close(): Promise<void> {
    await this.server.close();
    await this.docker.close();
  }

  private target(name: string): HostOptions["targets"][number] {
    const target = this.options.targets.find((one) => one.name === name);
    if (target === undefined) {
      throw new Error(`host ${this.name} has no target ${name}`);
    }
    return target;
  }
}
