// A participant as paddle and name, as far as the sale shows them.

import type { Person } from "../protocol";

export function PersonTag({ person, me }: { person: Person; me?: string | undefined }) {
  return (
    <span class="person">
      <span class="paddle num" title={`Paddle ${person.paddle}`}>
        {person.paddle}
      </span>
      <span class="person-name">{person.id === me ? "You" : (person.name ?? "")}</span>
    </span>
  );
}

export function leaderText(person: Person, me?: string): string {
  if (person.id === me) return "you";
  return person.name ? `${person.name}, paddle ${person.paddle}` : `paddle ${person.paddle}`;
}
