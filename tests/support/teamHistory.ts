/**
 * What a team does to its sources over many commits, what that makes of the files, and a model of what each person could
 * then open. The model knows plain values and who holds which data key, and nothing of ciphertext, metadata or git.
 */
import fc from "fast-check";

export const PEOPLE = ["anna", "bert", "carla"] as const;
export type Person = (typeof PEOPLE)[number];
export const FILES = ["secrets/shared.sops.yaml", "secrets/vps-i1.sops.yaml", "secrets/stack.sops.yaml"] as const;
export type File = (typeof FILES)[number];

/**
 * `join` and `leave` are an edit of the rules and `sops updatekeys`; `rotate` is `sops rotate`; `anew` decrypts the file and
 * encrypts it again.
 */
export type Act =
  | { readonly do: "set"; readonly file: File; readonly key: string; readonly value: string }
  | { readonly do: "remove"; readonly file: File; readonly key: string }
  | { readonly do: "join" | "leave"; readonly file: File; readonly person: Person }
  | { readonly do: "rotate" | "anew"; readonly file: File };

/** A file as its author knows it. */
export interface Known {
  readonly dataKey: number;
  /** Counts how often the file was encrypted anew. */
  readonly made: number;
  readonly people: ReadonlySet<Person>;
  readonly values: ReadonlyMap<string, string>;
}

export type Snapshot = ReadonlyMap<File, Known>;

/** Of few keys and values, so that values come back, move and stand under two names. */
const KEYS = ["api_secret", "smtp_login", "webhook"];

const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant("set" as const),
      file: fc.constantFrom(...FILES),
      key: fc.constantFrom(...KEYS),
      value: fc.nat(8).map((value) => `value ${value}`),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("remove" as const),
      file: fc.constantFrom(...FILES),
      key: fc.constantFrom(...KEYS),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom("join" as const, "leave" as const),
      file: fc.constantFrom(...FILES),
      person: fc.constantFrom<Person>("bert", "carla"),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom("rotate" as const, "rotate" as const, "anew" as const),
      file: fc.constantFrom(...FILES),
    }),
  },
);

/** Commits of one act to three. Anna made the files and stays. */
export function commits(count: number, most = 3): fc.Arbitrary<Act[][]> {
  return fc.array(fc.array(act, { minLength: 1, maxLength: most }), { minLength: count, maxLength: count });
}

/** Before the first act: every file has one value, which nobody but Anna can open. */
export function beginning(): Snapshot {
  return new Map(
    FILES.map((file, index) => [
      file,
      { dataKey: index, made: 0, people: new Set<Person>(["anna"]), values: new Map([["first", `first of ${file}`]]) },
    ]),
  );
}

let dataKeys = FILES.length;

/** What a file is after an act on it. */
export function after(known: Known, deed: Act): Known {
  switch (deed.do) {
    case "set":
      return { ...known, values: new Map([...known.values, [deed.key, deed.value]]) };
    case "remove":
      return { ...known, values: new Map([...known.values].filter(([key]) => key !== deed.key)) };
    case "join":
      return { ...known, people: new Set([...known.people, deed.person]) };
    case "leave":
      return { ...known, people: new Set([...known.people].filter((person) => person !== deed.person)) };
    case "rotate":
    case "anew":
      dataKeys += 1;
      return { ...known, dataKey: dataKeys, made: known.made + (deed.do === "anew" ? 1 : 0) };
  }
}

/** The files after each commit, the beginning first. */
export function snapshots(history: readonly (readonly Act[])[]): Snapshot[] {
  const all = [beginning()];
  for (const deeds of history) {
    const files = new Map(all.at(-1) ?? []);
    for (const deed of deeds) {
      files.set(deed.file, after(files.get(deed.file) as Known, deed));
    }
    all.push(files);
  }
  return all;
}

/** `secrets/shared.sops.yaml: webhook`, in order. */
export function named(file: string, key: string): string {
  return `${file}: ${key}`;
}

/** What the model says of a person. */
export interface Truth {
  readonly exposed: string[];
  readonly gone: string[];
}

/** Who was listed once has the data key, and with it every commit's file under it. */
export function truthAbout(person: Person, all: readonly Snapshot[]): Truth {
  const files = all.flatMap((snapshot) => [...snapshot.values()]);
  const held = new Set(files.filter(({ people }) => people.has(person)).map(({ dataKey }) => dataKey));
  const values = new Set(files.filter(({ dataKey }) => held.has(dataKey)).flatMap((file) => [...file.values.values()]));
  const last = all.at(-1) ?? new Map<File, Known>();
  const present = [...last].flatMap(([file, known]) => [...known.values].map(([key, value]) => ({ file, key, value })));
  const gone = new Set<string>();
  for (const [index, snapshot] of all.slice(0, -1).entries()) {
    for (const [file, known] of snapshot) {
      for (const [key, value] of known.values) {
        const leaves =
          all[index + 1]?.get(file)?.values.has(key) === false && last.get(file)?.values.has(key) === false;
        if (leaves && held.has(known.dataKey) && !present.some((entry) => entry.value === value)) {
          gone.add(named(file, key));
        }
      }
    }
  }
  return {
    exposed: present
      .filter(({ value }) => values.has(value))
      .map(({ file, key }) => named(file, key))
      .sort(),
    gone: [...gone].sort(),
  };
}
