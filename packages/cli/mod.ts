/** Doc. @module */
export const name = "cli";
