// Line icons of 24 units; decorative, the words beside them say the same.

const paths = {
  check: "M5 12.5l4.5 4.5L19 7.5",
  alert: "M12 3.5l9.5 16.5h-19zM12 10v4.5M12 17.2v.3",
  up: "M12 19V5M6 11l6-6 6 6",
  eye: "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM12 9.2a2.8 2.8 0 100 5.6 2.8 2.8 0 000-5.6z",
  pause: "M8.5 5v14M15.5 5v14",
  play: "M7 4.5v15l12-7.5z",
  next: "M5 5v14l9.5-7zM18.5 5v14",
  sound: "M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM15.5 9a4 4 0 010 6M18 6.5a7.5 7.5 0 010 11",
  mute: "M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM16 9.5l5 5M21 9.5l-5 5",
  close: "M6 6l12 12M18 6L6 18",
  clock: "M12 3.5a8.5 8.5 0 100 17 8.5 8.5 0 000-17zM12 7.5V12l3 2",
  people: "M9 11.5a3.5 3.5 0 100-7 3.5 3.5 0 000 7zM2.5 19.5c.6-3.2 3.1-5 6.5-5s5.9 1.8 6.5 5M16 4.8a3.3 3.3 0 010 6.4M18 14.8c2 .6 3.200 2.200 3.500 4.700",
  signal: "M4 18.500v-3M9.300 18.500v-6M14.700 18.500v-9.500M20 18.500v-13.500",
  offline: "M3 3l18 18M5 10.500a11 11 0 014-2.300M2 7a16 16 0 014-2.500M19 10.500a11 11 0 00-5-2.700M22 7A16 16 0 0011 3.600M8.500 14.500a6 6 0 015-1.400M12 18.500v.2",
  hammer: "M13.500 4.500l6 6M11 7l6 6M12.300 5.700l-5 5 6 6 5-5M9.800 13.800L3.500 20",
  reset: "M4.500 12a7.500 7.500 0 107.500-7.500H7M7 4.500L10 1.500M7 4.500l3 3",
  link: "M10 14a4 4 0 005.700 0l3.500-3.500a4 4 0 00-5.700-5.700L12 6.300M14 10a4 4 0 00-5.700 0l-3.500 3.500a4 4 0 005.700 5.700l1.500-1.500",
  megaphone: "M4 10v4h3l8 4.500v-13L7 10zM18.500 9.500a4 4 0 010 5M8 14.500l1.500 5",
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name, size = 20 }: { name: IconName; size?: number }) {
  return (
    <svg class="icon" width={size} height={size} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={paths[name]} />
    </svg>
  );
}
