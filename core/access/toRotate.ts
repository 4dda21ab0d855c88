import type { Exposure } from "../exposure/exposure.js";
import { derivedPlaces } from "../leak/places.js";
import { inOrder, remedyFor, type Remedy, stepsFor } from "../leak/remedy.js";
import type { Ground } from "../leak/report.js";
import { locatedAt } from "../rotation/locate.js";

/** A secret whose present value somebody has who shall not have it any more. */
export interface ToRotate {
  /** As the log's rows and `p24 rotate` name it. */
  readonly secret: string;
  readonly path: string;
  readonly tier: 1 | 2 | 3;
  /** Without it nobody here can tell: none of our identities opens what they may have opened. */
  readonly certain: boolean;
  readonly places: readonly string[];
  readonly remedy: Remedy;
  readonly steps: readonly string[];
}

/** What has to be rotated, tier by tier, and in each in the order of any exposure (core/leak/remedy.ts). */
export function toRotate(
  { exposed, unknown }: Pick<Exposure, "exposed" | "unknown">,
  { keys, settings, inventory }: Omit<Ground, "rows">,
): ToRotate[] {
  const ranked = [...exposed, ...unknown].map((at) => {
    const { source, key, path, row } = locatedAt(at, keys);
    const remedy = remedyFor({ source, key }, inventory);
    const places = derivedPlaces({ source, key }, settings, inventory);
    const tier = inventory.get(key)?.tier ?? 3;
    return { secret: row, source, key, path, remedy, places, tier, certain: exposed.includes(at) };
  });
  return ([1, 2, 3] as const).flatMap((tier) =>
    inOrder(ranked.filter((one) => one.tier === tier)).map(({ secret, path, certain, places, remedy }) => ({
      secret,
      path,
      tier,
      certain,
      places,
      remedy,
      steps: stepsFor(secret, remedy),
    })),
  );
}
