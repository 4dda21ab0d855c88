import type { Check } from "./check.js";
import { backend } from "./checks/backend.js";
import { fingerprints } from "./checks/fingerprints.js";
import { hook } from "./checks/hook.js";
import { identities } from "./checks/identities.js";
import { places } from "./checks/places.js";
import { recipients } from "./checks/recipients.js";
import { tools } from "./checks/tools.js";

/** From this machine over git to the places. */
export const CHECKS: readonly Check[] = [tools, identities, recipients, hook, backend, places, fingerprints];
