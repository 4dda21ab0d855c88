import type { Allowance } from "./allowances.js";
import type { Place, Sample } from "./places.js";
import { type Hit, type Searcher } from "../../core/search/searcher.js";
import { type Opener, viewsOf } from "./views.js";

/** A secret where it must not be. Holds names only. */
export interface Finding extends Hit {
  readonly place: Place;
  readonly where: string;
}

/** What a search gave. */
export interface Verdict {
  readonly leaks: readonly Finding[];
  /** Allowance to how many times it was needed. */
  readonly allowed: ReadonlyMap<Allowance, number>;
  /** Place to number of samples and bytes. */
  readonly searched: ReadonlyMap<Place, { samples: number; bytes: number }>;
}

/** Searches samples in all their views. */
export class Inquiry {
  readonly #leaks = new Map<string, Finding>();
  readonly #allowed = new Map<Allowance, number>();
  readonly #searched = new Map<Place, { samples: number; bytes: number }>();

  constructor(
    private readonly searcher: Searcher,
    private readonly allowances: readonly Allowance[],
    private readonly opener?: Opener,
  ) {}

  take(sample: Sample): void {
    const { place, where, content } = sample;
    const sum = this.#searched.get(place) ?? { samples: 0, bytes: 0 };
    this.#searched.set(place, { samples: sum.samples + 1, bytes: sum.bytes + content.length });
    const found = new Set<string>();
    for (const { how, wrapped, content: text } of viewsOf(content, this.opener)) {
      for (const { secret, form } of this.searcher.find(text)) {
        const shown = how === "" ? form : `${form}, ${how}`;
        const identity = `${secret}\0${shown}`;
        if (!found.has(identity)) {
          found.add(identity);
          this.#found({ place, where, secret, form: wrapped ? `${shown}, wrapped` : shown });
        }
      }
    }
  }

  async takeAll(samples: Iterable<Sample> | AsyncIterable<Sample>): Promise<void> {
    for await (const sample of samples) {
      this.take(sample);
    }
  }

  verdict(): Verdict {
    return { leaks: [...this.#leaks.values()], allowed: this.#allowed, searched: this.#searched };
  }

  #found(finding: Finding): void {
    const { place, where, secret, form } = finding;
    const allowance = this.allowances.find(
      (one) => one.place === place && one.where.test(where) && one.secrets.test(secret),
    );
    if (allowance === undefined) {
      this.#leaks.set([place, where, secret, form].join("\0"), finding);
    } else {
      this.#allowed.set(allowance, (this.#allowed.get(allowance) ?? 0) + 1);
    }
  }
}
