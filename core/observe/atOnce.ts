/**
 * How many hosts are asked or written to at the same time. Each is another machine, so the limit is what one runner can do:
 * a login that waits for its turn here is one that does not time out there.
 */
export const HOSTS_AT_ONCE = 64;
