import { modelCodec, testCodec } from "@cairn/conformance";

testCodec({ codec: modelCodec, test: Deno.test });
