import { testCodec, testCommon } from "@cairn/conformance";
import { ndjsonCodec } from "./mod.ts";

testCodec({ codec: ndjsonCodec, test: Deno.test });
testCommon({ codec: ndjsonCodec, test: Deno.test });
