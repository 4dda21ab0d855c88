import { ansible, ansibleAsInstalled } from "./ansible.js";
import { driftPreview, fromNothing, noOpPreview, rotation } from "./ours.js";
import { loop, xargs } from "./shell.js";
import type { Way } from "./way.js";

const ROTATIONS: readonly Way[] = [loop, xargs, ansible, ansibleAsInstalled, rotation];

/**
 * In the order of a round. Each of ours needs what the one before it leaves: a converged fleet for the preview that finds
 * nothing, and whatever is drifted is put right by the next rotation, by whichever way.
 */
export const WAYS: readonly Way[] = [fromNothing, ...ROTATIONS, noOpPreview, driftPreview];

/** In the order of tables and plots: the same rotation in each way, then what else ours does. */
export const SHOWN: readonly Way[] = [...ROTATIONS, noOpPreview, driftPreview, fromNothing];

/** Names of those that are lines of ours. */
export const OURS: readonly string[] = [fromNothing, rotation, noOpPreview, driftPreview].map(({ name }) => name);
