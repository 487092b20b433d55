// Amounts as text, and text as amounts.
//
// Purity: pure, but for the reader's locale
// Units:  integer minor units

import type { Currency } from "./protocol";

export const amountMax = 1e15;

export class Money {
  readonly digits: number;
  readonly code: string;
  private readonly whole: Intl.NumberFormat;
  private readonly exact: Intl.NumberFormat;
  private readonly suffix: string;

  constructor(currency: Currency, locale?: string) {
    this.digits = Math.min(6, Math.max(0, Math.trunc(currency.minor_digits) || 0));
    this.code = currency.code;
    const known = /^[A-Z]{3}$/.test(currency.code) ? currency.code : null;
    const style: Intl.NumberFormatOptions = known
      ? { style: "currency", currency: known, currencyDisplay: "narrowSymbol" }
      : { style: "decimal" };
    const format = (digits: number) =>
      new Intl.NumberFormat(locale, { ...style, minimumFractionDigits: digits, maximumFractionDigits: digits });
    this.whole = format(0);
    this.exact = format(this.digits);
    this.suffix = known ? "" : ` ${currency.code}`;
  }

  // Whole amounts are shown without decimals: "€1,200", "€1,200.50", "350 lakh".
  format(minor: number): string {
    const unit = 10 ** this.digits;
    const formatter = minor % unit === 0 ? this.whole : this.exact;
    return formatter.format(minor / unit) + this.suffix;
  }

  // For an input field: no symbol, no grouping.
  plain(minor: number): string {
    const unit = 10 ** this.digits;
    return minor % unit === 0 ? String(minor / unit) : (minor / unit).toFixed(this.digits);
  }

  // What a person typed, in major units; null when it is not one clear positive amount. Points and commas are both read: the last one is the decimal mark when at most
  // `digits` figures follow it, otherwise it groups thousands.
  parse(text: string): number | null {
    const compact = text.replace(/[\s\u00a0\u202f'’]/g, "").replace(/^[^\d.,-]+|[^\d.,]+$/g, "");
    if (!/^\d[\d.,]*$/.test(compact)) return null;
    const mark = Math.max(compact.lastIndexOf("."), compact.lastIndexOf(","));
    let whole = compact;
    let fraction = "";
    if (mark >= 0) {
      const tail = compact.slice(mark + 1);
      const symbol = compact[mark] ?? "";
      const alone = compact.indexOf(symbol) === mark;
      if (alone && tail.length <= this.digits) {
        whole = compact.slice(0, mark);
        fraction = tail;
      } else if (tail.length !== 3) {
        return null;
      }
    }
    if (!groupsAreRight(whole)) return null;
    const digits = whole.replace(/[.,]/g, "");
    if (digits.length > 15) return null;
    const minor = Number(digits + fraction.padEnd(this.digits, "0"));
    return Number.isSafeInteger(minor) && minor > 0 && minor <= amountMax ? minor : null;
  }
}

// "1.234.567" and "12,34,567" (lakh) are groups; "1,2,3" and "1.234,567" as one whole number are not.
function groupsAreRight(whole: string): boolean {
  if (/^\d+$/.test(whole)) return true;
  return /^\d{1,3}(?:,\d{2,3})*,\d{3}$/.test(whole) || /^\d{1,3}(?:\.\d{3})+$/.test(whole);
}
