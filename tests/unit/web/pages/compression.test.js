import assert from "node:assert/strict";
import { test } from "node:test";
import { changeAxis, factorAxis, paretoFront } from "../../../../web/app/compression/axes.js";
import { budgetOf, changeOf, familyOf, recipeText, statusOf } from "../../../../web/app/compression/facts.js";
import { labelPlaces } from "../../../../web/app/compression/labels.js";
import { firstChoice, optionsOf, pointsOf } from "../../../../web/app/compression/points.js";
import { countInWords, placesOf, publishedText, timeAt } from "../../../../web/app/compression/studies.js";
import { csvText, jsonText, sorted, turned } from "../../../../web/app/compression/table.js";
import { seededRandom } from "../../../../web/bench/measure/statistics.js";
import { smallFacts, timed } from "./compression-facts.js";

const facts = smallFacts();
const choice = { ...firstChoice(facts), threads: 1, batch: 32 };

/** @param {string} name @param {import("../../../../web/app/compression/points.js").OwnRun[]} [own] */
function pointOf(name, own = []) {
  const point = pointsOf(facts, choice, own).find((each) => each.name === name);
  assert.ok(point);
  return point;
}

/** @param {number} median @param {Record<string, string>} [failures] */
function ownRun(median, failures = {}) {
  const models = [timed("whole", 2 * median), timed("pruned", median, 2 * median)];
  const about = { provider: "wasm", created: "", environment: {}, failures };
  return { ...about, threads: 1, batch: 32, models: models.filter(({ name }) => !(name in failures)) };
}

test("nobody on the front is beaten in both, and everybody else is beaten or equalled by one that is", () => {
  const random = seededRandom(7);
  for (let trial = 0; trial < 200; trial++) {
    const points = Array.from({ length: 1 + Math.floor(random() * 12) }, () => ({
      ...{ x: Math.floor(random() * 6), y: Math.floor(random() * 6) },
    }));
    const front = paretoFront(points);
    for (const point of points) {
      const beaten = points.some((o) => o.x <= point.x && o.y <= point.y && (o.x < point.x || o.y < point.y));
      if (front.includes(point)) assert.equal(beaten, false);
      else assert.ok(front.some((other) => other.x <= point.x && other.y <= point.y));
    }
  }
});

test("front runs from the least on, and always downwards", () => {
  const points = [
    [3, 1],
    [1, 3],
    [2, 3],
    [2, 2],
    [4, 4],
  ].map(([x, y]) => ({ x, y }));
  assert.deepEqual(
    paretoFront(points).map(({ x }) => x),
    [1, 2, 3],
  );
});

test("sizes lie on a scale of factors, all of them on it", () => {
  const axis = factorAxis([4680, 91_700]);
  assert.ok(axis.share(4680) > 0 && axis.share(91_700) < 1);
  assert.ok(Math.abs(axis.share(20_000) - axis.share(10_000) - (axis.share(40_000) - axis.share(20_000))) < 1e-9);
  assert.ok(axis.ticks.includes(10_000));
});

test("names of dots cover neither each other nor the plot's end, and the chosen one always stands", () => {
  const random = seededRandom(11);
  for (let trial = 0; trial < 100; trial++) {
    const dots = Array.from({ length: 12 }, (_, place) => ({
      ...{ name: `variant_number_${place}`, x: 480 * random(), y: 40 * random() },
      wanted: place % 2 === 0,
    }));
    const places = labelPlaces(dots, "variant_number_3", 480);
    assert.ok(places.has("variant_number_3"));
    const boxes = dots.flatMap(({ name, x, y }) => {
      const place = places.get(name);
      if (place === undefined) return [];
      const left = place.anchor === "start" ? x + place.dx : x + place.dx - 6.8 * name.length;
      return [{ left, right: left + 6.8 * name.length, line: y + place.dy }];
    });
    for (const [place, one] of boxes.entries()) {
      assert.ok(one.right <= 488);
      for (const other of boxes.slice(place + 1))
        assert.ok(one.right <= other.left || other.right <= one.left || Math.abs(one.line - other.line) >= 14);
    }
  }
});

test("small changes are told apart though one is many times larger", () => {
  const axis = changeAxis([-1, 0.2, 1.6, 77], 3);
  assert.ok(axis.share(1.6) - axis.share(0.2) > 0.08);
  assert.ok(axis.share(77) < 1 && axis.share(-1) > 0);
  assert.ok(axis.ticks.includes(0));
  assert.ok(axis.ticks.some((tick) => tick >= 20));
  const shares = axis.ticks.map(axis.share);
  assert.ok(shares.every((share, place) => place === 0 || share - shares[place - 1] >= 0.05));
});

test("changes that are all nothing have a scale too", () => {
  assert.ok(Number.isFinite(changeAxis([0, 0], null).share(0)));
});

test("a recipe belongs to what it does beyond other numbers for the same weights", () => {
  assert.equal(familyOf([]), "trained");
  assert.equal(familyOf(facts.variants[0].steps), "pruned");
  assert.equal(familyOf(facts.variants[1].steps), "bits");
  assert.equal(familyOf([{ technique: "new", settings: {} }]), "other");
});

test("a recipe is told in words, without settings that are not set", () => {
  assert.equal(recipeText(facts.variants[0].steps), "structured (kept 0.25), then weight only int8");
  assert.equal(recipeText(facts.variants[1].steps), "weight only int8 (kept a and b)");
  assert.equal(recipeText([]), "made by training");
});

test("the worst exam is the one whose interval ends highest", () => {
  assert.equal(changeOf(facts, "worst", facts.variants[0]).exam, "day");
  assert.equal(changeOf(facts, "worst", facts.variants[1]).exam, "night");
  assert.equal(changeOf(facts, "night", facts.variants[0]).value, -2);
});

test("the budget of the worst case is the tightest one", () => {
  assert.equal(budgetOf(facts, "worst"), 2);
  assert.equal(budgetOf(facts, "day"), 3);
});

test("losses are compared as they are where there is nothing to take a share of", () => {
  const plain = smallFacts();
  plain.variants[1].quality.day.relative = null;
  const change = changeOf(plain, "day", plain.variants[0]);
  assert.equal(change.relative, false);
  assert.ok(Math.abs(change.value - 0.1) < 1e-9);
  assert.equal(budgetOf(plain, "day"), null);
});

test("what is released, may be and must not be are told apart", () => {
  assert.deepEqual(facts.variants.map(statusOf), ["released", "holds", "refused"]);
});

test("points follow the choice of size, threads and batch", () => {
  const point = (/** @type {object} */ patch) => pointsOf(facts, { ...choice, ...patch }, [])[1];
  assert.deepEqual([point({}).bytes, point({ size: "brotli" }).bytes, point({}).smaller], [1000, 500, 8]);
  const median = (/** @type {object} */ patch) => point(patch).recorded?.time_ms.median;
  assert.deepEqual([median({}), median({ threads: 2 }), median({ batch: 256 })], [1, 0.6, 8]);
  assert.equal(point({ provider: "webgpu" }).recorded, null);
});

test("what was measured here stands beside what was recorded, the latest of it", () => {
  const point = pointOf("pruned", [ownRun(5), ownRun(6)]);
  assert.deepEqual([point.recorded?.time_ms.median, point.own?.time_ms.median], [1, 6]);
  assert.equal(pointOf("bytes", [ownRun(5)]).own, null);
  const elsewhere = pointsOf(facts, { ...choice, batch: 256 }, [ownRun(5)])[1];
  assert.equal(elsewhere.own, null);
});

test("a variant that did not run here says why, and no longer shows an earlier time", () => {
  const point = pointOf("pruned", [ownRun(5), ownRun(6, { pruned: "no such operator" })]);
  assert.deepEqual([point.own, point.failure], [null, "no such operator"]);
});

test("a GPU can be chosen where the device has one, though nothing is recorded on it", () => {
  assert.deepEqual(optionsOf(facts, { webgpu: "" }).providers, ["wasm"]);
  assert.deepEqual(optionsOf(facts, { webgpu: "a GPU" }).providers, ["wasm", "webgpu"]);
  assert.deepEqual([optionsOf(facts, { webgpu: "" }).batches, choice.exam], [[1, 32, 256], "worst"]);
});

test("a table sorts by any column, what is not known last either way", () => {
  const points = pointsOf(facts, choice, [ownRun(5)]);
  const names = (/** @type {import("../../../../web/app/compression/table.js").Order} */ order) =>
    sorted(points, order).map(({ name }) => name);
  assert.deepEqual(names({ key: "time", descending: false }), ["pruned", "broken", "bytes", "whole"]);
  assert.deepEqual(names({ key: "own", descending: false }).slice(0, 2), ["pruned", "whole"]);
  assert.deepEqual(names({ key: "own", descending: true }).slice(0, 2), ["whole", "pruned"]);
  assert.deepEqual(turned({ key: "own", descending: false }, "own"), { key: "own", descending: true });
  assert.deepEqual(turned({ key: "own", descending: true }, "time"), { key: "time", descending: false });
});

test("the CSV has a line for every figure, own ones too, as wide as its head", () => {
  const lines = csvText(facts, [ownRun(5)])
    .trimEnd()
    .split("\r\n");
  assert.equal(lines.length, 1 + 4 * 4 + 2);
  assert.match(lines[0], /^measured,variant,recipe,.*,day_loss,day_low,day_high,night_loss/);
  const recipe = '"structured (kept 0.25), then weight only int8"';
  assert.ok(lines.some((line) => line.startsWith(`recorded,pruned,${recipe},true,true,1000,500,250,wasm,2,32,0.6,`)));
  assert.ok(lines.at(-1)?.startsWith(`here,pruned,${recipe},true,true,1000,500,250,wasm,1,32,5,`));
  const widths = new Set(lines.map((line) => line.replaceAll(/"[^"]*"/g, "").split(",").length));
  assert.equal(widths.size, 1);
});

test("the JSON carries both, and reads back", () => {
  const own = [ownRun(5)];
  const told = JSON.parse(jsonText(facts, "r1", own));
  assert.deepEqual(
    told,
    JSON.parse(JSON.stringify({ format: 1, pipeline: "small", release: "r1", recorded: facts, here: own })),
  );
});

test("a case study shows what it has, on the fewest threads", () => {
  const time = (/** @type {number} */ threads, /** @type {number} */ batch, median_ms = 4, input = "32 tokens") => ({
    ...{ threads, batch, median_ms, input },
  });
  const models = [
    { name: "large", parameters: 61_100_840, times: [time(1, 8), time(1, 1, 9), time(2, 1)] },
    { name: "small", times: [time(1, 1), time(1, 1, 5, "128 tokens")] },
  ];
  const places = placesOf({ models });
  assert.deepEqual(
    places.map(({ batch, input }) => `${batch} ${input}`),
    ["1 32 tokens", "1 128 tokens", "8 32 tokens"],
  );
  const medians = models.map((model) => places.map((place) => timeAt(model, place)?.median_ms ?? null));
  assert.deepEqual(medians, [
    [9, null, 4],
    [4, 5, null],
  ]);
  assert.deepEqual(placesOf({ models: [{ name: "untimed" }] }), []);
});

test("published figures are told with their units", () => {
  const published = {
    imagenet_top1_percent: 57.5,
    size_bytes: 4_800_000,
    sts_b_s: 410,
    parameters: 1_250_000,
    note: {},
  };
  assert.equal(
    publishedText(published, { imagenet_top1_percent: "top-1" }),
    "top-1 57.5%, size bytes 4.8 MB, sts b s 410 s, parameters 1.25 M",
  );
  assert.deepEqual([countInWords(61_100_840), countInWords(undefined)], ["61.1 M", "–"]);
});
