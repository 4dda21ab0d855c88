import { ansible } from "./ansible.js";
import { driftPreview, fromNothing, noOpPreview, rotation } from "./ours.js";
import { loop, xargs } from "./shell.js";
import type { Way } from "./way.js";

/**
 * In the order of a round. Each of ours needs what the one before it leaves: a converged fleet for the preview that finds
 * nothing, and whatever is drifted is put right by the next rotation, by whichever way.
 */
export const WAYS: readonly Way[] = [fromNothing, loop, xargs, ansible, rotation, noOpPreview, driftPreview];

export const OURS = [fromNothing, rotation, noOpPreview, driftPreview].map(({ name }) => name);
