import onnxProto from 'onnx-proto';

import type { Attribute, Constant, Graph, GraphOutput, Node, Value } from './graph.js';
import type { Shape } from './shape.js';
import type { DataType, WeightLocation } from './weight-catalog.js';

const { onnx } = onnxProto;

/** ONNX operator set 21, whose operators are all in ONNX Runtime since 1.18, and the file version that goes with it. */
const OPERATOR_SET = 21;
const IR_VERSION = 10;

const elementTypes: Record<DataType, number> = {
  float32: onnx.TensorProto.DataType.FLOAT,
  float64: onnx.TensorProto.DataType.DOUBLE,
  float16: onnx.TensorProto.DataType.FLOAT16,
  int64: onnx.TensorProto.DataType.INT64,
  int32: onnx.TensorProto.DataType.INT32,
  int8: onnx.TensorProto.DataType.INT8,
  uint8: onnx.TensorProto.DataType.UINT8,
  bool: onnx.TensorProto.DataType.BOOL,
};

/**
 * The graph as an ONNX model. Weights are external data: file names in it are relative to the folder that
 * the session option `session.model_external_initializers_file_folder_path` names.
 */
export function serialize(graph: Graph): Uint8Array {
  const model = onnx.ModelProto.create({
    irVersion: IR_VERSION,
    producerName: 'minigpt4-chat',
    opsetImport: [
      { domain: '', version: OPERATOR_SET },
      { domain: 'com.microsoft', version: 1 },
    ],
    graph: graphProto(graph, 'graph', ({ name }) => name),
  });
  return onnx.ModelProto.encode(model).finish();
}

type GraphProto = ReturnType<typeof onnx.GraphProto.create>;

/** @param outerNameOf names the values of the graph around this one */
function graphProto(graph: Graph, name: string, outerNameOf: NameOf): GraphProto {
  const nameOf = outputNaming(graph, outerNameOf);
  const sequences = graph.outputs.filter(({ kind }) => kind === 'sequence');
  return onnx.GraphProto.create({
    name,
    node: [
      ...graph.nodes.map((node) => nodeProto(node, nameOf)),
      ...sequences.map((output) => sequenceNode(output, nameOf)),
    ],
    initializer: [
      ...graph.constants.map(constantTensor),
      ...[...graph.weights.values()].map(({ value, location }) => externalTensor(value, location)),
    ],
    input: graph.inputs.map((value) => ({ name: value.name, type: tensorType(value) })),
    output: graph.outputs.map((output) => ({ name: output.name, type: outputType(output) })),
  });
}

type NameOf = (value: Value) => string;

/** A value that is an output goes by the output's name; no copy is made just to rename it. */
function outputNaming(graph: Graph, outerNameOf: NameOf): NameOf {
  const names = new Map(
    graph.outputs.map(({ name, value, kind }) => [kind === 'tensor' ? value : null, name]),
  );
  return (value) => names.get(value) ?? outerNameOf(value);
}

function nodeProto({ operator, domain, inputs, outputs, attributes }: Node, nameOf: NameOf) {
  return {
    opType: operator,
    domain,
    name: outputs[0]?.name,
    // An empty name stands for an optional input that is left out (ONNX, "Optional Inputs and Outputs").
    input: inputs.map((value) => (value ? nameOf(value) : '')),
    output: outputs.map(nameOf),
    attribute: Object.entries(attributes).map(([name, attribute]) => attributeProto(name, attribute, nameOf)),
  };
}

const sequenceNode = ({ name, value }: GraphOutput, nameOf: NameOf) => ({
  opType: 'SequenceConstruct',
  name,
  input: [nameOf(value)],
  output: [name],
});

function attributeProto(name: string, attribute: Attribute, nameOf: NameOf) {
  const types = onnx.AttributeProto.AttributeType;
  if ('int' in attribute) return { name, type: types.INT, i: attribute.int };
  if ('float' in attribute) return { name, type: types.FLOAT, f: attribute.float };
  if ('string' in attribute)
    return { name, type: types.STRING, s: new TextEncoder().encode(attribute.string) };
  if ('graph' in attribute) return { name, type: types.GRAPH, g: graphProto(attribute.graph, name, nameOf) };
  return { name, type: types.INTS, ints: [...attribute.ints] };
}

function constantTensor({ value, data }: Constant) {
  return {
    name: value.name,
    dims: knownShape(value),
    dataType: elementTypes[value.dataType],
    rawData: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  };
}

function externalTensor(value: Value, { file, offset, length }: WeightLocation) {
  return {
    name: value.name,
    dims: knownShape(value),
    dataType: elementTypes[value.dataType],
    dataLocation: onnx.TensorProto.DataLocation.EXTERNAL,
    externalData: [
      { key: 'location', value: file },
      { key: 'offset', value: String(offset) },
      { key: 'length', value: String(length) },
    ],
  };
}

function knownShape({ name, shape }: Value): number[] {
  return shape.map((size) => {
    if (typeof size === 'string')
      throw new Error(`The stored tensor "${name}" has the open dimension ${size}`);
    return size;
  });
}

const tensorType = ({ dataType, shape }: Value) => ({
  tensorType: { elemType: elementTypes[dataType], shape: { dim: dimensions(shape) } },
});

const outputType = ({ value, kind }: GraphOutput) =>
  kind === 'tensor' ? tensorType(value) : { sequenceType: { elemType: tensorType(value) } };

const dimensions = (shape: Shape) =>
  shape.map((size) => (typeof size === 'string' ? { dimParam: size } : { dimValue: size }));
