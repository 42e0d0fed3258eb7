/** Doc. @module */
export const name = "trail";
