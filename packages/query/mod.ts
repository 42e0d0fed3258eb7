/** Doc. @module */
export const name = "query";
