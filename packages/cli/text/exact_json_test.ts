import { assertEquals, assertThrows } from "@std/assert";
import { parseExactJson, plainText } from "./exact_json.ts";

Deno.test("parseExactJson() keeps numbers as they are written", () => {
  const text =
    '{"big":12345678901234567890,"cents":1.50,"in":[9007199254740993,2.0,-0,{"e":1E400}]}';
  assertEquals(JSON.stringify(parseExactJson(text)), text);
  assertThrows(() => parseExactJson('{"a":01}'), SyntaxError);
});

Deno.test("parseExactJson() gives plain values for what fits", () => {
  const text = '{"a":7,"b":-1,"c":0.5,"d":"x","e":null,"f":true}';
  assertEquals(parseExactJson(text), JSON.parse(text));
});

Deno.test("plainText() writes plain values and no others", () => {
  const values = parseExactJson('["x",7,1.50,true,null,{},[]]') as unknown[];
  assertEquals(values.map(plainText), [
    "x",
    "7",
    "1.50",
    "true",
    undefined,
    undefined,
    undefined,
  ]);
  assertEquals(plainText(undefined), undefined);
});
