/** Keys of a source by what became of them. */
export interface Changes {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
  /** In both texts, of which one was encrypted anew: only who can open the file can tell. */
  readonly unknown: readonly string[];
}

/** Told from two texts of one flat sops file, without an identity. `undefined`: the file is not there. */
export declare function changedKeys(before: string | undefined, after: string | undefined): Changes;
