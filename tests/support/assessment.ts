/** An assessment made by hand: what git wants and what each place showed, compared by the real comparison. */
import type { Assessment } from "../../core/assess.js";
import { contentOf } from "../../core/compare/content.js";
import { compareRepository } from "../../core/compare/github.js";
import { compareHost } from "../../core/compare/host.js";
import { EMPTY_LEDGER, type Ledger } from "../../core/ledger.js";
import type { Observed, RepositoryObservation } from "../../core/observe/github.js";
import type { HostObservation, NotAsked } from "../../core/observe/host.js";
import { Secret } from "../../core/seal/secret.js";
import { fingerprintsOf } from "../../core/assess.js";
import { type AgeIdentity, ageIdentity, signerPem, sshPair } from "./identities.js";
import { fingerprinter, secretsOf } from "./secrets.js";

export const REPOSITORY = "radieu/p24-infra";
export const HOST = "vps-i1";

export interface World {
  readonly github?: Readonly<Record<string, string>>;
  readonly host?: Readonly<Record<string, string>>;
  readonly repository?: Observed<RepositoryObservation>;
  readonly observedHost?: Observed<HostObservation> | NotAsked;
  readonly ledger?: Partial<Ledger>;
}

export interface Made {
  readonly seen: Assessment;
  /** The host's identity, to open what is sent to it. */
  readonly identity: AgeIdentity;
  readonly signingPem: string;
}

/** A repository of which the private part is known, to open what is sealed for it. */
export async function sealable() {
  const { default: sodium } = await import("libsodium-wrappers");
  await sodium.ready;
  const pair = sodium.crypto_box_keypair();
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");
  return {
    box: { keyId: "568", publicKey: text(pair.publicKey) },
    open: (sealed: string) =>
      Buffer.from(
        sodium.crypto_box_seal_open(Buffer.from(sealed, "base64"), pair.publicKey, pair.privateKey),
      ).toString(),
  };
}

export async function assessmentOf(world: World): Promise<Made> {
  const identity = await ageIdentity();
  const signingPem = signerPem();
  const github = secretsOf(world.github ?? {});
  const host = secretsOf(world.host ?? {});
  const ledger: Ledger = { ...EMPTY_LEDGER, ...world.ledger };
  const unreachable = { unreachable: { where: "x", what: "is off", repair: "wait" } };
  const repository = world.repository ?? unreachable;
  const observedHost = world.observedHost ?? unreachable;
  const entries = ledger.github.get(REPOSITORY) ?? new Map();
  const prints = (values: typeof github) => fingerprintsOf(values, fingerprinter);
  const seen: Assessment = {
    desired: { github, hosts: new Map([[HOST, host]]), placed: [] },
    stackSecrets: {
      pulumi_passphrase: new Secret("a long passphrase"),
      fingerprint_key: new Secret("unused"),
      payload_signing_key: new Secret(signingPem),
      sync_ssh_key: new Secret(sshPair().private),
    },
    recipients: { byName: new Map([["vps_i1", identity.recipient]]), rules: [], ruleFor: () => undefined },
    fingerprinter,
    ledger,
    checkout: { head: "c0ffee", dirty: [], shallow: false, converged: "none" },
    repositories: new Map([[REPOSITORY, repository]]),
    hosts: new Map([[HOST, observedHost]]),
    contents: new Map([[HOST, contentOf("monitoring", prints(host))]]),
    former: {},
    further: {},
    reports: [
      compareRepository(REPOSITORY, prints(github), repository, entries, fingerprinter.keyId),
      compareHost(HOST, { prune: [], target: "monitoring" }, identity.recipient, prints(host), observedHost),
    ],
    warnings: [],
  };
  return { seen, identity, signingPem };
}
