/** @file The matrices whose curvature a run measures: each with its product, and the products with all its diagonal blocks at once. */
import { triangularProduct } from './blocks.ts';
import { fisher, gaussNewton, jacobianProduct, modelFisher, type JacobianForm } from './gaussNewton.ts';
import { columnBlocks, columnCount, columnsFit, linearInEachLayer, triangularBlocks } from './jacobianBlocks.ts';
import { hessianProduct, type LayeredObjective, type Product } from './lanczos.ts';

export interface CurvatureMatrix {
  /** What its metrics' names begin with. */
  readonly name: 'hessian' | 'ggn' | 'fisher' | 'modelFisher';
  /** May have negative eigenvalues, whose ends are measured as well. */
  readonly signed: boolean;
  readonly product: Product;
  /** All diagonal blocks, (L + 1)/3 gradients. */
  readonly triangle: Product;
  /** All diagonal blocks, (K + 4)/3 gradients. */
  readonly columns: Product;
  /** K where `columns` makes them, else null. */
  columnCount(objective: LayeredObjective): number | null;
}

const ofForm = (name: CurvatureMatrix['name'], form: JacobianForm): CurvatureMatrix => ({
  name,
  signed: false,
  product: jacobianProduct(form),
  triangle: triangularBlocks(form),
  columns: columnBlocks(form),
  columnCount: (objective) => (columnsFit(form, objective) ? columnCount(form, objective) : null),
});

export const ggnMatrix = ofForm('ggn', gaussNewton);
export const fisherMatrix = ofForm('fisher', fisher);
export const modelFisherMatrix = ofForm('modelFisher', modelFisher);
export const hessianMatrix: CurvatureMatrix = {
  name: 'hessian',
  signed: true,
  product: hessianProduct,
  triangle: triangularProduct,
  columns: ggnMatrix.columns,
  columnCount: (objective) => (linearInEachLayer(objective) ? ggnMatrix.columnCount(objective) : null),
};
