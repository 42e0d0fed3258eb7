import { modelCodec, testCodec, testCommon } from "@cairn/conformance";

testCodec({ codec: modelCodec, test: Deno.test });
testCommon({ codec: modelCodec, test: Deno.test });
