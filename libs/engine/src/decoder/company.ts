/**
 * How many rows the decoder's matrix products are given at least, so that a row's result does not depend on the others.
 * ONNX Runtime 1.30 multiplies quantised matrices by kernels for one row and for several, whose last bits may differ:
 * with AVX2 only a row alone gets the former, with AVX-512 and blocks over 32 the last of any odd number of rows does.
 * Some formats have one kernel for all. Where company is needed, a row of zeros keeps it.
 */
export const companies = ['none', 'never-alone', 'in-pairs'] as const;
export type Company = (typeof companies)[number];

/** With several threads ONNX Runtime cuts the rows of a product into pieces of so many. */
const ROWS_OF_PIECE = 128;

/** How many rows of zeros go beside so many rows. */
export function fillersBeside(rows: number, company: Company): 0 | 1 {
  switch (company) {
    case 'none':
      return 0;
    case 'never-alone':
      return rows % ROWS_OF_PIECE === 1 ? 1 : 0;
    case 'in-pairs':
      return rows % 2 === 1 ? 1 : 0;
  }
}
