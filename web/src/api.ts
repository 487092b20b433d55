// The HTTP side: list of sales, joining, pages of the catalogue, receipts, invitations.

import type { JoinAnswer, LotsPage, ReceiptAnswer, Refusal, Result, SaleSummary } from "./protocol";

export class ApiError extends Error {
  constructor(readonly refusal: Refusal) {
    super(refusal.message);
  }
}

const timeoutMs = 6000;

async function call<T>(method: string, path: string, token: string | null, body?: unknown): Promise<T> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), timeoutMs);
  try {
    const headers: Record<string, string> = {};
    if (token) headers["authorization"] = `Bearer ${token}`;
    if (body !== undefined) headers["content-type"] = "application/json";
    const init: RequestInit = { method, headers, signal: abort.signal, cache: "no-store" };
    if (body !== undefined) init.body = JSON.stringify(body);
    const response = await fetch(path, init);
    const answer = (await response.json()) as { error?: Refusal };
    if (!response.ok || answer.error) {
      throw new ApiError(answer.error ?? { code: "INTERNAL", message: `The service answered ${response.status}.` });
    }
    return answer as T;
  } catch (error) {
    if (error instanceof ApiError) throw error;
    throw new ApiError({ code: "UNREACHABLE", message: "The auction could not be reached. Check your connection." });
  } finally {
    clearTimeout(timer);
  }
}

const saleRoute = (sale: string) => `/api/sales/${encodeURIComponent(sale)}`;

export async function listSales(): Promise<SaleSummary[]> {
  const answer = await call<{ sales?: SaleSummary[] }>("GET", "/api/sales", null);
  return answer.sales ?? [];
}

export function joinSale(sale: string, body: { invite: string; name: string; id: string }): Promise<JoinAnswer> {
  return call<JoinAnswer>("POST", `${saleRoute(sale)}/join`, null, body);
}

export function lotsPage(sale: string, page: number, token: string | null): Promise<LotsPage> {
  return call<LotsPage>("GET", `${saleRoute(sale)}/lots?page=${page}`, token);
}

export async function receipt(sale: string, id: string, token: string | null): Promise<Result> {
  const answer = await call<ReceiptAnswer>("GET", `${saleRoute(sale)}/receipts/${encodeURIComponent(id)}`, token);
  return answer.receipt.result;
}

export async function createInvite(sale: string, token: string | null): Promise<string> {
  const body = { role: "bidder", uses: 0, expires_in_s: 86_400 };
  const answer = await call<{ invite: string }>("POST", `${saleRoute(sale)}/invites`, token, body);
  return answer.invite;
}
