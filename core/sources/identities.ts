import { mkdir, readFile, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";

import { replaceFile } from "../files.js";
import { run } from "../process.js";

/**
 * The caller's age identities, from the places where sops looks for them (getsops/sops, README, "Encrypting using
 * age"): SOPS_AGE_KEY, SOPS_AGE_KEY_FILE, SOPS_AGE_KEY_CMD, and keys.txt in the user's configuration folder.
 * They stay inside `core/sources/`.
 */
export async function findIdentities(env: NodeJS.ProcessEnv): Promise<string[]> {
  const texts = await Promise.all([
    readText(env["SOPS_AGE_KEY_FILE"]),
    readCommand(env["SOPS_AGE_KEY_CMD"], env),
    readText(defaultFile(env)),
  ]);
  return identitiesIn([env["SOPS_AGE_KEY"] ?? "", ...texts].join("\n"));
}

function identitiesIn(text: string): string[] {
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  return [...new Set(lines.filter((line) => line.startsWith("AGE-SECRET-KEY-")))];
}

/** A place where sops looks for identities, and the public parts of those that it found there. */
export interface IdentityPlace {
  /** The variable's name, or the file. */
  readonly where: string;
  /** The file, when it is one and is there. */
  readonly file: string | undefined;
  /** The file's permission bits; `undefined` on Windows, where an access list says who may read. */
  readonly mode: number | undefined;
  readonly recipients: readonly string[];
}

/** The places that name an identity or a file, in the order in which sops asks them. */
export async function identityPlaces(env: NodeJS.ProcessEnv): Promise<IdentityPlace[]> {
  const places: IdentityPlace[] = [];
  const inline = env["SOPS_AGE_KEY"] ?? "";
  if (inline !== "") {
    places.push({ where: "SOPS_AGE_KEY", file: undefined, mode: undefined, recipients: await publicParts(inline) });
  }
  const named = env["SOPS_AGE_KEY_FILE"] ?? "";
  if (named !== "") {
    const { file, mode, recipients } = await identityFile(named);
    places.push({ where: "SOPS_AGE_KEY_FILE", file, mode, recipients });
  }
  const command = env["SOPS_AGE_KEY_CMD"] ?? "";
  if (command !== "") {
    const recipients = await publicParts(await readCommand(command, env));
    places.push({ where: "SOPS_AGE_KEY_CMD", file: undefined, mode: undefined, recipients });
  }
  const usual = await identityFile(defaultFile(env));
  return usual.file === undefined ? places : [...places, usual];
}

/** What a file holds; without `file` when it is not there. */
export async function identityFile(path: string): Promise<IdentityPlace> {
  const [info, text] = await Promise.all([stat(path).catch(() => undefined), readText(path)]);
  const mode = info === undefined || process.platform === "win32" ? undefined : info.mode & 0o777;
  return { where: path, file: info === undefined ? undefined : path, mode, recipients: await publicParts(text) };
}

/** Of malformed identities nothing is said: the library's text may repeat them. */
async function publicParts(text: string): Promise<string[]> {
  const { identityToRecipient } = await import("age-encryption");
  const parts = await Promise.all(identitiesIn(text).map((one) => identityToRecipient(one).catch(() => undefined)));
  return parts.filter((part) => part !== undefined);
}

/**
 * Makes an identity and writes it as `age-keygen -o` does, for its owner's eyes only. Gives its public part; the private one
 * stands in the file and nowhere else. What is there already is overwritten: ask {@link identityFile} first.
 */
export async function makeIdentity(path: string, now = new Date()): Promise<string> {
  const { generateX25519Identity, identityToRecipient } = await import("age-encryption");
  const identity = await generateX25519Identity();
  const recipient = await identityToRecipient(identity);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const created = now.toISOString().replace(/\.\d+Z$/, "Z");
  await replaceFile(path, `# created: ${created}\n# public key: ${recipient}\n${identity}\n`, 0o600);
  return recipient;
}

/** The spec's own place for a developer's identity, where sops does not look by itself: `~/.age/personal.key`. */
export function personalFile(env: NodeJS.ProcessEnv): string {
  const home = process.platform === "win32" ? (env["USERPROFILE"] ?? homedir()) : (env["HOME"] ?? homedir());
  return join(home, ".age", "personal.key");
}

/** Where sops and this program look when no variable names a file. */
export function defaultFile(env: NodeJS.ProcessEnv): string {
  const below = join("sops", "age", "keys.txt");
  if (env["XDG_CONFIG_HOME"] !== undefined && env["XDG_CONFIG_HOME"] !== "") {
    return join(env["XDG_CONFIG_HOME"], below);
  }
  const home = env["HOME"] ?? homedir();
  switch (process.platform) {
    case "win32":
      return join(env["APPDATA"] ?? join(homedir(), "AppData", "Roaming"), below);
    case "darwin":
      return join(home, "Library", "Application Support", below);
    default:
      return join(home, ".config", below);
  }
}

async function readCommand(command: string | undefined, env: NodeJS.ProcessEnv): Promise<string> {
  return command === undefined || command === "" ? "" : (await run(command, [], { env, shell: true })).stdout;
}

async function readText(file: string | undefined): Promise<string> {
  if (file === undefined || file === "") {
    return "";
  }
  return readFile(file, "utf8").catch(() => "");
}
