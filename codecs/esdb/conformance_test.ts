import { testCodec, testCommon } from "@cairn/conformance";
import { esdbCodec } from "@cairn/esdb";

testCodec({ codec: esdbCodec, test: Deno.test });
testCommon({ codec: esdbCodec, test: Deno.test });
