/** The fleet that all ways work on: names, and how many secrets lie where. */
export interface Size {
  readonly hosts: number;
  /** What one host and one repository hold together. */
  readonly secrets: number;
  /** How far away the hosts are: milliseconds there and back, 0 for loopback as it is. */
  readonly rttMs: number;
}

/** How the secrets of a size lie in the sources. */
export interface Split {
  /** In shared.sops.yaml: they reach every host's `.env`. */
  readonly shared: number;
  /** In each host's own source. */
  readonly own: number;
  /** In github-actions.sops.yaml: a tenth; GitHub takes 100 a repository. */
  readonly github: number;
}

const OWN = 2;

/** A tenth is GitHub's (100 at 1,000), two are each host's own, the rest is shared. */
export function splitOf({ secrets }: Pick<Size, "secrets">): Split {
  const github = Math.min(100, Math.floor(secrets / 10));
  return { shared: secrets - github - OWN, own: OWN, github };
}

/** `h001`, `h002`, … */
export function hostNames(count: number): string[] {
  return Array.from({ length: count }, (_, at) => `h${String(at + 1).padStart(3, "0")}`);
}

/** The shared secret that every rotation of the benchmark changes. */
export const ROTATED = "SHARED_001";

/**
 * Sources by name. Keys are the variables' names already and values are plain words, so that `sops -d --output-type dotenv` is a
 * correct `.env` and the ways without a writer of their own are not at a disadvantage.
 */
export function sourcesOf(size: Size, value: () => string): Record<string, Record<string, string>> {
  const { shared, own, github } = splitOf(size);
  const some = (prefix: string, count: number) =>
    Object.fromEntries(
      Array.from({ length: count }, (_, at) => [`${prefix}_${String(at + 1).padStart(3, "0")}`, value()]),
    );
  return {
    shared: some("SHARED", shared),
    "github-actions": some("ACTIONS", github),
    ...Object.fromEntries(hostNames(size.hosts).map((name) => [name, some("OWN", own)])),
  };
}

/** What a host's `.env` has to hold. */
export function wantedAt(
  host: string,
  sources: Readonly<Record<string, Readonly<Record<string, string>>>>,
): ReadonlyMap<string, string> {
  return new Map(Object.entries({ ...sources["shared"], ...sources[host] }));
}
