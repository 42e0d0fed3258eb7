/** Doc. @module */
export const name = "bitmap";
