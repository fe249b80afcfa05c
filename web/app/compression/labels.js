// Which dots of a plot carry their name, and where, so that no name covers another or a dot. No DOM.

/**
 * @typedef {{ name: string, x: number, y: number, wanted: boolean }} Dot `x` and `y` in pixels; `wanted` where its name should stand
 * @typedef {{ dx: number, dy: number, anchor: "start" | "end" }} Place of a name, from its dot
 * @typedef {{ left: number, right: number, top: number, bottom: number }} Box
 */

const CHARACTER_PX = 6.8;
const LINE_PX = 14;
const DOT_PX = 8;

/** Best first: over a dot is where a front that falls to the right leaves room. */
const PLACES = /** @type {const} */ ([
  { dx: 10, dy: -9, anchor: "start" },
  { dx: -10, dy: 19, anchor: "end" },
  { dx: 10, dy: 19, anchor: "start" },
  { dx: -10, dy: -9, anchor: "end" },
  { dx: 10, dy: -23, anchor: "start" },
  { dx: -10, dy: 33, anchor: "end" },
]);

/**
 * @param {readonly Dot[]} dots
 * @param {string} chosen its name stands whatever it covers
 * @param {number} width of the plot in pixels
 * @returns {Map<string, Place>} by name
 */
export function labelPlaces(dots, chosen, width) {
  /** @type {Map<string, Place>} */
  const places = new Map();
  /** @type {Box[]} */
  const taken = dots.map(({ x, y }) => ({ left: x - DOT_PX, right: x + DOT_PX, top: y - DOT_PX, bottom: y + DOT_PX }));
  const first = dots.filter(({ name }) => name === chosen);
  const others = dots.filter(({ name, wanted }) => wanted && name !== chosen);
  for (const dot of [...first, ...others]) {
    const fitting = PLACES.filter((place) => isInside(boxOf(dot, place), width));
    const free = fitting.find((place) => taken.every((box) => !overlap(box, boxOf(dot, place))));
    const place = free ?? (dot.name === chosen ? (fitting[0] ?? PLACES[0]) : undefined);
    if (place === undefined) continue;
    places.set(dot.name, place);
    taken.push(boxOf(dot, place));
  }
  return places;
}

/**
 * @param {Dot} dot
 * @param {Place} place
 * @returns {Box}
 */
function boxOf({ name, x, y }, { dx, dy, anchor }) {
  const width = name.length * CHARACTER_PX;
  const left = anchor === "start" ? x + dx : x + dx - width;
  return { left, right: left + width, top: y + dy - LINE_PX + 3, bottom: y + dy + 3 };
}

/**
 * @param {Box} one
 * @param {Box} other
 */
function overlap(one, other) {
  return one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;
}

/**
 * @param {Box} box
 * @param {number} width
 */
function isInside({ left, right }, width) {
  return left >= 0 && right <= width + 8;
}
