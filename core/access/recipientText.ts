import { type Fault, FaultsError } from "../fault.js";
import type { Recipients } from "../model/recipients.js";
import { sourcePath } from "../model/sources.js";

/** `age1pq1` is age's prefix of post-quantum recipients (age 1.3); a second `1` behind `age1` is a plugin's. */
const POST_QUANTUM = "age1pq1";

const GIVE = "copy the whole of what age-keygen -y FILE prints: age1…";

/**
 * The recipient that somebody typed: of the checksum, the length and the form that age gives it. Throws a FaultsError, which
 * never repeats what was typed: it may be the private part, which is the commonest mistake.
 */
export async function readRecipient(typed: string): Promise<string> {
  const recipient = typed.trim().replace(/^#?\s*public key:\s*/i, "");
  const fault = textFault(recipient) ?? (await formFault(recipient));
  if (fault !== undefined) {
    throw new FaultsError([{ where: "RECIPIENT", ...fault }]);
  }
  return recipient;
}

type Why = Pick<Fault, "what" | "repair">;

const PRIVATE: Why = {
  what: "is an identity's private part, which nobody else may see; it now stands in your shell's history",
  repair: "make a new identity (age-keygen -o FILE), forget this one, and give its public part: age-keygen -y FILE",
};

function isPrivate(typed: string): boolean {
  return /age-secret-key-/i.test(typed);
}

function textFault(recipient: string): Why | undefined {
  if (isPrivate(recipient)) {
    return PRIVATE;
  }
  if (/placeholder/i.test(recipient)) {
    return { what: "is the template's placeholder", repair: "give the public part that age-keygen printed" };
  }
  if (/^(?:ssh|ecdsa|sk-ssh)-/.test(recipient)) {
    return { what: "is an SSH key, to which hosts and this program do not encrypt", repair: GIVE };
  }
  const isPlugins = /^age1[0-9a-z]+1/.test(recipient) && !recipient.startsWith(POST_QUANTUM);
  const what = "is a plugin's recipient, to which hosts and this program cannot encrypt";
  return isPlugins ? { what, repair: GIVE } : undefined;
}

async function formFault(recipient: string): Promise<Why | undefined> {
  const { Encrypter } = await import("age-encryption");
  try {
    new Encrypter().addRecipient(recipient);
    return undefined;
  } catch {
    return { what: "is no age recipient: one of its letters is wrong, or a part is missing", repair: GIVE };
  }
}

/** The form of a developer's anchor: the spec's `dev_radieu`. */
const NAME = /^dev_[a-z0-9][a-z0-9_]*$/;

/** Refuses a private part that stands where something else is to be. Throws a FaultsError. */
export function refusePrivate(where: string, typed: string): void {
  if (isPrivate(typed)) {
    throw new FaultsError([{ where, ...PRIVATE }]);
  }
}

/** The name of a developer that somebody typed. Throws a FaultsError, which does not repeat it either. */
export function readName(typed: string): string {
  refusePrivate("NAME", typed);
  if (!NAME.test(typed)) {
    const what = "is no name of a developer: dev_, then lower-case letters, digits and underscores";
    throw new FaultsError([{ where: "NAME", what, repair: "dev_NAME" }]);
  }
  return typed;
}

/**
 * Whether hosts could not answer any more: they encrypt what they tell to all that open secrets/stack.sops.yaml, and age
 * refuses to encrypt to post-quantum and classic recipients together (age 1.3, run). sops does not mind.
 */
export function mixedFaults(recipients: Pick<Recipients, "ruleFor">): Fault[] {
  const path = sourcePath("stack");
  const kinds = new Set([...(recipients.ruleFor(path) ?? [])].map((one) => one.startsWith(POST_QUANTUM)));
  if (kinds.size < 2) {
    return [];
  }
  const what = "would have post-quantum and classic recipients; a host cannot encrypt its answers to both together";
  return [{ where: ".sops.yaml", name: path, what, repair: "give a recipient of the kind that the others have" }];
}
