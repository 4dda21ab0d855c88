/**
 * The real sops and age for tests, found (or built) by the toolchain and put first on PATH once a process.
 */
import { delimiter } from "node:path";

let ready: Promise<void> | undefined;

/** Resolves when `sops`, `age` and `age-keygen` can be started by name. */
export function useTools(): Promise<void> {
  ready ??= prepare();
  return ready;
}

async function prepare(): Promise<void> {
  const { ensureToolchain } = await import("../../toolchain/setup.mjs");
  const { binDir } = await ensureToolchain({ only: ["sops", "age"], quiet: true });
  process.env["PATH"] = `${binDir}${delimiter}${process.env["PATH"] ?? ""}`;
}
