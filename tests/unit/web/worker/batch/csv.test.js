import assert from "node:assert/strict";
import { test } from "node:test";
import { openSource } from "../../../../../web/worker/batch/source.js";
import { readAll } from "./reading.js";

const RECORDS = [
  [1, "JFK", "12"],
  [2, "EWR", ""],
];

for (const [label, delimiter] of Object.entries({ comma: ",", semicolon: ";", tab: "\t", bar: "|" })) {
  test(`the delimiter is the one that stands most often in the header: ${label}`, async () => {
    const text = [`origin${delimiter}delay`, `JFK${delimiter}12`, `EWR${delimiter}`].join("\n");
    const { source, records } = await readAll(text);
    assert.deepEqual(
      source.columns.map(({ name }) => name),
      ["origin", "delay"],
    );
    assert.deepEqual(records, RECORDS);
  });
}

test("delimiters inside the header's quotes are not counted", async () => {
  const { source } = await readAll('"a, b, c";d\n1;2\n');
  assert.deepEqual(
    source.columns.map(({ name }) => name),
    ["a, b, c", "d"],
  );
});

for (const [label, end] of Object.entries({ "line feeds": "\n", both: "\r\n", "carriage returns": "\r" })) {
  test(`lines end in ${label}, and blank ones are no records`, async () => {
    const { records, problems } = await readAll(["origin,delay", "JFK,12", "", "EWR,", "", ""].join(end));
    assert.deepEqual([records, problems], [RECORDS, []]);
  });
}

test("line ends may be mixed", async () => {
  const { records } = await readAll('origin,delay\r\nJFK,12\nEWR,""\r\n');
  assert.deepEqual(records, RECORDS);
});

const ENDS = {
  "a line feed within quotes, in a file of carriage returns": ['a,b\r"1\n2",x\r3,y\r', ["1\n2,x", "3,y"]],
  "a carriage return alone, in a file of line feeds": ["a,b\n1,x\r2,y\n", ["1,x", "2,y"]],
  "two carriage returns before a line feed": ["a,b\r\r\n1,x\r\r\n2,y", ["1,x", "2,y"]],
  "a carriage return at the end of a quoted cell": ['a,b\n1,"x\r"\r\n2,"\r\ny"\n', ["1,x\r", "2,\r\ny"]],
  "a quote within a bare cell, and carriage returns": ['a,b\r5" pipe,x\r6",y\r', ['5" pipe,x', '6",y']],
  "quotes and carriage returns at the file's end": ['a,b\r"1","x"\r"2","y"\r', ["1,x", "2,y"]],
};
for (const [label, [text, rows]] of Object.entries(ENDS)) {
  test(`lines end outside quotes alone: ${label}`, async () => {
    const { records, problems } = await readAll(String(text));
    assert.deepEqual([records.map(([, ...cells]) => cells.join(",")), problems], [rows, []]);
  });
}

test("a long file of carriage returns is read to its end, wherever slices of it end", async () => {
  const lines = Array.from({ length: 30_000 }, (_, place) => `${place + 1},"a ""quoted""\n\r cell",x`);
  const { records, problems } = await readAll(`n,text,more\r${lines.join("\r")}`, { rows: 500 });
  assert.deepEqual([records.length, problems], [30_000, []]);
  assert.ok(records.every(([row, n, text]) => String(row) === n && text === 'a "quoted"\n\r cell'));
});

test("a cell that is empty within quotes is a record, and a blank line none", async () => {
  for (const end of ["\n", "\r\n", "\r"]) {
    const { records } = await readAll(["a", "x", '""', "", "y", '""'].join(end));
    assert.deepEqual(records, [
      [1, "x"],
      [2, ""],
      [3, "y"],
      [4, ""],
    ]);
  }
  const { records, problems } = await readAll('a,b\n1,2\n""\n3,4\n');
  assert.deepEqual(problems, ["got 1 cell, expected 2 (row 2)"]);
  assert.equal(records[1][0], 3);
});

test("many blank lines between records are no end of the file", async () => {
  const { records } = await readAll(`a\n1\n${"\n".repeat(300_000)}2\n`);
  assert.deepEqual(records, [
    [1, "1"],
    [2, "2"],
  ]);
});

test("a file's first part has about as many rows as are asked for", async () => {
  const { source } = await readAll(`origin,delay\n${"JFK,12,a cell more or less\n".repeat(50_000)}`);
  const { record } = (await source.read(source.start, ["origin"], 8192)).next;
  assert.ok(record > 7000 && record < 9500, String(record));
});

test("quoted cells hold delimiters, line ends and quotes", async () => {
  const { records } = await readAll('a,b\n"1,2","x\ny"\n"say ""hi""",\n');
  assert.deepEqual(records, [
    [1, "1,2", "x\ny"],
    [2, 'say "hi"', ""],
  ]);
});

const TEXT = "città,name\nMünchen,Zoë 😀\nÅlesund,Ø\n";
const WORDS = [
  [1, "München", "Zoë 😀"],
  [2, "Ålesund", "Ø"],
];

/** @param {"le" | "be"} order */
function utf16(order) {
  const bytes = Buffer.from(`\ufeff${TEXT}`, "utf16le");
  return new Uint8Array(order === "le" ? bytes : bytes.swap16());
}

const ENCODINGS = {
  "UTF-8": TEXT,
  "UTF-8 with its mark": `\ufeff${TEXT}`,
  "UTF-16, little end first": utf16("le"),
  "UTF-16, big end first": utf16("be"),
};
for (const [label, content] of Object.entries(ENCODINGS)) {
  test(`texts in ${label} are read`, async () => {
    const { source, records } = await readAll(content);
    assert.equal(source.columns[0].name, "città");
    assert.deepEqual(records, WORDS);
  });
}

test("another encoding is refused with the byte, its place, and what to do", async () => {
  const latin = Buffer.concat([Buffer.from("name\n"), Buffer.from("Zoé\n", "latin1")]);
  await assert.rejects(readAll(new Uint8Array(latin)), {
    kind: "validation",
    message: "flights.csv: byte 0xE9 at position 7 is not UTF-8; save the file as UTF-8",
  });
});

test("a wrong byte far behind the beginning is found before a job begins", async () => {
  const lines = Buffer.from(`name\n${"Zoe\n".repeat(2_500_000)}`);
  const place = lines.length - 3;
  lines[place] = 0xff;
  await assert.rejects(readAll(new Uint8Array(lines)), { message: new RegExp(`byte 0xFF at position ${place} is`) });
});

test("a byte of zero is no text: the file is UTF-16 without a mark, or none at all", async () => {
  const message = "flights.csv: byte 0x00 at position 1 is not UTF-8; save the file as UTF-8";
  await assert.rejects(readAll(new Uint8Array(Buffer.from("a,b\n1,2\n", "utf16le"))), { kind: "validation", message });
});

test("a wrong byte after a line of over 4 MiB is found before a job begins, too", async () => {
  for (const [letter, bytes] of /** @type {const} */ ([
    ["x", 1],
    ["ü", 2],
    ["😀", 4],
  ])) {
    const lines = Buffer.from(`name\n${letter.repeat((5 * 2 ** 20) / bytes)}\nZoe\n`);
    await (await openSource(new Blob([lines]), "a.csv")).check();
    lines[lines.length - 3] = 0xff;
    const spoilt = await openSource(new Blob([lines]), "a.csv");
    await assert.rejects(spoilt.check(), { message: new RegExp(`byte 0xFF at position ${lines.length - 3} is not`) });
  }
});

test("a header of over 1 MiB is refused as what it is", async () => {
  for (const header of ["a,".repeat(2 ** 20), `a,"${"b\n".repeat(2 ** 20)}`])
    await assert.rejects(readAll(header), {
      message: /flights\.csv: got a header of over 1 MiB, expected a shorter one/,
    });
});

test("a text cut short in a character is refused", async () => {
  await assert.rejects(readAll(new Uint8Array(Buffer.from("name\nZoë").subarray(0, 8))), {
    message: "flights.csv: byte 0xC3 at position 7 is not UTF-8; save the file as UTF-8",
  });
});

test("a ragged row is a bad row, and the others stay", async () => {
  const { records, problems } = await readAll("a,b\n1,2\n3\n4,5,6\n7,8\n");
  assert.deepEqual(
    records.map(([row]) => row),
    [1, 4],
  );
  assert.deepEqual(problems, ["got 1 cell, expected 2 (row 2)", "got 3 cells, expected 2 (row 3)"]);
});

test("a quote never closed is one bad row, however long the rest", async () => {
  const rest = "3,4\n".repeat(30_000);
  const { records, problems, places } = await readAll(`a,b\n1,2\n"x,y\n${rest}`);
  assert.deepEqual(records, [[1, "1", "2"]]);
  assert.deepEqual(problems, ["got a quote that is never closed, expected one around each quoted cell (row 2)"]);
  assert.deepEqual(places.at(-1)?.record, 2);
});

test("a quote where none may stand spoils its row alone", async () => {
  const { records, problems } = await readAll('a,b\n1,2\n"3"x,4\n5,"6"\n7,8\n');
  assert.deepEqual(records, [
    [1, "1", "2"],
    [3, "5", "6"],
    [4, "7", "8"],
  ]);
  assert.deepEqual(problems, ["got a quote inside a quoted cell, expected it doubled (row 2)"]);
});

const REFUSED = {
  "an empty file": ["", /flights\.csv: got an empty file, expected a header line/],
  "a file of its mark alone": ["\ufeff", /got an empty file/],
  "blank lines": ["\n\r\n\n", /got nothing but blank lines/],
  "a column's name twice": ["a,b,a\n1,2,3\n", /got two columns "a", expected each name once; rename one/],
  "a header whose quote is never closed": ['a,"b\n1,2\n', /got a quote that is never closed/],
};
for (const [label, [content, message]] of Object.entries(REFUSED)) {
  test(`refused as a whole: ${label}`, async () => {
    await assert.rejects(readAll(String(content)), { kind: "validation", message: /** @type {RegExp} */ (message) });
  });
}

test("a header alone is a table without rows", async () => {
  for (const content of ["a,b", "a,b\n", "a,b\r\n\r\n"]) {
    const { records, problems } = await readAll(content);
    assert.deepEqual([records, problems], [[], []]);
  }
});

/** @param {number} row */
function line(row) {
  const text = row % 7 ? `plain ${row}` : `"quoted, ${row}\n😀 ""more"""`;
  return row % 997 === 0 ? `${row}` : `${row},${text},é`;
}

test("a long file gives each row once, wherever reading goes on", async () => {
  const count = 20_000;
  const lines = Array.from({ length: count }, (_, place) => line(place + 1));
  const file = new Blob([`n,text,more\n${lines.join("\n")}`]);
  const whole = await readAll(file, { rows: 500 });
  assert.ok(whole.places.length > 5, `${whole.places.length} places`);
  const ragged = Math.floor(count / 997);
  assert.equal(whole.problems.length, ragged);
  assert.deepEqual(
    whole.records.map(([row]) => row),
    Array.from({ length: count }, (_, place) => place + 1).filter((row) => row % 997),
  );
  assert.ok(whole.records.every(([row, n]) => String(row) === n));
  const middle = whole.places[3];
  const rest = await whole.source.read(middle, ["n"], 500);
  assert.equal(rest.rows[0], whole.records.find(([row]) => Number(row) > middle.record)?.[0]);
});
