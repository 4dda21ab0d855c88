/** Chance for tests that print their seed; P24_SEED overrides it. */
export const SEED = Number(process.env["P24_SEED"] ?? Math.floor(Math.random() * 1_000_000));

/** A generator of mulberry32's kind: whole numbers from 0 on, below what is asked; the same ones for the same seed. */
export function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}
