import type { Build, Tool } from "../setup.mjs";

interface Pin {
  file: string;
  sha256?: string;
  sha512?: string;
}

export const PINS: Record<string, Record<string, Pin>>;
export const TOOLS: Tool[];
export class Unavailable extends Error {
  offline: boolean;
}
export function parseVersion(text: string): string | null;
export function compareVersions(a: string, b: string): number;
export function fits(version: string | null, range: { min: string; below: string }): boolean;
export function cacheRoot(env?: NodeJS.ProcessEnv, platform?: NodeJS.Platform): string;
export function clock(ms: number): string;
export function npmNeeded(root: string): boolean;
export function buildArtifact(build: Build, platform: string, modules?: string): string;
export function processStart(pid: number): string | null;
export function extract(archive: string, name: string, targets: Map<string, string>): Promise<string[]>;
export function fetchPinned(
  url: string,
  file: string,
  pin: Pick<Pin, "sha256" | "sha512">,
  limits?: { connectMs?: number; stallMs?: number },
): Promise<void>;
export function withLock<T>(
  file: string,
  work: () => Promise<T>,
  options?: {
    onWait?: (owner: { pid: number; host: string; since: string } | null) => void;
    pollMs?: number;
    silentMs?: number;
  },
): Promise<T>;
