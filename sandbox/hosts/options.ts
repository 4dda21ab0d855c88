import type { DockerClient } from "../docker/index.js";
import type { ServerOptions, SshServer } from "./server.js";

/** One project of a host: where its `.env` belongs and which services run with it. */
export interface TargetOptions {
  /** What callers say: `monitoring`. */
  readonly name: string;
  /** Compose project. */
  readonly project: string;
  /** Copied to the target's directory as compose.yaml. By default the project's below sandbox/hosts/projects/. */
  readonly composeFile?: string;
  /** Seconds that services may take to become healthy. */
  readonly timeout?: number;
  /** Octal, without leading zero. */
  readonly mode?: string;
  /** Text of an executable that is run after an apply, or none. */
  readonly postApply?: string;
}

/** Programs that the host needs and a build machine may have elsewhere. */
export interface HostBinaries {
  readonly age: string;
  readonly ageKeygen: string;
}

/** What lets callers in, and which Docker client the host program starts, where it is not the sandbox's usual one. */
export interface HostParts {
  readonly startServer?: (options: ServerOptions) => SshServer;
  readonly dockerClient?: DockerClient;
}

export interface HostOptions extends HostParts {
  /** `vps-i1` */
  readonly name: string;
  /** Everything of this host lies below it. */
  readonly dir: string;
  /** The sync user; `claude-admin` by default. */
  readonly user?: string;
  readonly targets: readonly TargetOptions[];
  readonly bin: HostBinaries;
  /** age recipients that may read observations. */
  readonly observers: readonly string[];
  /** Ed25519 public part of the payload signer, SPKI PEM. */
  readonly signerPublicPem: string;
  /** Public part of the sync key, OpenSSH form. */
  readonly syncPublicKey: string;
  /** 0 or absent: any free one. */
  readonly port?: number;
}

/** Whom the sync logs in as, when the options do not say. */
export const SYNC_USER = "claude-admin";
