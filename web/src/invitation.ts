// An invitation as people have it: a whole link, or a code and the id of the sale.
//
// Purity: pure

export interface Invitation {
  sale: string;
  invite: string;
}

const idPattern = /^[A-Za-z0-9_-]{1,32}$/;

export function readInvitation(text: string, sale: string): Invitation | null {
  const trimmed = text.trim();
  const question = trimmed.indexOf("?");
  if (question >= 0) {
    const query = new URLSearchParams(trimmed.slice(question + 1).replace(/#.*$/, ""));
    return checked(query.get("sale") ?? "", query.get("invite") ?? "");
  }
  return checked(sale.trim(), trimmed);
}

function checked(sale: string, invite: string): Invitation | null {
  return idPattern.test(sale) && /^[A-Za-z0-9_-]{1,200}$/.test(invite) ? { sale, invite } : null;
}
