import assert from "node:assert/strict";
import { test } from "node:test";
import { ageHoursText, effortText, hoursText, rateText, shareText } from "../../../../web/app/batch/costs-words.js";

test("figures are told with the digits that matter", () => {
  assert.deepEqual([0, 0.0001, 0.0123, 1.44, 234.4].map(hoursText), ["0 h", "0.36 s", "0.012 h", "1.4 h", "234 h"]);
  assert.deepEqual([0, 0.0012, 0.046, 0.5, 1].map(shareText), ["0%", "0.12%", "4.6%", "50%", "100%"]);
  assert.deepEqual([13.46, 1245].map(effortText), ["13 µs", "1.2 ms"]);
  assert.equal(rateText({ median: 41_234, low: 39_876, high: 42_001 }), "41,200 (39,900 to 42,000)");
  assert.deepEqual([12, 0.25].map(ageHoursText), ["12 h", "15 min"]);
});
