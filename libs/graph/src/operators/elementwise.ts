import { CodedError } from '#libs/errors';
import { singleOutput, type Value } from '../graph.js';
import { broadcastShapes } from '../shape.js';
import type { DataType } from '../weight-catalog.js';

function unary(operator: string, x: Value): Value {
  return singleOutput(operator, [x], { dataType: x.dataType, shape: x.shape });
}

export const relu = (x: Value) => unary('Relu', x);

function binary(operator: string, a: Value, b: Value, dataType = a.dataType): Value {
  if (a.dataType !== b.dataType) {
    throw new CodedError(
      'shape',
      `${operator}: "${a.name}" holds ${a.dataType} but "${b.name}" holds ${b.dataType}; cast one of them`,
    );
  }
  return singleOutput(operator, [a, b], { dataType, shape: broadcastShapes(a.shape, b.shape, operator) });
}

export const add = (a: Value, b: Value) => binary('Add', a, b);
export const subtract = (a: Value, b: Value) => binary('Sub', a, b);
export const multiply = (a: Value, b: Value) => binary('Mul', a, b);
export const divide = (a: Value, b: Value) => binary('Div', a, b);
export const minimum = (a: Value, b: Value) => binary('Min', a, b);
export const maximum = (a: Value, b: Value) => binary('Max', a, b);

export const greater = (a: Value, b: Value) => binary('Greater', a, b, 'bool');
export const greaterOrEqual = (a: Value, b: Value) => binary('GreaterOrEqual', a, b, 'bool');
export const equal = (a: Value, b: Value) => binary('Equal', a, b, 'bool');
export const and = (a: Value, b: Value) => binary('And', a, b);
export const or = (a: Value, b: Value) => binary('Or', a, b);
export const not = (x: Value) => unary('Not', x);

export const negate = (x: Value) => unary('Neg', x);
export const floor = (x: Value) => unary('Floor', x);
export const sqrt = (x: Value) => unary('Sqrt', x);
export const exp = (x: Value) => unary('Exp', x);
export const erf = (x: Value) => unary('Erf', x);
export const sigmoid = (x: Value) => unary('Sigmoid', x);

/** Elements of `a` where the condition holds, else of `b`. */
export function where(condition: Value, a: Value, b: Value): Value {
  const shape = broadcastShapes(condition.shape, broadcastShapes(a.shape, b.shape, 'Where'), 'Where');
  return singleOutput('Where', [condition, a, b], { dataType: a.dataType, shape });
}

/** ONNX's numbers for element types (TensorProto.DataType). */
const castTargets: Record<DataType, number> = {
  float32: 1,
  uint8: 2,
  int8: 3,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
};

export function cast(x: Value, dataType: DataType): Value {
  if (x.dataType === dataType) return x;
  return singleOutput('Cast', [x], { dataType, shape: x.shape }, { to: { int: castTargets[dataType] } });
}
