import type { HostObservation, ObservedService } from "../observe/host.js";
import { readAssignment } from "../seal/dotenvReader.js";
import type { Fingerprint, Fingerprinter } from "../seal/fingerprint.js";
import { Secret } from "../seal/secret.js";
import { streamed } from "../seal/streamed.js";
import { findIdentities } from "./identities.js";

export type OpenedAnswer =
  | { readonly ok: true; readonly observation: HostObservation }
  | { readonly ok: false; readonly what: string; readonly repair: string };

/**
 * Decrypts a host's answer with the caller's identities and turns every value into its fingerprint at once: no value
 * leaves this module. The form is docs/host-protocol.md, "Answer of `observe`".
 */
export async function openAnswer(
  armored: string,
  host: string,
  target: string,
  fingerprinter: Fingerprinter,
  env: NodeJS.ProcessEnv,
): Promise<OpenedAnswer> {
  const text = await decryptArmor(armored, await findIdentities(env));
  if (text === undefined) {
    return {
      ok: false,
      what: "its answer is not encrypted to any of your age identities, or was cut off",
      repair: "add your recipient to /etc/p24-host/observers on the host",
    };
  }
  const reader = new AnswerReader(fingerprinter);
  if (!text.split("\n").every((line) => reader.take(line)) || !reader.isWhole(host, target)) {
    return {
      ok: false,
      what: "its answer is not of the form that this program knows",
      repair: "update the host program",
    };
  }
  return { ok: true, observation: reader.observation() };
}

async function decryptArmor(armored: string, identities: readonly string[]): Promise<string | undefined> {
  const { Decrypter, armor } = await import("age-encryption");
  const decrypter = new Decrypter();
  for (const identity of identities) {
    try {
      decrypter.addIdentity(identity);
    } catch {
      // malformed: the next one may fit, and the library's text may repeat it
    }
  }
  try {
    return (await streamed(armor.decode(armored), (bytes) => decrypter.decrypt(bytes))).toString("utf8");
  } catch {
    return undefined;
  }
}

/** The lines that stand in every answer once, and what they may say. */
const FORMS: Readonly<Record<string, RegExp>> = {
  "p24-observe": /^1$/,
  program: /^\d+$/,
  host: /^\S+$/,
  target: /^\S+$/,
  identity: /^(?:ok|absent|mode)$/,
  recipient: /^(?:age1[0-9a-z]+|none)$/,
  serial: /^\d{1,15}$/,
  pending: /^(?:yes|no)$/,
  file: /^(?:absent|present [0-7]{1,4} \S+)$/,
  want: /^[0-7]{1,4} \S+$/,
  unread: /^\d{1,9}$/,
  docker: /^(?:ok|down|absent)$/,
  end: /^$/,
};

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Takes an answer line by line. */
class AnswerReader {
  readonly #said = new Map<string, string>();
  readonly #own = new Map<string, Fingerprint | undefined>();
  readonly #foreign: string[] = [];
  readonly #services: Mutable<ObservedService & { env: Map<string, Fingerprint> }>[] = [];
  readonly #recreate: string[] = [];
  readonly #fingerprinter: Fingerprinter;
  #assignment: { name: string; lines: string[] } | undefined;

  constructor(fingerprinter: Fingerprinter) {
    this.#fingerprinter = fingerprinter;
  }

  /** Whether the line could be read. */
  take(line: string): boolean {
    if (this.#said.has("end")) {
      return line === "";
    }
    if (line.startsWith("|")) {
      this.#assignment?.lines.push(line.slice(1));
      return this.#assignment !== undefined;
    }
    this.#endAssignment();
    const blank = line.indexOf(" ");
    const word = blank === -1 ? line : line.slice(0, blank);
    const rest = blank === -1 ? "" : line.slice(blank + 1);
    switch (word) {
      case "own":
        this.#assignment = { name: rest, lines: [] };
        return true;
      case "name":
        this.#foreign.push(rest);
        return true;
      case "service":
        return this.#service(rest.split(" "));
      case "recreate":
        this.#recreate.push(rest);
        return this.#services.some(({ name }) => name === rest);
      case "env":
        return this.#env(rest);
      default:
        this.#said.set(word, rest);
        return FORMS[word]?.test(rest) === true;
    }
  }

  isWhole(host: string, target: string): boolean {
    const said = this.#said;
    return (
      Object.keys(FORMS).every((word) => said.has(word)) && said.get("host") === host && said.get("target") === target
    );
  }

  observation(): HostObservation {
    const said = (word: string) => this.#said.get(word) ?? "";
    const recipient = said("recipient");
    const [presence, mode, owner] = said("file").split(" ");
    const [wantMode, wantOwner] = said("want").split(" ");
    return {
      program: Number(said("program")),
      identity: said("identity") as HostObservation["identity"],
      recipient: recipient.startsWith("age1") ? recipient : undefined,
      serial: Number(said("serial")),
      pending: said("pending") === "yes",
      file: presence === "present" ? { mode: mode ?? "", owner: owner ?? "" } : undefined,
      want: { mode: wantMode ?? "", owner: wantOwner ?? "" },
      own: this.#own,
      foreign: this.#foreign,
      unread: Number(said("unread")),
      docker: said("docker") as HostObservation["docker"],
      services: this.#services,
      recreate: this.#recreate,
    };
  }

  /** The last assignment of a name counts, as with Compose. */
  #endAssignment(): void {
    if (this.#assignment === undefined) {
      return;
    }
    const { name, lines } = this.#assignment;
    const read = readAssignment(lines.join("\n"))?.read;
    this.#own.set(name, read !== undefined && "value" in read ? this.#of(read.value) : undefined);
    this.#assignment = undefined;
  }

  #service([name, state, health]: string[]): boolean {
    this.#services.push({ name: name ?? "", state: state ?? "", health: health ?? "", env: new Map() });
    return name !== undefined && state !== undefined;
  }

  #env(rest: string): boolean {
    const service = this.#services.findLast(({ name }) => rest.startsWith(`${name} `));
    try {
      const [, name, value] = /^([^=]+)=(.*)$/s.exec(String(JSON.parse(rest.slice(rest.indexOf(" ") + 1)))) ?? [];
      if (service !== undefined && name !== undefined && value !== undefined) {
        service.env.set(name, this.#of(value));
        return true;
      }
    } catch {
      // fall through: not JSON
    }
    return false;
  }

  #of(value: string): Fingerprint {
    return this.#fingerprinter.of(new Secret(value));
  }
}
