/** Doc. @module */
export const name = "esdb";
