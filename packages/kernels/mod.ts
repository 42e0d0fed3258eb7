/** Doc. @module */
export const name = "kernels";
