// Long amounts get smaller figures instead of clipped or broken ones.

export function fit(text: string): string {
  const { length } = text;
  return length > 17 ? " fit-xs" : length > 13 ? " fit-s" : length > 9 ? " fit-m" : "";
}
