import { bitmapCodec } from "@cairn/bitmap";
import { testCodec, testCommon } from "@cairn/conformance";

testCodec({ codec: bitmapCodec, test: Deno.test });
testCommon({ codec: bitmapCodec, test: Deno.test });
