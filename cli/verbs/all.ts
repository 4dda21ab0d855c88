import type { Verb } from "../verb.js";
import { findVerb, VERB_NAMES } from "./find.js";

/** All verbs with everything that they are made of. */
export const VERBS: readonly Verb[] = VERB_NAMES.flatMap((name) => findVerb(name) ?? []);
