/** What sops may write into a source beside its values. */
export declare const OF_AGE: ReadonlySet<string>;
/** Other services that may stand there when they are empty. */
export declare const OTHER_SERVICES: ReadonlySet<string>;
/** What is said of a source that has more. */
export declare const NOT_OF_AGE: string;
