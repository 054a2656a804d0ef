export interface Holder {
  pid: number;
  /** Clock ticks since the machine started: tells a process from a later one under the same number. */
  started: number;
}
export interface Held<Info = object> {
  held: true;
  /** Replaces what others read about the holder. */
  update(info: Partial<Info>): void;
  release(): void;
}
export interface Refused<Info = object> {
  held: false;
  by: Holder & Info;
}
export function tryLock<Info extends object = object>(path: string, info?: Info): Held<Info> | Refused<Info>;
export function lock(path: string, onWait?: (by: Holder) => void): Promise<Held>;
export function holder<Info extends object = object>(path: string): (Holder & Info) | undefined;
export function isAlive(who: Holder): boolean;
export function self(): Holder;
