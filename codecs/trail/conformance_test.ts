import { testCodec, testCommon } from "@cairn/conformance";
import { trailCodec } from "./codec.ts";

testCodec({ codec: trailCodec, test: Deno.test });
testCommon({ codec: trailCodec, test: Deno.test });
