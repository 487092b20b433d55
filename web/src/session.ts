// What this browser remembers of a sale: the way in (localStorage, per sale), and the staff's token (sessionStorage, per tab).

import type { Person, Role } from "./protocol";

export interface Membership {
  token: string | null;
  participant: Person | null;
  role: Role | null;
  invite: string | null;
  name: string;
  joinId: string; // the same until name or invite change, so that a repeated join gives the same participant
}

const idPattern = /^[A-Za-z0-9_-]{1,32}$/;

export function saleFromAddress(): string | null {
  const sale = new URLSearchParams(location.search).get("sale");
  return sale !== null && idPattern.test(sale) ? sale : null;
}

// Secrets leave the address bar, and with it history, screenshots and shared links, at once.
export function takeInvite(): string | null {
  const query = new URLSearchParams(location.search);
  const invite = query.get("invite");
  if (invite === null) return null;
  query.delete("invite");
  history.replaceState(null, "", `${location.pathname}?${query}${location.hash}`);
  return invite;
}

export function takeFragmentToken(sale: string): string | null {
  const key = `lotcast.staff.${sale}`;
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  if (token !== null) {
    history.replaceState(null, "", location.pathname + location.search);
    write(sessionStorage, key, token);
    return token;
  }
  return read(sessionStorage, key);
}

// A name of this tab, the same after a reload.
export function nameOfTab(): string {
  const key = "lotcast.console";
  const known = read(sessionStorage, key);
  if (known !== null && idPattern.test(known)) return known;
  const bytes = crypto.getRandomValues(new Uint8Array(6));
  const name = `console-${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
  write(sessionStorage, key, name);
  return name;
}

function read(storage: Storage, key: string): string | null {
  try {
    return storage.getItem(key);
  } catch {
    return null; // storage is switched off: the page works, but forgets
  }
}

function write(storage: Storage, key: string, value: string): void {
  try {
    storage.setItem(key, value);
  } catch {
    // as above
  }
}

const memberKey = (sale: string) => `lotcast.sale.${sale}`;

export function loadMembership(sale: string): Membership | null {
  const text = read(localStorage, memberKey(sale));
  if (text === null) return null;
  try {
    const value = JSON.parse(text) as Partial<Membership>;
    if (typeof value.joinId !== "string" || typeof value.name !== "string") return null;
    return {
      token: typeof value.token === "string" ? value.token : null,
      participant: value.participant ?? null,
      role: value.role ?? null,
      invite: typeof value.invite === "string" ? value.invite : null,
      name: value.name,
      joinId: value.joinId,
    };
  } catch {
    return null;
  }
}

export function saveMembership(sale: string, membership: Membership): void {
  write(localStorage, memberKey(sale), JSON.stringify(membership));
}

export function loadSetting(name: string): string | null {
  return read(localStorage, `lotcast.${name}`);
}

export function saveSetting(name: string, value: string): void {
  write(localStorage, `lotcast.${name}`, value);
}
