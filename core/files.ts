import { lstat, open, rename, rm, writeFile } from "node:fs/promises";

/**
 * What is written beside a file before it takes its place. The name is always the same, so that a killed run leaves at most
 * one behind and the next one takes it over; .gitignore knows it.
 */
export const BESIDE = ".new";

/**
 * Writes a file so that whoever reads it sees the former text or the new one, whole, also when this process is killed. `mode`
 * is that of a new file; Windows has none.
 */
export async function replaceFile(path: string, text: string, mode = 0o644): Promise<void> {
  const there = await lstat(path).catch(() => undefined);
  if (there !== undefined && !there.isFile()) {
    // A link, a device, a pipe: it is written to, and stays what it is.
    await writeFile(path, text);
    return;
  }
  const beside = `${path}${BESIDE}`;
  await rm(beside, { force: true });
  const file = await open(beside, "wx", mode);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(beside, path);
}
