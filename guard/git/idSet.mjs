// @ts-check
/**
 * A set of object ids that takes 16 bytes each, so that a long history costs little memory. Of an id its first 128 bits are
 * kept: two contents that share them do not come about, and nobody can make them.
 */
export class IdSet {
  #slots = new Uint32Array(4 * 1024);
  #size = 0;

  get size() {
    return this.#size;
  }

  /**
   * Adds an id under one of a few kinds. Gives whether it was not there yet.
   *
   * @param {string} id in hex
   * @param {number} [kind] a small whole number
   */
  add(id, kind = 0) {
    const [one = 0, two = 0, three = 0, four = 0] = [0, 8, 16, 24].map((at) =>
      Number.parseInt(id.slice(at, at + 8), 16),
    );
    const last = (four ^ Math.imul(kind, 0x9e3779b1)) >>> 0;
    // The last word of a slot that is taken is never 0, by which an empty one is known.
    const words = [one, two, three, last === 0 ? 1 : last];
    if (!place(this.#slots, words)) {
      return false;
    }
    this.#size += 1;
    if (this.#size * 8 > this.#slots.length) {
      this.#grow();
    }
    return true;
  }

  #grow() {
    const former = this.#slots;
    this.#slots = new Uint32Array(former.length * 2);
    for (let at = 0; at < former.length; at += 4) {
      if (former[at + 3] !== 0) {
        place(this.#slots, former.subarray(at, at + 4));
      }
    }
  }
}

/**
 * @param {Uint32Array} slots
 * @param {ArrayLike<number>} words
 */
function place(slots, words) {
  const count = slots.length / 4;
  for (let slot = /** @type {number} */ (words[0]) % count; ; slot = (slot + 1) % count) {
    const at = slot * 4;
    if (slots[at + 3] === 0) {
      for (let word = 0; word < 4; word += 1) {
        slots[at + word] = /** @type {number} */ (words[word]);
      }
      return true;
    }
    if ([0, 1, 2, 3].every((word) => slots[at + word] === words[word])) {
      return false;
    }
  }
}
