/** Doc. @module */
export const name = "sstable";
