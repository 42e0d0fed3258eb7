/** Doc. @module */
export const name = "conformance";
