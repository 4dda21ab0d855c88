import { type Held, type History, inOrder, type SecretAt, type Step, type Version } from "../exposure/versions.js";
import type { Fingerprint } from "../seal/fingerprint.js";

/** A key under which a value stood until a commit gave it another one, or took it away. */
export interface FormerAt extends SecretAt {
  /** The commit that did, and when, ISO 8601; empty where git does not say. */
  readonly replacedBy: string;
  readonly replacedAt: string;
  /** How many other values the key has had since; 0 when it was only taken away. */
  readonly since: number;
}

/** Where one value stands in the sources, and where it stood. */
export interface Standing {
  /** In the present commit, or in the files as they lie here. */
  readonly present: readonly SecretAt[];
  /** Nowhere in the present under this key. */
  readonly former: readonly FormerAt[];
  /** On a branch or in a stash that the present commit does not have, and nobody has replaced it there. */
  readonly elsewhere: readonly SecretAt[];
}

/**
 * Tells where a value stands and stood. `files`: the sources as they lie in the clone, which may hold what is not committed.
 * Two rotations on branches that do not know of each other both count as later values.
 */
export function standingOf(history: History, files: readonly Version[], print: Fingerprint): Standing {
  const isPrint = (held: Held | undefined) => held?.print === print;
  const present = new Map<string, SecretAt>();
  const ever = new Map<string, SecretAt>();
  const gather = (versions: Iterable<Version>, into: Map<string, SecretAt>) => {
    for (const { path, values } of versions) {
      for (const [key, held] of values) {
        if (isPrint(held)) {
          into.set(`${path}\0${key}`, { path, key });
        }
      }
    }
  };
  gather([...history.present.values(), ...files], present);
  gather(history.versions, ever);
  const gone = [...ever].filter(([id]) => !present.has(id)).map(([, at]) => at);
  const replaced = gone.map((at) => formerOf(history.steps, at, isPrint));
  return {
    present: [...present.values()].sort(inOrder),
    former: replaced.filter((one) => "since" in one).sort(inOrder),
    elsewhere: replaced.filter((one) => !("since" in one)).sort(inOrder),
  };
}

/** Steps come newest first; the first one that leads away from the value is the one that ended it. */
function formerOf(steps: readonly Step[], at: SecretAt, isPrint: (held: Held | undefined) => boolean) {
  const own = steps.filter(({ from, to }) => (from ?? to)?.path === at.path);
  const heldIn = (version: Version | undefined) => version?.values.get(at.key);
  const ended = own.findIndex(({ from, to }) => isPrint(heldIn(from)) && !isStill(heldIn(from), heldIn(to)));
  const step = own[ended];
  if (step === undefined) {
    return at;
  }
  const later = own.slice(0, ended + 1).flatMap(({ to }) => heldIn(to) ?? []);
  const others = new Set(
    later.filter((held) => !isPrint(held)).map(({ print, mark, sealed }) => print ?? mark ?? sealed),
  );
  return { ...at, replacedBy: step.commit ?? "", replacedAt: step.at ?? "", since: others.size };
}

/** Of a version that we cannot open the mark tells. */
function isStill(before: Held | undefined, after: Held | undefined): boolean {
  return (
    after !== undefined && (after.print === undefined ? after.mark === before?.mark : after.print === before?.print)
  );
}
